"""The video track: decides when a frame is taken.

A clock ticks at the frame rate. A change on the screen does not wait for the tick: it wakes the
track, so that the changed picture is in the next frame.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from aiortc import VideoStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from prober.lab.desktop.canvas import Plane

CLOCK_RATE = 90_000
"""Hertz: RTP's clock for video (RFC 3551, section 5)."""
_TIME_BASE = Fraction(1, CLOCK_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """The screen at one moment.

    Attributes:
        pixels: `yuv420p`, valid until the next shot.
        revision: The scene's revision that it shows.
    """

    pixels: Plane
    revision: int


class DesktopTrack(VideoStreamTrack):
    """Sends what a camera sees, at once when it changes, else at a steady rate.

    Presentation times come from the monotonic clock and never go back.
    """

    def __init__(
        self,
        *,
        shoot: Callable[[], Shot],
        sent: Callable[[Shot], None],
        frame_rate: float,
        highest_rate: float,
    ) -> None:
        """Make a track.

        Args:
            shoot: Takes a picture of the screen.
            sent: Told of each shot once its last packet is with the UDP socket.
            frame_rate: Frames per second of an untouched desktop.
            highest_rate: Frames per second that changes can drive it to.
        """
        super().__init__()
        self._shoot = shoot
        self._sent = sent
        self._period = 1 / frame_rate
        self._shortest = 1 / highest_rate
        self._woken = asyncio.Event()
        self._origin = time.monotonic()
        self._due = self._origin
        self._earliest = self._origin
        self._pts = -1
        self._on_its_way: Shot | None = None

    def wake(self) -> None:
        """Say that the screen has changed."""
        self._woken.set()

    async def recv(self) -> VideoFrame:
        """The next frame, when it is time for it.

        Raises:
            MediaStreamError: The track has ended.
        """
        if self._on_its_way is not None:
            self._sent(self._on_its_way)
            self._on_its_way = None
        if self.readyState != "live":
            raise MediaStreamError
        await self._pace()
        self._woken.clear()
        self._on_its_way = self._shoot()
        frame = VideoFrame.from_ndarray(self._on_its_way.pixels, format="yuv420p")
        frame.pts = self._next_pts()
        frame.time_base = _TIME_BASE
        return frame

    async def _pace(self) -> None:
        await asyncio.sleep(max(0.0, self._earliest - time.monotonic()))
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._due - time.monotonic())):
                await self._woken.wait()
        now = time.monotonic()
        self._earliest = now + self._shortest
        if now >= self._due:
            self._due = max(self._due + self._period, now)

    def _next_pts(self) -> int:
        elapsed = round((time.monotonic() - self._origin) * CLOCK_RATE)
        self._pts = max(self._pts + round(self._shortest * CLOCK_RATE), elapsed)
        return self._pts
