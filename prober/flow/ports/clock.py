"""The port for reading time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Two clocks: one for durations, one for people."""

    def monotonic(self) -> float:
        """Returns seconds on a clock that never jumps."""

    def now(self) -> datetime:
        """Returns the wall clock's time, in UTC."""
