import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from prober.domain.errors import ProbeError, ProberFailed, TargetFailed
from prober.domain.ids import RunId, TargetName
from prober.domain.reasons import Reason
from prober.domain.session import MANAGED_BY, MANAGED_BY_LABEL, Child, SessionView, marks
from prober.flow.sweep import SETTLE_S, Swept, sweep
from tests.fakes.clock import WALL_START, FakeClock
from tests.fakes.sessions import FakeSessions, Story
from tests.flow.stage import SESSION

pytestmark = pytest.mark.looptime

HOUR = timedelta(hours=1)
HELD = ("vdi.kasm.io/session-cleanup",)


def ours(name: str, *, overdue: bool, deleting_s: float | None = None) -> SessionView:
    """Returns a session of ours, with its run dead or alive."""
    deadline = WALL_START - HOUR if overdue else WALL_START + HOUR
    labels, annotations = marks(target=TargetName("desk"), run_id=RunId(name), instance="prober-0", deadline=deadline)
    ref = replace(SESSION.ref, name=name, uid=f"uid-{name}")
    deleted_at = None if deleting_s is None else WALL_START - timedelta(seconds=deleting_s)
    going = replace(SESSION, deleting=deleted_at is not None, deleted_at=deleted_at)
    return replace(going, ref=ref, labels=labels, annotations=annotations)


@pytest.mark.parametrize("operation", ["ours", "delete"], ids=["listing", "deleting"])
async def test_an_api_that_hangs_does_not_hang_the_sweep(operation: Literal["ours", "delete"]) -> None:
    """A request without an answer is a fault of the sweep after ten seconds; the next sweep can begin."""
    sessions = FakeSessions()
    sessions.add(ours("dead", overdue=True), story=Story(changes=()))
    sessions.hang(operation)
    begin = asyncio.get_running_loop().time()
    (fault,) = (await sweep(sessions, "vdi", clock=FakeClock())).faults
    assert fault.reason is Reason.API_UNREACHABLE
    assert asyncio.get_running_loop().time() - begin == pytest.approx(10)


async def test_orphans_are_removed_and_nothing_else_is_touched() -> None:
    """Sessions of dead runs go; those of live runs, of others, and of ours without all marks stay."""
    sessions = FakeSessions()
    dead = sessions.add(ours("dead", overdue=True), story=Story(changes=()))
    living = sessions.add(ours("living", overdue=False))
    ref = replace(SESSION.ref, name="foreign", uid="uid-foreign")
    foreign = sessions.add(replace(SESSION, ref=ref, annotations=dead.annotations))
    ref = replace(SESSION.ref, name="half", uid="uid-half")
    half = sessions.add(replace(SESSION, ref=ref, labels={MANAGED_BY_LABEL: MANAGED_BY}, annotations=dead.annotations))
    ref = replace(dead.ref, namespace="elsewhere", uid="uid-elsewhere")
    sessions.add(replace(dead, ref=ref))
    assert await sweep(sessions, "vdi", clock=FakeClock()) == Swept(
        listed=(dead, living), removed=(dead,), kept=(living,)
    )
    assert sessions.deleted == [dead.ref]
    assert {view.ref for view in sessions.live()} >= {living.ref, foreign.ref, half.ref, ref}


async def test_an_orphan_that_is_going_already_is_not_removed_again() -> None:
    """A deletion that was asked for and is stuck is not asked for, or counted, at each sweep."""
    sessions = FakeSessions()
    going = sessions.add(ours("going", overdue=True, deleting_s=29.0))
    assert await sweep(sessions, "vdi", clock=FakeClock()) == Swept(listed=(going,), ending=(going,))
    assert sessions.deleted == []


async def test_an_orphan_that_is_stuck_is_a_fault_of_every_sweep() -> None:
    """Somebody has to take the finalizer off: later sweeps must not be silent about it."""
    sessions = FakeSessions()
    stuck = replace(ours("stuck", overdue=True, deleting_s=300.0), finalizers=HELD)
    sessions.add(stuck)
    swept = await sweep(sessions, "vdi", clock=FakeClock())
    (fault,) = swept.faults
    assert fault.reason is Reason.FINALIZER_STUCK
    assert fault.summary == f"stuck is still there 5 min after its deletion: the finalizer {HELD[0]} keeps it"
    assert (swept.ending, swept.removed, sessions.deleted) == ((stuck,), (), [])


async def test_a_live_run_that_ends_its_session_is_let_be() -> None:
    """Its deletion is the run's to judge, however long it takes."""
    sessions = FakeSessions()
    going = sessions.add(ours("going", overdue=False, deleting_s=300.0))
    assert await sweep(sessions, "vdi", clock=FakeClock()) == Swept(listed=(going,), kept=(going,))


