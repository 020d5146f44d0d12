import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from aiohttp import web

from prober.adapters.kubernetes import watching
from prober.adapters.kubernetes.api import ApiServer
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionRef, SessionView
from tests.adapters.kubernetes.conftest import Answer, Gate, KubeWorld, cut
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


async def cut_halfway(asked: web.Request) -> web.StreamResponse:
    """Answers a watch by half an event, and cuts the connection."""
    response = web.StreamResponse()
    await response.prepare(asked)
    await response.write(b'{"type": "MODI')
    assert asked.transport is not None
    asked.transport.abort()
    return response


async def garbage(_: web.Request) -> web.StreamResponse:
    """Answers by something else."""
    return web.Response(text="<html>\n<body>\n")


async def silent(asked: web.Request) -> web.StreamResponse:
    """Begins a watch, and never says a word."""
    await web.StreamResponse().prepare(asked)
    return await hanging(asked)


async def hanging(_: web.Request) -> web.StreamResponse:
    """Never answers."""
    await asyncio.Event().wait()
    return web.Response()


async def troubled(_: web.Request) -> web.StreamResponse:
    """Answers as an API server without its store."""
    return web.json_response({"kind": "Status", "code": 500, "message": "etcdserver: no leader"}, status=500)


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
    gate.answer("WATCH", "/vdisessions", silent, times=1)
    async with world.sessions.watch(ref) as states:
        await following(states)
        later = asyncio.create_task(following(states), name="the next state")
        await asyncio.sleep(0)
        world.change(ref, phase=Phase.RUNNING)
        assert (await later) is not None
        assert states.outage is None


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        pytest.param(hanging, "has not answered for 0.2 s", id="hangs"),
        pytest.param(cut, "does not answer", id="cuts"),
        pytest.param(garbage, "does not speak Kubernetes", id="garbage"),
        pytest.param(troubled, "no leader", id="in trouble"),
    ],
)
async def test_a_silent_watch_is_no_sign_of_life(
    world: KubeWorld, ref: SessionRef, monkeypatch: pytest.MonkeyPatch, trouble: Answer, words: str
) -> None:
    """An API server that goes away without ending the watch is noticed; so is its return."""
    monkeypatch.setattr(watching, "SILENCE_S", 0.1)
    monkeypatch.setattr(watching, "ANSWER_S", 0.2)
    world.gate.answer("WATCH", "/vdisessions", silent)
    async with world.sessions.watch(ref) as states:
        await following(states)
        world.gate.answer("GET", "/vdisessions", trouble)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(states), timeout=1.0)
        during = states.outage
        world.gate.open()
        world.change(ref, phase=Phase.RUNNING)
        assert (await following(states)) is not None
        after = states.outage
    assert during is not None
    assert (during.reason, after) == (Reason.API_UNREACHABLE, None)
    assert words in during.summary


async def test_silence_adds_up(world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits briefly and often learns of a dead connection too."""
    monkeypatch.setattr(watching, "SILENCE_S", 0.2)
    gate.answer("WATCH", "/vdisessions", silent)
    async with asyncio.timeout(PATIENCE_S), world.sessions.watch(ref) as states:
        await anext(states)
        while gate.requests.count(f"GET {watch_path(ref)}") < 2:
            with suppress(TimeoutError):
                await asyncio.wait_for(anext(states), timeout=0.05)


@pytest.mark.parametrize("trouble", [hanging, cut, troubled], ids=lambda answer: answer.__name__)
async def test_trouble_of_watches_alone_is_no_outage(
    world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch, trouble: Answer
) -> None:
    """Where no watch begins and lists are answered, each change is seen still, and nobody is blamed."""
    monkeypatch.setattr(watching, "ANSWER_S", 0.2)
    gate.answer("WATCH", "/vdisessions", trouble)
    async with world.sessions.watch(ref) as states:
        await following(states)
        world.change(ref, phase=Phase.RUNNING)
        assert (await following(states)) is not None
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(states), timeout=0.5)
        assert states.outage is None


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
