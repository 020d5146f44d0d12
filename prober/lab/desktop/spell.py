"""Times at which something is out of order, counted from the first frame that a desktop's first visitor was sent.

Counted so, a spell lies in the same part of a probe's observation, however long connecting took. Sans I/O.
"""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One time, or the same again and again; all in seconds.

    Attributes:
        after_s: From the first frame to the beginning.
        lasts_s: From the beginning to the end; infinite for one without an end.
        every_s: From one beginning to the next; `None` for a spell that comes once.
    """

    after_s: float
    lasts_s: float = inf
    every_s: float | None = None

    def remaining(self, elapsed: float | None) -> float:
        """Returns how long it still lasts, in seconds; 0 outside of it.

        Args:
            elapsed: Seconds since the first frame; `None` before it.
        """
        if elapsed is None or elapsed < self.after_s:
            return 0.0
        since = elapsed - self.after_s
        if self.every_s is not None:
            since %= self.every_s
        return max(0.0, self.lasts_s - since)
