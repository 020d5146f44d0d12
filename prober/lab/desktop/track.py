"""The video track: a frame of the screen whenever one is due."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from aiortc import VideoStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from prober.lab.desktop.canvas import Plane
from prober.lab.desktop.pace import Pacer

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

    def __init__(self, *, shoot: Callable[[], Shot], sent: Callable[[Shot], None], pacer: Pacer) -> None:
        """Make a track.

        Args:
            shoot: Takes a picture of the screen.
            sent: Told of each shot once its last packet is with the UDP socket.
            pacer: Says when a frame is due.
        """
        super().__init__()
        self._shoot = shoot
        self._sent = sent
        self._pacer = pacer
        self._origin = time.monotonic()
        self._pts = -1
        self._on_its_way: Shot | None = None

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
        await self._pacer.wait()
        self._on_its_way = self._shoot()
        frame = VideoFrame.from_ndarray(self._on_its_way.pixels, format="yuv420p")
        frame.pts = self._next_pts()
        frame.time_base = _TIME_BASE
        return frame

    def _next_pts(self) -> int:
        elapsed = round((time.monotonic() - self._origin) * CLOCK_RATE)
        self._pts = max(self._pts + round(self._pacer.shortest * CLOCK_RATE), elapsed)
        return self._pts
