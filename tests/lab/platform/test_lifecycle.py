"""The life of a session without kopf: what it does to the desktop when calls fail, or when it is cut short."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from prober.lab.desktop.behaviour import Behaviour
from prober.lab.faults import FaultSwitch
from prober.lab.operator import insisting
from prober.lab.operator.client import ApiError
from prober.lab.operator.lifecycle import SessionLife
from prober.lab.operator.session import Session
from tests.lab.platform.cluster import Cluster, running_cluster
from tests.lab.platform.observing import SESSIONS, eventually, session_body

PATH = f"{SESSIONS}/s1"


class Hand:
    """Ends a life when it is told to."""

    def __init__(self) -> None:
        self.leaving = False
        self._raised = asyncio.Event()

    def end(self, *, leaving: bool = False) -> None:
        """Asks the life to end."""
        self.leaving = leaving
        self._raised.set()

    async def wait(self, limit_s: float | None = None) -> bool:
        """Waits as the port says."""
        try:
            async with asyncio.timeout(limit_s):
                return await self._raised.wait()
        except TimeoutError:
            return False


class Desktops:
    """Remembers what was opened and closed."""

    def __init__(self) -> None:
        self.now_open: set[str] = set()
        self.times_opened = 0
        self.ready = asyncio.Event()
        self.ready.set()

    async def open(self, session: Session, *, behaviour: Behaviour) -> str:
        """Opens a desktop, as soon as it can."""
        self.times_opened += 1
        await self.ready.wait()
        self.now_open.add(session.uid)
        return f"http://127.0.0.1/{session.route}/"

    async def serves(self, session: Session) -> bool:
        """Whether a desktop is open."""
        return session.uid in self.now_open

    async def close(self, session: Session) -> None:
        """Closes a desktop."""
        self.now_open.discard(session.uid)


@pytest.fixture
def desktops() -> Desktops:
    """No desktop at first."""
    return Desktops()


@pytest.fixture
async def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cluster]:
    """A cluster with a session, whose operator does not pause for long."""
    monkeypatch.setattr(insisting, "PAUSES_S", (0.01,))
    async with running_cluster(tmp_path) as cluster:
        await cluster.observer.create(SESSIONS, session_body())
        yield cluster


@asynccontextmanager
async def living(cluster: Cluster, desktops: Desktops, hand: Hand) -> AsyncIterator["asyncio.Task[None]"]:
    """Lives the session as the API has it now, for as long as the block lasts."""
    body = await cluster.observer.get(PATH)
    life = SessionLife(body, api=cluster.operator, desktops=desktops, faults=FaultSwitch())
    task = asyncio.create_task(life.live(hand), name="life")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def left_running(cluster: Cluster, desktops: Desktops) -> None:
    """Lives the session up to Running, then lets the operator leave."""
    hand = Hand()
    async with living(cluster, desktops, hand) as life:
        await until_phase(cluster, "Running")
        hand.end(leaving=True)
        await life


async def until_phase(cluster: Cluster, phase: str) -> None:
    """Waits for a phase of the session."""

    async def reached() -> bool:
        return await phase_of(cluster) == phase

    await eventually(reached)


async def phase_of(cluster: Cluster) -> str:
    """Returns the session's phase, empty at first."""
    body = await cluster.observer.get(PATH)
    phase: str = body.get("status", {}).get("phase", "")
    return phase


async def test_a_leaving_operator_leaves_the_desktop(cluster: Cluster, desktops: Desktops) -> None:
    """The end of the operator is no reason to end a session."""
    await left_running(cluster, desktops)
    assert await phase_of(cluster) == "Running"
    assert len(desktops.now_open) == 1


async def test_a_running_session_is_kept_through_an_outage(cluster: Cluster, desktops: Desktops) -> None:
    """A later operator goes on with the desktop that is open, however often its calls fail."""
    await left_running(cluster, desktops)
    before = await cluster.observer.get(PATH)
    cluster.outage.left = {"GET": 3}
    async with living(cluster, desktops, Hand()) as life:
        await eventually(cluster.outage.over)
        assert not life.done()
        assert await cluster.observer.get(PATH) == before
    assert desktops.times_opened == 1


async def test_a_running_session_without_its_desktop_begins_anew(cluster: Cluster, desktops: Desktops) -> None:
    """A later operator whose desktops are gone opens a new one."""
    await left_running(cluster, desktops)
    desktops.now_open.clear()

    async def opened_again() -> bool:
        return desktops.times_opened == 2

    async with living(cluster, desktops, Hand()):
        await eventually(opened_again)
        await until_phase(cluster, "Running")


@pytest.mark.parametrize("leaving", [False, True], ids=["deleted", "operator_leaves"])
async def test_a_desktop_that_is_slow_to_open_holds_up_no_end(
    cluster: Cluster, desktops: Desktops, *, leaving: bool
) -> None:
    """A life that is to end while its desktop opens ends at once: it never says that the session runs."""
    desktops.ready.clear()

    async def opening() -> bool:
        return desktops.times_opened == 1

    hand = Hand()
    async with living(cluster, desktops, hand) as life:
        await eventually(opening)
        hand.end(leaving=leaving)
        async with asyncio.timeout(5):
            await life
        assert await phase_of(cluster) == ("Creating" if leaving else "Terminating")
    assert not desktops.now_open


async def test_a_session_ends_through_an_outage(cluster: Cluster, desktops: Desktops) -> None:
    """The calls of the end are repeated until the children are gone: the framework would not begin it anew."""
    await left_running(cluster, desktops)
    hand = Hand()
    cluster.outage.left = {"PATCH": 2, "DELETE": 2}
    async with living(cluster, desktops, hand) as life:
        hand.end()
        async with asyncio.timeout(10):
            await life
    assert await cluster.outage.over()
    assert await phase_of(cluster) == "Terminating"
    assert not await cluster.observer.list("/api/v1/namespaces/vdi/pods")
    assert not desktops.now_open


async def test_a_failed_start_is_an_error(cluster: Cluster, desktops: Desktops) -> None:
    """What fails before Running is left to the framework to repeat, with no desktop open."""
    cluster.outage.left = {"POST": 1}
    async with living(cluster, desktops, Hand()) as life:
        with pytest.raises(ApiError, match="outage"):
            await life
    assert not desktops.now_open


async def test_a_session_that_vanishes_takes_its_desktop_along(cluster: Cluster, desktops: Desktops) -> None:
    """A session whose finalizer somebody took away leaves no desktop."""
    await left_running(cluster, desktops)
    hand = Hand()
    async with living(cluster, desktops, hand) as life:
        await cluster.observer.discard(PATH)
        hand.end()
        async with asyncio.timeout(10):
            await life
    assert not desktops.now_open