async def test_an_orphan_that_cannot_be_removed_does_not_keep_the_others() -> None:
    """Each fault is reported, and the sweep goes on."""
    sessions = FakeSessions()
    refused = TargetFailed.because(Reason.DELETE_REJECTED, "no")
    sessions.fail("delete", refused)
    first = sessions.add(ours("first", overdue=True))
    second = sessions.add(ours("second", overdue=True))
    swept = await sweep(sessions, "vdi", clock=FakeClock())
    assert swept == Swept(listed=(first, second), removed=(second,), faults=(refused.fault,))
    assert sessions.deleted == [first.ref, second.ref]


async def test_a_namespace_that_cannot_be_listed_is_a_fault() -> None:
    """Without a list nothing is removed, and the sweep says why."""
    sessions = FakeSessions()
    refused = TargetFailed.because(Reason.RBAC_DENIED, "no")
    sessions.fail("ours", refused)
    assert await sweep(sessions, "vdi", clock=FakeClock()) == Swept(listed=None, faults=(refused.fault,))


SERVICE = Child(kind="Service", name="web")
VOLUME = Child(kind="PersistentVolumeClaim", name="vdi-data")


async def test_what_outlives_an_orphan_is_reported_and_left_alone() -> None:
    """The objects are named once the session is gone and had time to take them along; a retained kind is none."""
    sessions = FakeSessions()
    story = Story(changes=(), left=(SERVICE, VOLUME), gaps=("ingressroutes.traefik.io: forbidden",))
    dead = sessions.add(ours("dead", overdue=True), story=story)
    swept = await sweep(sessions, "vdi", clock=FakeClock(), keep=("PersistentVolumeClaim",))
    (remains,) = swept.left
    assert remains.session == dead
    assert remains.fault().reason is Reason.CHILD_LEFT
    assert remains.fault().summary == "dead left behind: Service/web"
    assert swept.gaps == story.gaps
    assert asyncio.get_running_loop().time() == pytest.approx(SETTLE_S)


async def test_what_goes_a_little_later_is_waited_for() -> None:
    """Several orphans are looked after at once, until the garbage collector has done its work."""
    sessions = FakeSessions()
    for name in ("first", "second"):
        story = Story(changes=(), gone_after_s=5.0, left=(SERVICE,), left_for_s=10.0)
        sessions.add(ours(name, overdue=True), story=story)
    swept = await sweep(sessions, "vdi", clock=FakeClock())
    assert len(swept.removed) == 2
    assert (swept.left, swept.ending) == ((), ())
    assert asyncio.get_running_loop().time() == pytest.approx(15.0, abs=1.0)


async def test_an_orphan_that_does_not_go_is_not_removed() -> None:
    """Its deletion was accepted, and a finalizer keeps it, which is a fault: its objects are no leftovers."""
    sessions = FakeSessions()
    dead = replace(ours("dead", overdue=True), finalizers=HELD)
    sessions.add(dead, story=Story(changes=(), gone_after_s=None))
    swept = await sweep(sessions, "vdi", clock=FakeClock())
    assert (swept.removed, swept.left) == ((), ())
    assert [(view.ref, view.finalizers) for view in swept.ending] == [(dead.ref, HELD)]
    assert [fault.reason for fault in swept.faults] == [Reason.FINALIZER_STUCK]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TargetFailed.because(Reason.API_UNREACHABLE, "gone"), Reason.CLEANUP_TIMEOUT),
        (ProberFailed.because(Reason.INTERNAL, "oh"), Reason.INTERNAL),
    ],
    ids=["the API server's", "ours"],
)
async def test_what_outlives_an_orphan_and_cannot_be_seen_is_a_fault(error: ProbeError, reason: Reason) -> None:
    """A sweep that could not see the end of what it removed says so."""
    sessions = FakeSessions()
    dead = sessions.add(ours("dead", overdue=True), story=Story(changes=()))
    sessions.fail("children", error, always=True)
    swept = await sweep(sessions, "vdi", clock=FakeClock())
    assert (swept.removed, swept.ending) == ((dead,), ())
    assert [fault.reason for fault in swept.faults] == [reason]


async def test_an_orphan_whose_end_cannot_be_seen_is_not_said_to_be_removed() -> None:
    """Its deletion was accepted; whether it went nobody knows."""
    sessions = FakeSessions()
    dead = sessions.add(ours("dead", overdue=True), story=Story(changes=()))
    sessions.fail("get", TargetFailed.because(Reason.RBAC_DENIED, "no"), always=True)
    swept = await sweep(sessions, "vdi", clock=FakeClock())
    assert (swept.removed, swept.ending) == ((), (dead,))
    assert [fault.reason for fault in swept.faults] == [Reason.CLEANUP_TIMEOUT]
