"""The stream of a session's states: what it tells, and how it goes on."""

import asyncio

import pytest
from aiohttp import web

from prober.adapters.kubernetes import listening, watching
from prober.adapters.kubernetes.api import ApiServer
from prober.domain.masking import MESSAGE_LENGTH
from prober.domain.session import Phase, SessionRef
from tests.adapters.kubernetes.conftest import Answer, Gate, KubeWorld
from tests.adapters.kubernetes.watches import (
    PATIENCE_S,
    cut_halfway,
    drained,
    following,
    garbage,
    watch_path,
    watched,
)
from tests.contracts.sessions import request

EXPIRED = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}


@pytest.fixture
async def ref(world: KubeWorld) -> SessionRef:
    """A session that is there."""
    return (await world.sessions.create(request())).ref


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(watched(), id="ended at once"),
        pytest.param(watched({"type": "ERROR", "object": EXPIRED}), id="expired under way"),
        pytest.param(watched({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}}), id="a bookmark"),
        pytest.param(watched({"type": "NEWS", "object": {}}), id="an unknown event"),
        pytest.param(watched([]), id="no event"),
        pytest.param(watched({"type": "MODIFIED", "object": {}}), id="an object without identity"),
        pytest.param(cut_halfway, id="cut"),
        pytest.param(garbage, id="garbage"),
    ],
)
async def test_a_watch_that_breaks_is_begun_anew(
    world: KubeWorld, gate: Gate, ref: SessionRef, trouble: Answer
) -> None:
    """Whatever ends a watch, nothing is missed, nothing comes twice."""
    gate.answer("WATCH", "/vdisessions", trouble, times=2)
    async with world.sessions.watch(ref) as states:
        assert (await following(states)) is not None
        later = asyncio.create_task(following(states), name="the next state")
        await asyncio.sleep(0)
        world.change(ref, phase=Phase.RUNNING)
        view = await later
        assert view is not None
        assert view.phase is Phase.RUNNING
        await world.sessions.delete(ref)
        assert await following(states) is None


async def test_without_permission_to_watch_lists_go_on(
    world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not watch still sees each change, a little later."""
    monkeypatch.setattr(watching, "POLL_S", 0.05)
    gate.refuse("WATCH", "/vdisessions", 403, message="cannot watch")
    async with world.sessions.watch(ref) as states:
        await following(states)
        world.change(ref, phase=Phase.RUNNING)
        view = await following(states)
        assert view is not None
        assert view.phase is Phase.RUNNING
        await world.sessions.delete(ref)
        assert await following(states) is None
    assert gate.requests.count(f"WATCH {watch_path(ref)}") == 2


async def test_an_api_without_watches_is_listed(
    world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not served at all need not be asked for again."""
    monkeypatch.setattr(watching, "POLL_S", 0.05)
    gate.refuse("WATCH", "/vdisessions", 405, message="no watches here")
    async with world.sessions.watch(ref) as states:
        await following(states)
        world.change(ref, phase=Phase.RUNNING)
        assert (await following(states)) is not None
    assert gate.requests.count(f"WATCH {watch_path(ref)}") == 1


async def test_a_watch_that_worked_is_resumed(
    world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends cleanly and goes on where it was, at once and without a list."""
    monkeypatch.setattr(watching, "WATCH_S", 1)
    async with world.sessions.watch(ref) as states:
        await following(states)
        later = asyncio.create_task(following(states), name="the next state")
        async with asyncio.timeout(PATIENCE_S):
            while gate.requests.count(f"WATCH {watch_path(ref)}") < 3:  # noqa: ASYNC110 - the gate only counts
                await asyncio.sleep(0.01)
        world.change(ref, phase=Phase.RUNNING)
        assert (await later) is not None
    assert gate.requests.count(f"GET {watch_path(ref)}") == 1


async def test_a_watch_is_kept_while_a_list_checks_it(
    world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes while a list is under way is heard when that is over, on the same watch."""
    monkeypatch.setattr(listening, "SILENCE_S", 0.2)
    async with world.sessions.watch(ref) as states:
        await following(states)
        later = asyncio.create_task(following(states), name="the next state")
        async with asyncio.timeout(PATIENCE_S):
            while gate.requests.count(f"GET {watch_path(ref)}") < 4:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        world.change(ref, phase=Phase.RUNNING)
        assert (await later) is not None
        assert states.timings["listing"] > 0
        assert "outage" not in states.timings
    assert gate.requests.count(f"WATCH {watch_path(ref)}") == 1


async def test_a_long_object(world: KubeWorld, ref: SessionRef) -> None:
    """An event far longer than a read buffer arrives whole."""
    words = "x" * 3_000_000
    async with world.sessions.watch(ref) as states:
        await following(states)
        world.change(ref, phase=Phase.FAILED, message=words)
        view = await following(states)
    assert view is not None
    assert view.phase is Phase.FAILED
    assert view.message == f"{'x' * MESSAGE_LENGTH}... ({len(words) - MESSAGE_LENGTH} more characters)"


async def test_nothing_stays_open(api: ApiServer, world: KubeWorld, gate: Gate, ref: SessionRef) -> None:
    """Leaving the block ends the watch at the server too."""
    ended = asyncio.Event()

    async def endless(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asked)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return response

    gate.answer("WATCH", "/vdisessions", endless)
    async with world.sessions.watch(ref) as states:
        await following(states)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(states), timeout=0.2)
    async with asyncio.timeout(PATIENCE_S):
        await ended.wait()
    assert await drained(states) == []
