"""Does the desktop react to input, and how soon?

It is given one latency per repetition, from the trusted input event in the page to the display time of the first
frame whose region changed. `None` is a miss: nothing changed in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from prober.domain.finding import Finding, Rule, Verdict, over
from prober.domain.quantiles import quantile
from prober.domain.thresholds import Limit

_DEAD_RATIO = 0.5
"""A desktop that misses every second input cannot be worked with."""


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
    words = "input to pixel, at the median, {:.3f} s"
    found = [_missed(summary), over(Rule.INPUT_LATENCY, summary.p50_s, limit, words=words, window_s=None)]
    return Verdict(findings=tuple(finding for finding in found if finding is not None))


def _missed(summary: InputSummary) -> Finding | None:
    if not summary.misses:
        return None
    share = summary.misses / summary.repetitions
    dead = share >= _DEAD_RATIO
    fact = f"{summary.misses} of {summary.repetitions} inputs changed no pixel"
    return Finding(rule=Rule.INPUT_MISSES, bad=dead, fact=fact, value=share, limit=_DEAD_RATIO if dead else 0.0)
