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
    """Judges the repetitions: dead when more than half of them miss, slow by the median of the others."""
    if summary.repetitions and summary.misses * 2 > summary.repetitions:
        fact = f"{summary.misses} of {summary.repetitions} inputs changed no pixel"
        return Verdict(findings=(Finding(reason=Reason.INPUT_DEAD, bad=True, fact=fact),))
    slow = over(Reason.INPUT_SLOW, summary.p50_s, limit, "input to pixel {:.3f} s at the median")
    return Verdict(findings=() if slow is None else (slow,))
