"""Does the desktop react to input, and how soon?

It is given one latency per repetition, from the trusted input event in the page to the display time of the first
frame whose region changed. `None` is a miss: nothing changed in time. Where the picture moves so much by itself that
no reaction could be told from it, there is neither a hit nor a miss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from prober.domain.finding import Finding, Rule, Verdict, over
from prober.domain.quantiles import quantile
from prober.domain.thresholds import Limit

_DEAD_RATIO = 0.5
"""A desktop that misses every second input cannot be worked with."""

_LEAST_TRIES = 3
"""Of fewer repetitions, unless no more were planned, misses make no input dead: one may be an accident."""


class Unmeasured(Enum):
    """What a repetition says that can be told neither for a hit nor for a miss."""

    RESTLESS = "restless"
    """The picture moves by itself so much that no reaction would stand out."""


RESTLESS: Final = Unmeasured.RESTLESS

InputTry: TypeAlias = float | Unmeasured | None
"""One repetition: its latency in seconds, `None` for a miss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSummary:
    """What the repetitions come to; latencies in seconds.

    Attributes:
        repetitions: How many were hits or misses.
        misses: How many changed no pixel in time.
        planned: How many there were to be; `None` where as many as there were.
        unmeasured: How many were neither a hit nor a miss.
        p50_s: The median of the hits.
        p95_s: Their 95th percentile.
    """

    repetitions: int
    misses: int
    planned: int | None = None
    unmeasured: int = 0
    p50_s: float | None = None
    p95_s: float | None = None

    @property
    def enough(self) -> bool:
        """Whether there were enough hits and misses to call the input dead."""
        return self.repetitions >= min(_LEAST_TRIES, self.planned or self.repetitions)


def summarise_input(tries: Sequence[InputTry], *, planned: int | None = None) -> InputSummary:
    """Reduces the repetitions to quantiles of the hits and a count of the misses.

    Args:
        tries: The repetitions that were made.
        planned: How many there were to be; `None` takes those that were made.
    """
    measured = [latency for latency in tries if not isinstance(latency, Unmeasured)]
    hits = [latency for latency in measured if latency is not None]
    return InputSummary(
        repetitions=len(measured),
        misses=len(measured) - len(hits),
        planned=planned,
        unmeasured=len(tries) - len(measured),
        p50_s=quantile(hits, 0.5),
        p95_s=quantile(hits, 0.95),
    )


def judge_input(summary: InputSummary, limit: Limit) -> Verdict:
    """Judges the repetitions: each miss counts, half of them make the input dead; slow by the median of the hits.

    Misses of fewer repetitions than it takes to tell only degrade.
    """
    words = "input to pixel, at the median, {:.3f} s"
    found = [_missed(summary), over(Rule.INPUT_LATENCY, summary.p50_s, limit, words=words, window_s=None)]
    return Verdict(findings=tuple(finding for finding in found if finding is not None))


def _missed(summary: InputSummary) -> Finding | None:
    if not summary.misses:
        return None
    share = summary.misses / summary.repetitions
    dead = share >= _DEAD_RATIO and summary.enough
    fact = f"{summary.misses} of {summary.repetitions} inputs changed no pixel"
    return Finding(rule=Rule.INPUT_MISSES, bad=dead, fact=fact, value=share, limit=_DEAD_RATIO if dead else 0.0)
