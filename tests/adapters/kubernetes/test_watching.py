import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from prober.adapters.kubernetes import watching
from prober.adapters.kubernetes.api import ApiServer
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionRef, SessionView
from tests.adapters.kubernetes.conftest import Answer, Gate, KubeWorld
from tests.contracts.sessions import request

PATIENCE_S = 10.0
EXPIRED = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}


@pytest.fixture
async def ref(world: KubeWorld) -> SessionRef:
    """A session that is there."""
    return (await world.sessions.create(request())).ref


async def following(states: AsyncIterator[SessionView | None]) -> SessionView | None:
    """Returns the next state, which must come soon."""
    async with asyncio.timeout(PATIENCE_S):
        return await anext(states)


def watched(*lines: object) -> Answer:
    """Answers a watch with some events, and ends it."""

    async def answer(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asked)
        for line in lines:
            await response.write(json.dumps(line).encode() + b"\n")
        return response

    return answer


async def cut(asked: web.Request) -> web.StreamResponse:
    """Answers a watch by half an event, and cuts the connection."""
    response = web.StreamResponse()
    await response.prepare(asked)
    await response.write(b'{"type": "MODI')
    assert asked.transport is not None
    asked.transport.abort()
    return response


async def garbage(_: web.Request) -> web.StreamResponse:
    """Answers a watch by something else."""
    return web.Response(text="<html>\n<body>\n")


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(watched(), id="ended at once"),
        pytest.param(watched({"type": "ERROR", "object": EXPIRED}), id="expired under way"),
        pytest.param(watched({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}}), id="a bookmark"),
        pytest.param(watched({"type": "NEWS", "object": {}}), id="an unknown event"),
        pytest.param(watched([]), id="no event"),
        pytest.param(watched({"type": "MODIFIED", "object": {}}), id="an object without identity"),
        pytest.param(cut, id="cut"),
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


@pytest.mark.parametrize("code", [410, 429, 500, 503], ids=str)
async def test_refusals_that_pass(world: KubeWorld, gate: Gate, ref: SessionRef, code: int) -> None:
    """An expired version or a server in trouble is waited for, in lists too."""
    gate.refuse("WATCH", "/vdisessions", code, times=1)
    gate.refuse("GET", "/vdisessions", code, times=1)
    async with world.sessions.watch(ref) as states:
        assert (await following(states)) is not None
        world.change(ref, phase=Phase.RUNNING)
        assert (await following(states)) is not None
    assert gate.requests.count(f"WATCH {watch_path(ref)}") == 1


@pytest.mark.parametrize(
    ("method", "code"),
    [
        pytest.param("GET", 403, id="list"),
        pytest.param("GET", 401, id="nobody"),
        pytest.param("WATCH", 401, id="watch"),
    ],
)
async def test_a_denial_is_raised(world: KubeWorld, gate: Gate, ref: SessionRef, method: str, code: int) -> None:
    """A missing permission does not go away by waiting."""
    gate.refuse(method, "/vdisessions", code, message="no")
    async with world.sessions.watch(ref) as states:
        with pytest.raises(TargetFailed) as caught:
            await drained(states)
    assert caught.value.fault.reason is Reason.RBAC_DENIED


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
    assert gate.requests.count(f"WATCH {watch_path(ref)}") == 1


async def test_a_silent_connection_counts_as_broken(
    world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch whose other end is gone without a word is begun anew."""
    monkeypatch.setattr(watching, "SILENCE_S", 0.1)
    over = asyncio.Event()

    async def silent(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asked)
        await over.wait()
        return response

    gate.answer("WATCH", "/vdisessions", silent, times=1)
    async with world.sessions.watch(ref) as states:
        await following(states)
        later = asyncio.create_task(following(states), name="the next state")
        await asyncio.sleep(0)
        world.change(ref, phase=Phase.RUNNING)
        assert (await later) is not None
    over.set()


async def test_a_long_object(world: KubeWorld, ref: SessionRef) -> None:
    """An event far longer than a read buffer arrives whole."""
    words = "x" * 3_000_000
    async with world.sessions.watch(ref) as states:
        await following(states)
        world.change(ref, phase=Phase.FAILED, message=words)
        view = await following(states)
    assert view is not None
    assert view.message == words


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


async def test_pauses_grow(world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that stays in trouble is not hammered."""
    pauses: list[float] = []
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def noted(delay: float) -> None:
        pauses.append(delay)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    gate.refuse("GET", "/vdisessions", 503, times=6)
    async with world.sessions.watch(ref) as states:
        assert (await following(states)) is not None
    assert pauses == [0.0, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def watch_path(ref: SessionRef) -> str:
    """Returns the path that a watch asks for."""
    return f"/apis/vdi.kasm.io/v1alpha1/namespaces/{ref.namespace}/vdisessions"


async def drained(states: AsyncIterator[SessionView | None]) -> list[SessionView | None]:
    """Returns all states to come."""
    async with asyncio.timeout(PATIENCE_S):
        return [state async for state in states]
