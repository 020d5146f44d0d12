"""Whether the prober itself was fit to judge: it had CPU, memory, and an event loop that kept time.

Samples of the prober's own machine, or of its Pod, come in; a fault of ours comes out, or nothing. A measure counts
only where it was bad for most of the window: a browser that launches, or a decoder that begins, fills every core for a
moment, and that is no starvation. `None` means that the machine does not say. A starved prober still cannot be blamed
for what others said in so many words: `excuses` tells which failures stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from prober.domain.errors import Fault
from prober.domain.reasons import Layer, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSample:
    """What the prober's own state was over one interval.

    Attributes:
        at_s: When the interval ended, in seconds of a clock that never jumps.
        loop_lag_s: How much later than asked the event loop woke, in seconds.
        throttled_ratio: Share of the interval in which the CPU quota kept threads of ours from running; more than 1
            where several were kept.
        cpu_some_ratio: Share of the interval in which some task waited for a CPU (pressure stall information).
        memory_some_ratio: The same for memory.
        load: Tasks that run or wait to run, for each CPU.
        disk_free_ratio: Share of the temporary files' disk that is free.
    """

    at_s: float
    loop_lag_s: float
    throttled_ratio: float | None = None
    cpu_some_ratio: float | None = None
    memory_some_ratio: float | None = None
    load: float | None = None
    disk_free_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthThresholds:
    """From where on a sample is bad, and how many of them starve a window.

    Measured on two cores, samples every 0.5 s: sound runs with their lab on the same machine showed a CPU pressure of
    0.72 at the median and 0.89 at most; beside two busy processes per core it was 0.98 at the median, and above 0.9 in
    86 % of the samples. An idle machine showed 0.02. The event loop was late by 0.01 s in all of them.

    Attributes:
        loop_lag_s: In seconds; as much as an input's whole warning limit.
        throttled_ratio: A quota that is met now and then costs a few hundredths.
        cpu_some_ratio: Of the interval; see above.
        memory_some_ratio: Of the interval; sound machines show 0.
        load: Where nothing better is told; two busy processes per core alone make 2.
        disk_free_ratio: Below it, since a browser without room for its files fails anyhow.
        share: The share of the window's samples that must be bad.
        least_samples: Fewer samples say nothing.
    """

    loop_lag_s: float = 0.15
    throttled_ratio: float = 0.25
    cpu_some_ratio: float = 0.9
    memory_some_ratio: float = 0.4
    load: float = 3.0
    disk_free_ratio: float = 0.01
    share: float = 0.6
    least_samples: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    """One measure over the window.

    Attributes:
        words: What it is, with the value's format.
        limit: Its edge.
        values: What was told, oldest first.
        less_is_worse: Whether the edge is a lower one.
    """

    words: str
    limit: float
    values: tuple[float, ...] = field(default=())
    less_is_worse: bool = False

    def bad_share(self) -> float:
        """Returns the share of the samples beyond the limit."""
        bad = sum(value < self.limit if self.less_is_worse else value > self.limit for value in self.values)
        return bad / len(self.values) if self.values else 0.0

    def fact(self) -> str:
        """Says the middle value beside the limit, with the share of the window."""
        middle = sorted(self.values)[len(self.values) // 2]
        edge = self.words.split("{", 1)[1].split("}", 1)[0]
        limit = f"{{{edge}}}".format(self.limit)
        value = f"{self.words.format(middle)} at the median (limit {limit})"
        return f"{value}, beyond it in {self.bad_share():.0%} of the window"


def taken_until(samples: Sequence[HealthSample], end_s: float) -> Sequence[HealthSample]:
    """Returns the samples of a time that ended then, the one included during whose interval it ended.

    Args:
        samples: Some, oldest first.
        end_s: In seconds of the samples' clock.
    """
    beyond = next((place for place, sample in enumerate(samples) if sample.at_s >= end_s), len(samples))
    return samples[: beyond + 1]


def judge_health(samples: Sequence[HealthSample], *, thresholds: HealthThresholds | None = None) -> Fault | None:
    """Tells whether the prober was starved while the samples were taken; the most telling measure comes first.

    Args:
        samples: Those of the window in question.
        thresholds: The limits; the defaults where left out.
    """
    limits = thresholds or HealthThresholds()
    if len(samples) < limits.least_samples:
        return None
    starved = [
        measure
        for measure in _measures(samples, limits)
        if len(measure.values) >= limits.least_samples and measure.bad_share() >= limits.share
    ]
    if not starved:
        return None
    facts = tuple(measure.fact() for measure in starved)
    return Fault(reason=Reason.PROBER_STARVED, summary=f"the prober was starved: {facts[0]}", facts=facts)


def _measures(samples: Sequence[HealthSample], limits: HealthThresholds) -> list[_Measure]:
    pressures = _told(sample.cpu_some_ratio for sample in samples)
    return [
        _Measure(
            words="CPU throttled by the quota for {:.0%} of the time",
            limit=limits.throttled_ratio,
            values=_told(sample.throttled_ratio for sample in samples),
        ),
        _Measure(words="tasks waited for a CPU for {:.0%} of the time", limit=limits.cpu_some_ratio, values=pressures),
        _Measure(
            words="the event loop woke {:.3f} s late",
            limit=limits.loop_lag_s,
            values=_told(sample.loop_lag_s for sample in samples),
        ),
        _Measure(
            words="tasks waited for memory for {:.0%} of the time",
            limit=limits.memory_some_ratio,
            values=_told(sample.memory_some_ratio for sample in samples),
        ),
        _Measure(
            words="{:.1f} tasks ran or waited for each CPU",
            limit=limits.load,
            # A count of the moment, and of the whole node in a Pod: pressure knows better where it is told.
            values=() if pressures else _told(sample.load for sample in samples),
        ),
        _Measure(
            words="{:.1%} of the disk were free",
            limit=limits.disk_free_ratio,
            values=_told(sample.disk_free_ratio for sample in samples),
            less_is_worse=True,
        ),
    ]


def _told(values: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)


STANDING: dict[Reason, str] = {
    Reason.RBAC_DENIED: "the API server refused",
    Reason.QUOTA_EXCEEDED: "the API server refused",
    Reason.ADMISSION_REJECTED: "the API server refused",
    Reason.CRD_MISSING: "the API server answered",
    Reason.TEMPLATE_NOT_FOUND: "the platform said so",
    Reason.PHASE_FAILED: "the platform said so",
    Reason.UNSCHEDULABLE: "the scheduler said so",
    Reason.GPU_UNAVAILABLE: "the scheduler said so",
    Reason.IMAGE_PULL: "the kubelet said so",
    Reason.CRASH_LOOP: "the kubelet said so",
    Reason.OOM_KILLED: "the kubelet said so",
    Reason.VOLUME_PENDING: "the cluster's events said so",
    Reason.INIT_STUCK: "the kubelet says which container does not finish",
    Reason.URL_MISSING: "the status has none, however late it is read",
    Reason.URL_REJECTED: "the URL itself is wrong",
    Reason.HTTP_404_ROUTE: "the ingress answered",
    Reason.HTTP_5XX: "the URL answered",
    Reason.HOST_COLLISION: "another session answered",
    Reason.AUTH_REJECTED: "the credentials were refused",
    Reason.TOKEN_INVALID: "the token was refused",
    Reason.TOKEN_EXPIRED: "the token was refused",
    Reason.ACCESS_NOT_ENFORCED: "a stranger got in",
    Reason.WRONG_TRANSPORT: "the page chose another transport",
    Reason.CODEC_UNSUPPORTED: "the descriptions share no codec",
    Reason.TURN_AUTH_FAILED: "the TURN server refused",
    Reason.DELETE_REJECTED: "the API server refused",
    Reason.FINALIZER_STUCK: "the API server shows the finalizer",
    Reason.CHILD_LEFT: "the API server shows the object",
    Reason.URL_STILL_SERVING: "the URL answered",
}
"""The failures that stand however slow the prober was, with why: somebody else said so. What is not here was found by
waiting, or measured by us, and a starved prober waits and measures badly: timeouts, connections that were not made in
time, an MFA code that was typed too late, a form not drawn yet, frames, losses, jitter, input."""


def excuses(fault: Fault, starved: Fault | None) -> bool:
    """Tells whether a failure may be the doing of the prober's own starvation, and is an error of ours then.

    Args:
        fault: Why the run failed.
        starved: What `judge_health` said of the run's time.
    """
    return starved is not None and fault.reason not in STANDING and fault.reason not in _OURS


_OURS = frozenset({reason for reason in Reason if reason.layer is Layer.PROBER} - {Reason.DEADLINE_EXCEEDED})
"""Our own errors keep their more exact names; a deadline of ours that passed has no better cause than starvation."""
