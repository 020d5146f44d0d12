"""The stream of a session's states while the API server refuses, hangs or falls silent."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from aiohttp import web

from prober.adapters.kubernetes import listening, watching
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionRef
from tests.adapters.kubernetes.conftest import Answer, Gate, KubeWorld, cut
from tests.adapters.kubernetes.watches import (
    PATIENCE_S,
    drained,
    following,
    garbage,
    hanging,
    silent,
    troubled,
    watch_path,
)
from tests.contracts.sessions import request


@pytest.fixture
async def ref(world: KubeWorld) -> SessionRef:
    """A session that is there."""
    return (await world.sessions.create(request())).ref


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
    """A missing permission does not go away by waiting: it is believed when it is denied again."""
    gate.refuse(method, "/vdisessions", code, message="no")
    async with world.sessions.watch(ref) as states:
        with pytest.raises(TargetFailed) as caught:
            await drained(states)
    assert caught.value.fault.reason is Reason.RBAC_DENIED
    assert gate.requests.count(f"{method} {watch_path(ref)}") == 2


@pytest.mark.parametrize(
    ("method", "code"),
    [
        pytest.param("GET", 403, id="list"),
        pytest.param("GET", 401, id="nobody"),
        pytest.param("WATCH", 403, id="watch"),
    ],
)
async def test_a_denial_that_is_not_said_again(
    world: KubeWorld, gate: Gate, ref: SessionRef, method: str, code: int
) -> None:
    """An API server that has just started denies what is permitted: nobody is blamed, no watch given up."""
    gate.refuse(method, "/vdisessions", code, message="no", times=1)
    async with world.sessions.watch(ref) as states:
        assert (await following(states)) is not None
        await asyncio.wait({later := asyncio.create_task(following(states), name="the next state")}, timeout=1.0)
        world.change(ref, phase=Phase.RUNNING)
        assert (await later) is not None
        assert states.gaps == ()


async def test_a_silent_connection_counts_as_broken(
    world: KubeWorld, gate: Gate, ref: SessionRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch whose other end is gone without a word is begun anew."""
    monkeypatch.setattr(listening, "SILENCE_S", 0.1)
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
    monkeypatch.setattr(listening, "SILENCE_S", 0.1)
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
    monkeypatch.setattr(listening, "SILENCE_S", 0.2)
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


@pytest.mark.parametrize("method", ["GET", "WATCH"])
@pytest.mark.parametrize("code", [429, 503], ids=str)
async def test_retry_after_is_honoured(world: KubeWorld, gate: Gate, ref: SessionRef, method: str, code: int) -> None:
    """An API server that wants to be left alone for a second is."""

    async def busy(_: web.Request) -> web.Response:
        return web.json_response({"kind": "Status", "code": code}, status=code, headers={"Retry-After": "1"})

    gate.answer(method, "/vdisessions", busy, times=1)
    began = asyncio.get_running_loop().time()
    async with world.sessions.watch(ref) as states:
        await following(states)
        later = asyncio.create_task(following(states), name="the next state")
        async with asyncio.timeout(PATIENCE_S):
            while gate.requests.count(f"{method} {watch_path(ref)}") < 2:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() - began >= 1.0
        world.change(ref, phase=Phase.RUNNING)
        assert (await later) is not None


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
    assert pauses == pytest.approx([0.0, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0], abs=0.05)
