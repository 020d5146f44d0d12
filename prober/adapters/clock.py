"""The machine's clocks."""

import time
from datetime import UTC, datetime

from prober.flow.ports.clock import Clock


class SystemClock(Clock):
    """Reads the system's monotonic clock for durations, its wall clock for people."""

    def monotonic(self) -> float:
        """Returns seconds on a clock that never jumps."""
        return time.monotonic()

    def now(self) -> datetime:
        """Returns the wall clock's time, in UTC."""
        return datetime.now(UTC)
