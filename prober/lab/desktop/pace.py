"""When the next frame is due.

A clock ticks at the frame rate. A change on the screen does not wait for the tick: it wakes the pacer, so that the
changed picture is in the next frame. While the picture stands still neither counts. Without a clock there is a
first frame, then one after each change.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf


def moving() -> float:
    """Says for how long the picture stands still, in seconds: not at all."""
    return 0.0


class Pacer:
    """Keeps one stream of frames in time.

    Attributes:
        shortest: The shortest time between two frames, in seconds.
    """

    def __init__(self, *, frame_rate: float, highest_rate: float, still: Callable[[], float] = moving) -> None:
        """Make a pacer.

        Args:
            frame_rate: Frames per second of an untouched desktop; 0 for no more than the first frame.
            highest_rate: Frames per second that changes can drive it to.
            still: Says for how long the picture stands still from now on, in seconds.
        """
        self.shortest = 1 / highest_rate
        self._period = 1 / frame_rate if frame_rate > 0 else inf
        self._still = still
        self._woken = asyncio.Event()
        self._due = self._earliest = time.monotonic()

    def wake(self) -> None:
        """Say that the screen has changed."""
        self._woken.set()

    async def wait(self) -> None:
        """Wait until it is time for a frame."""
        await _pass(self._still())
        await asyncio.sleep(max(0.0, self._earliest - time.monotonic()))
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._due - time.monotonic())):
                await self._woken.wait()
        now = time.monotonic()
        self._earliest = now + self.shortest
        if now >= self._due:
            self._due = max(self._due + self._period, now)
        self._woken.clear()


async def _pass(seconds: float) -> None:
    """Let time pass, even time without an end."""
    if seconds == inf:
        await asyncio.Event().wait()
    elif seconds > 0:
        await asyncio.sleep(seconds)
