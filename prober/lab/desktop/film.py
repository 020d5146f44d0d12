"""The picture without a video track: one JPEG after the other, for pages that draw on a canvas.

So do remote desktops whose pixels travel over a WebSocket or a data channel; a browser's statistics know nothing of
them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from fractions import Fraction

from av import CodecContext, VideoCodecContext, VideoFrame

from prober.lab.desktop.pace import Pacer
from prober.lab.desktop.track import Shot

QUANTIZER = 8
"""FFmpeg's scale of 1 to 31; measured: 15 kB and 2 ms for a frame of 960x540."""


class Film:
    """Sends what a camera sees until `stop`, in a task of its own."""

    def __init__(
        self,
        *,
        shoot: Callable[[], Shot],
        send: Callable[[bytes], Awaitable[bool]],
        sent: Callable[[Shot], None],
        pacer: Pacer,
    ) -> None:
        """Prepare it.

        Args:
            shoot: Takes a picture of the screen.
            send: Sends one JPEG; says whether there was room for it.
            sent: Told of each shot that was sent.
            pacer: Says when a picture is due.
        """
        self._shoot = shoot
        self._send = send
        self._sent = sent
        self._pacer = pacer
        self._encoder: VideoCodecContext | None = None
        self._number = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send; does nothing when called again."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="desktop film")

    async def stop(self) -> None:
        """Send nothing any more. May be called again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            await self._pacer.wait()
            shot = self._shoot()
            frame = VideoFrame.from_ndarray(shot.pixels, format="yuv420p")
            picture = await asyncio.to_thread(self._encode, frame)
            if await self._send(picture):
                self._sent(shot)

    def _encode(self, frame: VideoFrame) -> bytes:
        if self._encoder is None:
            self._encoder = _encoder(frame)
        # JPEG has the full range of values, video the limited one.
        picture = frame.reformat(format="yuvj420p")
        picture.pts, self._number = self._number, self._number + 1
        return b"".join(bytes(packet) for packet in self._encoder.encode(picture))


def _encoder(frame: VideoFrame) -> VideoCodecContext:
    encoder = CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.time_base = Fraction(1, 30)
    encoder.qmin = encoder.qmax = QUANTIZER
    return encoder
