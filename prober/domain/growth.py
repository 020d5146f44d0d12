"""How much the counters of a window grew."""

from collections.abc import Sequence
from itertools import pairwise

from prober.domain.absent import count_delta, delta
from prober.domain.stream import StreamSample

_OF_THE_PAGE = frozenset({"frames_rendered", "disconnections"})
"""Counters that the page keeps over all of its connections; all others are those of one connection."""


class Growth:
    """The growth of a sample's counters, by the name of the field, from the first sample to the last.

    A counter that fell on the way was begun anew, and one of another connection than before is another counter: how
    much they grew cannot be told, even where the last value is above the first.
    """

    def __init__(self, samples: Sequence[StreamSample]) -> None:
        self._samples = samples

    def of(self, counter: str) -> float | None:
        """Returns how much a sum grew; absent where an end is absent or the sum was begun anew."""
        first, last = self._ends(counter)
        return delta(first, last) if self._steady(counter) else None

    def count(self, counter: str) -> int | None:
        """Returns how much a count grew; absent as in `of`."""
        first, last = self._ends(counter)
        return count_delta(first, last) if self._steady(counter) else None

    def lost(self, counter: str) -> int | None:
        """Returns how much a count that may fall grew: late packets, which make `packetsLost` fall, are not lost."""
        first, last = self._ends(counter)
        same = self._of_one_source(counter)
        return max(last - first, 0) if same and first is not None and last is not None else None

    def steps(self, counter: str) -> list[float]:
        """Returns how much a sum grew up to each sample after the first; what was not told comes with the next word."""
        grown: list[float] = []
        before: float | None = None
        for sample in self._samples:
            value: float | None = getattr(sample, counter)
            grown.append(delta(before, value) or 0.0)
            before = before if value is None else value
        return grown[1:]

    def _of_one_source(self, counter: str) -> bool:
        """Tells whether one connection counted all the time; the sound may come over another one than the picture."""
        name = "audio_source" if counter.startswith("audio_") else "source"
        sources = {getattr(sample, name) for sample in self._samples} - {None}
        return counter in _OF_THE_PAGE or len(sources) <= 1

    def _ends(self, counter: str) -> tuple[int | None, int | None]:
        return getattr(self._samples[0], counter), getattr(self._samples[-1], counter)

    def _steady(self, counter: str) -> bool:
        """Tells whether all samples counted the same thing, and from one beginning."""
        told = [value for sample in self._samples if (value := getattr(sample, counter)) is not None]
        return self._of_one_source(counter) and all(earlier <= later for earlier, later in pairwise(told))
