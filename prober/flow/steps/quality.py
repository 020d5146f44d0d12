"""The steps that measure: the stream over its window, the input by its repetitions."""

import asyncio
from dataclasses import dataclass, replace

from prober.domain.carried import transport_of
from prober.domain.connection import Connections
from prober.domain.errors import ProberFailed
from prober.domain.input import InputSummary, InputTry, summarise_input
from prober.domain.opened import opened
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath, WebrtcSummary
from prober.domain.stream import StreamSample, StreamSummary
from prober.domain.target import InputPlan, StreamPlan, Target
from prober.domain.window import summarise
from prober.flow.journal import StepNotes
from prober.flow.ports import Clock, Desktop
from prober.flow.ports.desktop import STIMULUS_S

LEAST_PAUSE_S = 0.001
"""The shortest wait between two looks, in seconds: clocks round, and a wait for less than their grain never ends."""

INPUT_TIMEOUT_S = 1.0
"""How long one input may go without a changed pixel before it is a miss, in seconds; twice the failing limit where that
is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the window showed: the stream, and at its end what carried it: connections, network path, codec."""

    stream: StreamSummary
    connections: Connections
    path: NetworkPath | None
    codec: str | None


async def observe(desktop: Desktop, *, target: Target, clock: Clock) -> Observation:
    """Samples the stream over the target's window, under its stimulus.

    Raises:
        ProberFailed: `deadline_exceeded` when our own browser did not get its samples in time.
    """
    plan, budget_s = target.stream, target.budgets.stream
    samples: list[StreamSample] = []
    try:
        async with asyncio.timeout(plan.window_s + budget_s):
            await _sample(desktop, plan=plan, clock=clock, samples=samples)
            connections = await desktop.connections()
            path, codec = await desktop.describe_path()
    except TimeoutError:
        summary = f"the window of {plan.window_s:g} s was not observed within {budget_s:g} s more"
        raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary) from None
    stream = summarise(samples, settle_s=plan.settle_s, blank_luma=target.thresholds.blank_luma)
    if stream.window_s <= 0:
        summary = f"of a window of {plan.window_s:g} s nothing was sampled after its first {plan.settle_s:g} s"
        raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary)
    return Observation(stream=stream, connections=connections, path=path, codec=codec)


async def _sample(desktop: Desktop, *, plan: StreamPlan, clock: Clock, samples: list[StreamSample]) -> None:
    begin = clock.monotonic()
    end, due = begin + plan.window_s, begin
    while (now := clock.monotonic()) < end or len(samples) < 2:  # noqa: PLR2004 - a delta needs two
        if now >= due:
            samples.append(await _stamped(desktop, clock=clock))
            due = max(due + plan.sample_every_s, clock.monotonic())
        pause_s = max(LEAST_PAUSE_S, min(STIMULUS_S, due - clock.monotonic()))
        if plan.stimulated:
            await desktop.stimulate(plan.stimulus, for_s=pause_s)
        else:
            await asyncio.sleep(pause_s)
    samples.append(await _stamped(desktop, clock=clock))


async def _stamped(desktop: Desktop, *, clock: Clock) -> StreamSample:
    """Takes a sample with its time by our own clock: the page's begins anew when the page does."""
    sample = await desktop.sample()
    return replace(sample, taken_s=clock.monotonic())


def observed_summary(summary: WebrtcSummary, observation: Observation) -> WebrtcSummary:
    """Adds to the WebRTC summary what the window came to."""
    return replace(
        summary.with_stream(observation.stream),
        transport=transport_of(observation.connections).value,
        path=observation.path,
        codec=observation.codec,
        opened=opened(observation.connections),
    )


async def try_inputs(desktop: Desktop, *, plan: InputPlan, target: Target, notes: StepNotes) -> InputSummary:
    """Repeats the client's harmless input; those that the budget leaves no time for are left out, which is noted.

    Raises:
        ProberFailed: `deadline_exceeded` when not even one could be tried.
    """
    tries: list[InputTry] = []
    budget_s = target.budgets.input
    patience_s = max(INPUT_TIMEOUT_S, 2 * target.thresholds.input_s.fail)
    try:
        async with asyncio.timeout(budget_s):
            for _ in range(plan.repetitions):
                tries.append(await desktop.try_input(timeout_s=patience_s))  # noqa: PERF401 - what was tried before the timeout counts
    except TimeoutError:
        if not tries:
            summary = f"not one input could be tried within {budget_s:g} s"
            raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary) from None
        notes.notes.append(f"{len(tries)} of {plan.repetitions} inputs were tried within {budget_s:g} s")
    tried = summarise_input(tries, planned=plan.repetitions)
    if tried.unmeasured:
        notes.notes.append(f"{tried.unmeasured} inputs could not be measured: the picture moves too much by itself")
    return tried


def tried_summary(summary: WebrtcSummary, tried: InputSummary) -> WebrtcSummary:
    """Adds to the WebRTC summary what the inputs came to."""
    return replace(
        summary,
        input_latency_p50_s=tried.p50_s,
        input_latency_p95_s=tried.p95_s,
        input_repetitions=tried.repetitions,
        input_misses=tried.misses,
    )
