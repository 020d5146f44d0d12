"""A clock that follows the event loop, so that fake loop time is the only time there is."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from prober.flow.ports.clock import Clock

WALL_START: Final = datetime(2026, 11, 22, 9, 40, 19, 123000, tzinfo=UTC)
"""The wall clock's time when the loop's clock reads 0."""


class FakeClock(Clock):
    """Reads the running loop's time; the wall clock is a fixed start later."""

    def monotonic(self) -> float:
        """Returns the loop's time, in seconds."""
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        """Returns the wall clock's time, in UTC."""
        return WALL_START + timedelta(seconds=self.monotonic())
