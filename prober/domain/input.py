"""Does the desktop react to input, and how soon?

It is given one latency per repetition, from the trusted input event in the page to the display time of the first
frame whose region changed. `None` is a miss: nothing changed in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from prober.domain.quantiles import quantile
from prober.domain.reasons import Reason
from prober.domain.stream import Finding, Verdict, over
from prober.domain.thresholds import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSummary:
    """What the repetitions come to; latencies in seconds."""

    repetitions: int
    misses: int
    p50_s: float | None = None
    p95_s: float | None = None


def summarise_input(latencies: Sequence[float | None]) -> InputSummary:
    """Reduces the repetitions to quantiles of the hits and a count of the misses."""
    hits = [latency for latency in latencies if latency is not None]
    return InputSummary(
        repetitions=len(latencies),
        misses=len(latencies) - len(hits),
        p50_s=quantile(hits, 0.5),
        p95_s=quantile(hits, 0.95),
    )


def judge_input(summary: InputSummary, limit: Limit) -> Verdict:
    """Judges the repetitions: each miss counts, half of them make the input dead; slow by the median of the hits."""
    findings = []
    if summary.misses:
        fact = f"{summary.misses} of {summary.repetitions} inputs changed no pixel"
        dead = summary.misses * 2 >= summary.repetitions
        findings.append(Finding(reason=Reason.INPUT_DEAD, bad=dead, fact=fact))
    slow = over(Reason.INPUT_SLOW, summary.p50_s, limit, "input to pixel {:.3f} s at the median")
    if slow is not None:
        findings.append(slow)
    return Verdict(findings=tuple(findings))
