"""When frames are taken."""

import asyncio
import time
from math import inf

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from prober.lab.desktop.pace import Pacer
from prober.lab.desktop.sound import SoundTrack
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


def make_track(camera: Camera, pacer: Pacer) -> DesktopTrack:
    """A track of that camera."""
    return DesktopTrack(shoot=camera.shoot, sent=camera.on_sent, pacer=pacer)


async def test_ticks_at_the_frame_rate(camera: Camera) -> None:
    """Frames of an untouched desktop come at the rate, and their timestamps say so."""
    track = make_track(camera, Pacer(frame_rate=50, highest_rate=100))
    started = time.monotonic()
    frames = [await track.recv() for _ in range(11)]
    assert time.monotonic() - started == pytest.approx(0.2, abs=0.1)
    stamps = [frame.pts for frame in frames if frame.pts is not None]
    assert (stamps[-1] - stamps[0]) / CLOCK_RATE == pytest.approx(0.2, abs=0.1)
    assert stamps == sorted(set(stamps))


async def test_a_change_does_not_wait_for_the_tick(camera: Camera) -> None:
    """Waking takes a frame at once, even if it happened before anyone waited."""
    pacer = Pacer(frame_rate=0.01, highest_rate=100)
    track = make_track(camera, pacer)
    await track.recv()
    async with asyncio.timeout(5):
        waiting = asyncio.create_task(track.recv(), name="waiting for a frame")
        await asyncio.wait([waiting], timeout=0.05)
        assert not waiting.done()
        pacer.wake()
        await waiting
        pacer.wake()
        await track.recv()


async def test_without_a_clock_only_changes_give_frames(camera: Camera) -> None:
    """There is a first frame, then none until the screen changes."""
    pacer = Pacer(frame_rate=0, highest_rate=100)
    track = make_track(camera, pacer)
    await track.recv()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await track.recv()
    assert camera.taken == 1
    pacer.wake()
    async with asyncio.timeout(5):
        await track.recv()
    assert camera.taken == 2


async def test_changes_cannot_exceed_the_highest_rate(camera: Camera) -> None:
    """A storm of changes gives the highest rate, in time and in timestamps."""
    pacer = Pacer(frame_rate=10, highest_rate=100)
    track = make_track(camera, pacer)
    started = time.monotonic()
    stamps = []
    for _ in range(11):
        pacer.wake()
        stamps.append((await track.recv()).pts or 0)
    assert time.monotonic() - started >= 0.1
    assert min(np.diff(stamps)) >= CLOCK_RATE / 100


async def test_a_frame_is_sent_when_the_next_is_asked_for(camera: Camera) -> None:
    """The sender comes back only when the last packet is out."""
    track = make_track(camera, Pacer(frame_rate=100, highest_rate=100))
    await track.recv()
    assert camera.sent == []
    await track.recv()
    assert camera.sent == [1]


async def test_an_ended_track_gives_nothing(camera: Camera) -> None:
    """As aiortc expects of a track."""
    track = make_track(camera, Pacer(frame_rate=100, highest_rate=100))
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()


async def test_a_standstill_holds_frames_back(camera: Camera) -> None:
    """No change is worth a frame until it is over."""
    stills = iter([0.0, 0.1])
    pacer = Pacer(frame_rate=100, highest_rate=100, still=lambda: next(stills))
    track = make_track(camera, pacer)
    await track.recv()
    started = time.monotonic()
    pacer.wake()
    await track.recv()
    assert time.monotonic() - started >= 0.1


async def test_a_standstill_may_have_no_end(camera: Camera) -> None:
    """Whoever waits for a frame waits until he is cancelled."""
    track = make_track(camera, Pacer(frame_rate=100, highest_rate=100, still=lambda: inf))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await track.recv()
    assert camera.taken == 0


@pytest.mark.parametrize("silent", [False, True], ids=["tone", "silence"])
async def test_sound_is_steady(silent: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Frames of 20 ms come every 20 ms, one after the other without a gap, with or without something to hear."""
    track = SoundTrack(silent=silent)
    started = time.monotonic()
    frames = [await track.recv() for _ in range(6)]
    assert time.monotonic() - started >= 0.1
    assert [frame.pts for frame in frames] == [960 * number for number in range(6)]
    assert frames[0].to_ndarray().any() != silent
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()
