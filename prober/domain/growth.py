"""How much the counters of a window grew."""

from collections.abc import Sequence

from prober.domain.absent import count_delta, delta
from prober.domain.stream import StreamSample


class Growth:
    """The growth of a sample's counters, by the name of the field, from the first sample to the last."""

    def __init__(self, samples: Sequence[StreamSample]) -> None:
        self._first, self._last = samples[0], samples[-1]

    def of(self, counter: str) -> float | None:
        """Returns how much a sum grew; absent where an end is absent or the sum was begun anew."""
        return delta(getattr(self._first, counter), getattr(self._last, counter))

    def count(self, counter: str) -> int | None:
        """Returns how much a count grew; absent as in `of`."""
        return count_delta(getattr(self._first, counter), getattr(self._last, counter))

    def lost(self, counter: str) -> int | None:
        """Returns how much a count that may fall grew: late packets, which make `packetsLost` fall, are not lost."""
        first: int | None = getattr(self._first, counter)
        last: int | None = getattr(self._last, counter)
        return None if first is None or last is None else max(last - first, 0)
