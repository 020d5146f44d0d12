"""Which desktop is told what about TURN."""

import asyncio
from pathlib import Path

import psutil
import pytest

from prober.lab.turn import Relay, Turn, TurnError
from prober.lab.turn.binding import answers

pytestmark = pytest.mark.turn


async def test_a_sound_desktop_uses_what_its_visitors_are_told(relay: Relay) -> None:
    """Both ends relay through the same server."""
    handout = await relay.handout(Turn.NORMAL)
    assert handout is not None
    assert handout.desktop == handout.visitors
    assert await answers(handout.visitors.host, handout.visitors.port)


async def test_a_server_that_is_down_answers_nothing(relay: Relay) -> None:
    """Its address is open, and silent; the desktop itself does without."""
    handout = await relay.handout(Turn.DOWN)
    assert handout is not None
    assert handout.desktop is None
    assert not await answers(handout.visitors.host, handout.visitors.port)


async def test_bad_credentials_are_those_of_a_sound_server(relay: Relay) -> None:
    """Address and user are right, the password is wrong, and a new one each time."""
    sound, first, second = [
        await relay.handout(turn) for turn in (Turn.NORMAL, Turn.BAD_CREDENTIALS, Turn.BAD_CREDENTIALS)
    ]
    assert sound is not None
    assert first is not None
    assert second is not None
    assert first.desktop is None
    assert (first.visitors.url, first.visitors.username) == (sound.visitors.url, sound.visitors.username)
    assert len({sound.visitors.password, first.visitors.password, second.visitors.password}) == 3


def _servers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.name() == "turnserver"]


async def test_a_relay_breaks_with_its_server(tmp_path: Path) -> None:
    """It is sound as long as there is no server, and breaks with the one that starts later and ends."""
    async with Relay(directory=tmp_path / "turn") as relay:
        watch = asyncio.create_task(relay.broken(), name="watch over the relay")
        await asyncio.wait([watch], timeout=0.1)
        assert not watch.done()
        await relay.handout(Turn.BAD_CREDENTIALS)
        (server,) = await asyncio.to_thread(_servers)
        server.kill()
        async with asyncio.timeout(10):
            with pytest.raises(TurnError, match="the TURN server ended with code"):
                await watch


async def test_nothing_starts_before_it_is_needed(tmp_path: Path) -> None:
    """A relay for broken desktops alone has no server until one of them needs it."""
    async with Relay(directory=tmp_path / "turn") as relay:
        assert await relay.handout(Turn.NORMAL) is None
        assert await relay.handout(Turn.DOWN) is not None
        assert not (tmp_path / "turn").exists()
        assert await relay.handout(Turn.BAD_CREDENTIALS) is not None
        assert (tmp_path / "turn").exists()
    assert not (tmp_path / "turn").exists()
