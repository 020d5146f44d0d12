"""When frames are taken."""

import asyncio
import time

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from prober.lab.desktop.track import CLOCK_RATE, DesktopTrack, Shot


class Camera:
    """Takes grey pictures, numbered; remembers which were sent."""

    def __init__(self) -> None:
        self.taken = 0
        self.sent: list[int] = []

    def shoot(self) -> Shot:
        """The next picture."""
        self.taken += 1
        return Shot(pixels=np.full((24, 16), 128, dtype=np.uint8), revision=self.taken)

    def on_sent(self, shot: Shot) -> None:
        """Remember."""
        self.sent.append(shot.revision)


@pytest.fixture
def camera() -> Camera:
    """A camera with nothing taken yet."""
    return Camera()


def make_track(camera: Camera, *, frame_rate: float, highest_rate: float) -> DesktopTrack:
    """A track of that camera."""
    return DesktopTrack(shoot=camera.shoot, sent=camera.on_sent, frame_rate=frame_rate, highest_rate=highest_rate)


async def test_ticks_at_the_frame_rate(camera: Camera) -> None:
    """Frames of an untouched desktop come at the rate, and their timestamps say so."""
    track = make_track(camera, frame_rate=50, highest_rate=100)
    started = time.monotonic()
    frames = [await track.recv() for _ in range(11)]
    assert time.monotonic() - started == pytest.approx(0.2, abs=0.1)
    stamps = [frame.pts for frame in frames if frame.pts is not None]
    assert (stamps[-1] - stamps[0]) / CLOCK_RATE == pytest.approx(0.2, abs=0.1)
    assert stamps == sorted(set(stamps))


async def test_a_change_does_not_wait_for_the_tick(camera: Camera) -> None:
    """Waking takes a frame at once, even if it happened before anyone waited."""
    track = make_track(camera, frame_rate=0.01, highest_rate=100)
    await track.recv()
    async with asyncio.timeout(5):
        waiting = asyncio.create_task(track.recv(), name="waiting for a frame")
        await asyncio.wait([waiting], timeout=0.05)
        assert not waiting.done()
        track.wake()
        await waiting
        track.wake()
        await track.recv()


async def test_changes_cannot_exceed_the_highest_rate(camera: Camera) -> None:
    """A storm of changes gives the highest rate, in time and in timestamps."""
    track = make_track(camera, frame_rate=10, highest_rate=100)
    started = time.monotonic()
    stamps = []
    for _ in range(11):
        track.wake()
        stamps.append((await track.recv()).pts or 0)
    assert time.monotonic() - started >= 0.1
    assert min(np.diff(stamps)) >= CLOCK_RATE / 100


async def test_a_frame_is_sent_when_the_next_is_asked_for(camera: Camera) -> None:
    """The sender comes back only when the last packet is out."""
    track = make_track(camera, frame_rate=100, highest_rate=100)
    await track.recv()
    assert camera.sent == []
    await track.recv()
    assert camera.sent == [1]


async def test_an_ended_track_gives_nothing(camera: Camera) -> None:
    """As aiortc expects of a track."""
    track = make_track(camera, frame_rate=100, highest_rate=100)
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()
