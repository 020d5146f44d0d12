"""The steps that judge: the stream over its window, the input by its repetitions."""

import asyncio
from dataclasses import dataclass, replace

from prober.domain.errors import Fault, ProberFailed, failed
from prober.domain.input import InputSummary, judge_input, summarise_input
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath, WebrtcSummary
from prober.domain.stream import StreamSample, StreamSummary, Verdict, judge
from prober.domain.target import InputPlan, StreamPlan
from prober.domain.thresholds import Limit, Thresholds
from prober.domain.window import summarise
from prober.flow.journal import StepNotes
from prober.flow.ports import Clock, Desktop

STIMULUS_EVERY_S = 0.2
"""Distance of the pointer's movements, in seconds: a desktop that draws on damage stays busy with five a second."""

LEAST_PAUSE_S = 0.001
"""The shortest wait between two looks, in seconds: clocks round, and a wait for less than their grain never ends."""

INPUT_TIMEOUT_S = 1.0
"""How long one input may go without a changed pixel before it is a miss, in seconds; twice the failing limit where that
is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the window showed: the stream, the network path that carried it, the codec."""

    stream: StreamSummary
    path: NetworkPath | None
    codec: str | None


async def observe(
    desktop: Desktop, *, plan: StreamPlan, thresholds: Thresholds, clock: Clock, budget_s: float
) -> Observation:
    """Samples the stream over the window, under the plan's stimulus.

    Args:
        desktop: The desktop looked at.
        plan: Window, sampling and stimulus.
        thresholds: Say what is blank.
        clock: For pacing.
        budget_s: What may pass beyond the window, in seconds.

    Raises:
        ProberFailed: `deadline_exceeded` when our own browser did not get its samples in time.
    """
    samples: list[StreamSample] = []
    try:
        async with asyncio.timeout(plan.window_s + budget_s):
            await _sample(desktop, plan=plan, clock=clock, samples=samples)
            path, codec = await desktop.describe_path()
    except TimeoutError:
        summary = f"the window of {plan.window_s:g} s was not observed within {budget_s:g} s more"
        raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary) from None
    stream = summarise(samples, settle_s=plan.settle_s, blank_luma=thresholds.blank_luma)
    if stream.window_s <= 0:
        summary = f"of a window of {plan.window_s:g} s nothing was sampled after its first {plan.settle_s:g} s"
        raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary)
    return Observation(stream=stream, path=path, codec=codec)


async def _sample(desktop: Desktop, *, plan: StreamPlan, clock: Clock, samples: list[StreamSample]) -> None:
    begin = clock.monotonic()
    end, due = begin + plan.window_s, begin
    while (now := clock.monotonic()) < end or len(samples) < 2:  # noqa: PLR2004 - a delta needs two
        if now >= due:
            samples.append(await desktop.sample())
            due = max(due + plan.sample_every_s, clock.monotonic())
        if plan.stimulated:
            await desktop.stimulate(plan.stimulus)
        await asyncio.sleep(max(LEAST_PAUSE_S, min(STIMULUS_EVERY_S, due - clock.monotonic())))
    samples.append(await desktop.sample())


def judge_stream(summary: StreamSummary, thresholds: Thresholds, *, plan: StreamPlan) -> tuple[str, ...]:
    """Returns the warnings of a stream that is not bad.

    Raises:
        TargetFailed: The deciding rule's reason, when it is bad.
    """
    return _accept(judge(summary, thresholds, stimulated=plan.stimulated))


def observed_summary(summary: WebrtcSummary, observation: Observation) -> WebrtcSummary:
    """Adds to the WebRTC summary what the window came to."""
    stream = observation.stream
    return replace(
        summary,
        frames_per_second=stream.frames_per_second,
        frames_dropped_ratio=stream.frames_dropped_ratio,
        round_trip_time_s=stream.round_trip_s,
        jitter_s=stream.jitter_s,
        jitter_buffer_delay_s=stream.jitter_buffer_s,
        packet_loss_ratio=stream.packet_loss_ratio,
        freeze_ratio=stream.freeze_ratio,
        bitrate_bits_per_second=stream.bitrate_bits_per_second,
        frame_height_pixels=stream.height,
        path=observation.path,
        codec=observation.codec,
    )


async def try_inputs(
    desktop: Desktop, *, plan: InputPlan, limit: Limit, budget_s: float, notes: StepNotes
) -> InputSummary:
    """Repeats the client's harmless input; those that the budget leaves no time for are left out, which is noted.

    Raises:
        ProberFailed: `deadline_exceeded` when not even one could be tried.
    """
    latencies: list[float | None] = []
    patience_s = max(INPUT_TIMEOUT_S, 2 * limit.fail)
    try:
        async with asyncio.timeout(budget_s):
            for _ in range(plan.repetitions):
                latencies.append(await desktop.try_input(timeout_s=patience_s))  # noqa: PERF401 - what was tried before the timeout counts
    except TimeoutError:
        if not latencies:
            summary = f"not one input could be tried within {budget_s:g} s"
            raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary) from None
        notes.notes.append(f"{len(latencies)} of {plan.repetitions} inputs were tried within {budget_s:g} s")
    return summarise_input(latencies)


def judge_inputs(summary: InputSummary, limit: Limit) -> tuple[str, ...]:
    """Returns the warnings of input that is not bad.

    Raises:
        TargetFailed: `input_dead` or `input_slow`.
    """
    return _accept(judge_input(summary, limit))


def _accept(verdict: Verdict) -> tuple[str, ...]:
    rule = verdict.deciding
    if rule is not None:
        raise failed(Fault(reason=rule.reason, summary=rule.fact))
    return verdict.warnings
