"""The audio track: a tone that a listener would hear, or silence that looks like sound to whoever counts packets."""

import asyncio
import time
from fractions import Fraction

import numpy as np
from aiortc import AudioStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

SAMPLE_RATE = 48_000
"""Hertz: Opus' own."""
FRAME_SAMPLES = 960
"""20 ms."""
PITCH = 450
"""Hertz: a frame holds nine whole waves, so the same frame can be sent again and again."""
LOUDNESS = 8_000
"""Of 32,767: about -12 dB."""


class SoundTrack(AudioStreamTrack):
    """Sends the same 20 ms for ever."""

    def __init__(self, *, silent: bool) -> None:
        super().__init__()
        angles = np.arange(FRAME_SAMPLES) * 2 * np.pi * PITCH / SAMPLE_RATE
        loudness = 0 if silent else LOUDNESS
        self._samples = np.rint(np.sin(angles) * loudness).astype(np.int16).reshape(1, -1)
        self._origin: float | None = None
        self._pts = 0

    async def recv(self) -> AudioFrame:
        """The next frame, when it is time for it.

        Raises:
            MediaStreamError: The track has ended.
        """
        if self.readyState != "live":
            raise MediaStreamError
        if self._origin is None:
            self._origin = time.monotonic()
        await asyncio.sleep(max(0.0, self._origin + self._pts / SAMPLE_RATE - time.monotonic()))
        frame = AudioFrame.from_ndarray(self._samples, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = Fraction(1, SAMPLE_RATE)
        frame.pts, self._pts = self._pts, self._pts + FRAME_SAMPLES
        return frame
