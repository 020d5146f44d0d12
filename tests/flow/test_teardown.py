"""What the end of a run finds, and that it always comes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from prober.domain.errors import Fault, ProbeError, ProberFailed, TargetFailed
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.session import RUN_ID_LABEL, Child, Children, Phase, SessionRef
from prober.domain.steps import Budgets, StepName, StepRecord
from prober.flow.ports.sessions import Throttled
from prober.flow.preparing import LEAVE_S
from prober.flow.teardown import CLOSE_PAGE_S
from tests.fakes.browser import FakeDesktop
from tests.fakes.clock import WALL_START
from tests.fakes.exposure import SERVING
from tests.fakes.sessions import URL, Change, Story
from tests.flow.stage import RUN_ID, Stage, record_of, target_with

pytestmark = pytest.mark.looptime

STUCK = Story(gone_after_s=None, finalizers=("vdi.kasm.io/session-cleanup",))
SERVICE = Child(kind="Service", name="web", finalizers=("keep",), created_at=WALL_START - timedelta(minutes=1))
VOLUME = Child(kind="PersistentVolumeClaim", name="vdi-data")
REFUSED = TargetFailed.because(Reason.API_UNREACHABLE, "connection refused")
OURS = ProberFailed.because(Reason.INTERNAL, "no credentials now")


class UnclosableDesktop(FakeDesktop):
    """A page that cannot be closed: it hangs, or raises what it was given."""

    def __init__(self, error: Exception | None = None, *, status: int = 200) -> None:
        super().__init__(status=status)
        self._error = error

    async def close(self) -> None:
        """Fails the first time, hangs ever after."""
        self.calls.append("close")
        if self._error is not None and self.calls.count("close") == 1:
            raise self._error
        await asyncio.Event().wait()


def ends(report: RunReport) -> tuple[StepRecord, StepRecord]:
    """Returns the records of the two steps of a teardown."""
    return record_of(report, StepName.TERMINATE), record_of(report, StepName.CLEANUP)


def reasons(report: RunReport) -> list[Reason | None]:
    """Returns the reasons of the two steps of a teardown."""
    return [None if record.fault is None else record.fault.reason for record in ends(report)]


async def test_a_stuck_finalizer_is_named_and_looked_behind_once() -> None:
    """The session stays, so its children do: one look tells what there is, and waiting would tell no more."""
    stage = Stage(STUCK)
    report = await stage.run()
    terminated, cleaned = ends(report)
    assert reasons(report) == [Reason.FINALIZER_STUCK, Reason.CLEANUP_TIMEOUT]
    assert cleaned.fault is not None
    assert f"the session itself is still there (finalizers: {STUCK.finalizers[0]}), with Pod/" in cleaned.fault.summary
    assert terminated.fault is not None
    assert "vdi.kasm.io/session-cleanup" in terminated.fault.summary
    assert [call for call in stage.sessions.calls if call in {"get", "children"}][-2:] == ["get", "children"]
    assert cleaned.duration_s < 1.0
    assert report.fault == terminated.fault
    held, *objects = report.children_left
    assert (held.kind, held.finalizers) == ("VDISession", STUCK.finalizers)
    assert {left.kind for left in objects} == {"Pod", "Service", "IngressRoute"}


SLOW = Story(gone_after_s=50.0, finalizers=STUCK.finalizers)
FALLING = (Change(phase=Phase.RUNNING, url=URL), Change(after_s=30.0, phase=Phase.TERMINATING, message="removing"))
"""An operator that reports so late after a session's creation that it is deleted by then."""


async def test_a_slow_operator_is_waited_for_and_told_from_a_stuck_one() -> None:
    """Signs of life make it slow: the fault says so, the cleanup waits on and says when the session was gone."""
    stage = Stage(replace(SLOW, changes=FALLING))
    report = await stage.run()
    terminated, cleaned = ends(report)
    assert reasons(report) == [Reason.CLEANUP_TIMEOUT, None]
    assert terminated.fault is not None
    assert terminated.fault.summary.startswith("the session's end is slow: 30 s after its deletion the finalizer")
    assert 'the platform says "removing"' in terminated.fault.summary
    assert cleaned.notes == ("the session was gone 50.0 s after its deletion",)
    assert cleaned.duration_s == pytest.approx(20.0, abs=0.1)
    assert (report.step, report.children_left) == (StepName.TERMINATE, ())
    stage.assert_nothing_left()


async def test_a_slow_operator_that_does_not_finish_is_not_called_clean() -> None:
    """At the end of the cleanup's budget the session is still there, and is named with its finalizer."""
    report = await Stage(replace(SLOW, changes=FALLING, gone_after_s=200.0)).run()
    _, cleaned = ends(report)
    assert reasons(report) == [Reason.CLEANUP_TIMEOUT, Reason.CLEANUP_TIMEOUT]
    assert cleaned.fault is not None
    assert "the session itself is still there (finalizers: " in cleaned.fault.summary
    assert cleaned.duration_s == pytest.approx(60.0)


async def test_objects_that_go_one_after_the_other_are_signs_of_life() -> None:
    """An operator that says nothing and removes its session's objects is slow, not stuck."""
    stage = Stage(STUCK)
    run = stage.begin()
    await stage.observer.reached(StepName.TERMINATE)
    (session,) = stage.sessions.live()
    for pause_s, kinds in ((5.0, ("Pod", "Service")), (15.0, ("Pod",))):
        await asyncio.sleep(pause_s)
        left = tuple(Child(kind=kind, name="web") for kind in kinds)
        stage.sessions.retell(session.ref, replace(STUCK, children=left))
    report = await run
    terminated, _ = ends(report)
    assert terminated.fault is not None
    assert terminated.fault.reason is Reason.CLEANUP_TIMEOUT
    assert "with Pod/web; " in terminated.fault.summary
    assert "of its objects went, the last sign of life was 10 s ago" in terminated.fault.summary


async def test_an_object_that_begins_to_go_is_a_sign_of_life() -> None:
    """Its deletion was asked for: somebody is at work."""
    stage = Stage(replace(STUCK, children=(SERVICE, VOLUME)))
    run = stage.begin()
    await stage.observer.reached(StepName.TERMINATE)
    (session,) = stage.sessions.live()
    await asyncio.sleep(20.5)
    going = replace(SERVICE, deleted_at=WALL_START)
    stage.sessions.retell(session.ref, replace(STUCK, children=(going, VOLUME)))
    terminated, _ = ends(await run)
    assert terminated.fault is not None
    assert terminated.fault.reason is Reason.CLEANUP_TIMEOUT
    assert "; the last sign of life was 9 s ago" in terminated.fault.summary


async def test_a_passing_gap_is_no_sign_of_life() -> None:
    """Objects that one look could not see did not go, and those that come are nobody's work on the end."""
    stage = Stage(replace(STUCK, children=(SERVICE, VOLUME), gaps=("ingressroutes: forbidden",)))
    run = stage.begin()
    await stage.observer.reached(StepName.TERMINATE)
    (session,) = stage.sessions.live()
    await asyncio.sleep(20.5)
    blind = replace(STUCK, children=(VOLUME,), gaps=("ingressroutes: forbidden", "services: timed out"))
    stage.sessions.retell(session.ref, blind)
    await asyncio.sleep(4.0)
    more = Child(kind="Pod", name="web")
    stage.sessions.retell(session.ref, replace(STUCK, children=(SERVICE, VOLUME, more)))
    terminated, _ = ends(await run)
    assert terminated.fault is not None
    assert terminated.fault.reason is Reason.FINALIZER_STUCK
    assert "Pod/web" in terminated.fault.summary
    assert "what could not be seen" not in terminated.fault.summary


async def test_a_look_behind_a_session_does_not_delay_its_end() -> None:
    """What is measured is when the session was gone, not when the API server had listed its objects."""
    stage = Stage(replace(SLOW, gone_after_s=3.2))
    run = stage.begin()
    await stage.observer.reached(StepName.TERMINATE)
    stage.sessions.delay("children", 1.9)
    report = await run
    assert report.outcome is Outcome.SUCCESS
    terminated, _ = ends(report)
    assert terminated.duration_s == pytest.approx(3.2, abs=0.01)
    stage.assert_nothing_left()


async def test_a_defect_in_a_look_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that breaks is told as our own fault, with the exception."""
    stage, defect = Stage(replace(SLOW, gone_after_s=5.0)), ValueError("a defect of ours")

    async def children(_: SessionRef) -> Children:
        raise defect

    monkeypatch.setattr(stage.sessions, "children", children)
    report = await stage.run()
    assert reasons(report)[0] is Reason.INTERNAL
    assert defect in stage.observer.crashes


async def test_a_session_whose_objects_cannot_be_seen_is_judged_by_itself() -> None:
    """Without permission, or without an answer, the fault says what was not seen."""
    stage = Stage(replace(STUCK, children=(), gaps=("pods: forbidden",)))
    terminated, _ = ends(await stage.run())
    assert terminated.fault is not None
    assert terminated.fault.reason is Reason.FINALIZER_STUCK
    assert "(what could not be seen: pods: forbidden)" in terminated.fault.summary


@pytest.mark.parametrize(
    ("met", "words"),
    [(None, "its objects were not listed in time"), (REFUSED, "connection refused"), (OURS, "no credentials now")],
    ids=["no answer", "refused", "not asked"],
)
async def test_a_look_behind_a_stuck_session_may_fail(met: ProbeError | None, words: str) -> None:
    """Looks that fail delay nothing and decide nothing; what was not seen is said."""
    stage = Stage(STUCK)
    if met is None:
        stage.sessions.hang("children")
    else:
        stage.sessions.fail("children", met, always=True)
    terminated, _ = ends(await stage.run())
    assert terminated.fault is not None
    assert terminated.fault.reason is Reason.FINALIZER_STUCK
    assert f"(what could not be seen: {words})" in terminated.fault.summary
    assert terminated.duration_s == pytest.approx(30.0)


async def test_the_acceptance_of_the_deletion_is_a_timing() -> None:
    """The step says how long the API server took to accept, apart from what the platform took to obey."""
    stage = Stage()
    stage.sessions.delay("delete", 2.0)
    terminated, _ = ends(await stage.run())
    assert terminated.timings["accepted"] == pytest.approx(2.0)
    assert terminated.duration_s > 2.0


async def test_a_throttled_look_is_put_off() -> None:
    """An API server that asks to be left alone is, within the budget."""
    stage = Stage()
    busy = Fault(reason=Reason.API_UNREACHABLE, summary="too many requests")
    stage.sessions.fail("children", Throttled(busy, retry_after_s=5.0))
    report = await stage.run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.CLEANUP).duration_s == pytest.approx(5.0, abs=0.1)


async def test_a_session_that_went_after_all_is_cleaned_up_after() -> None:
    """Where the end of the session was not seen, a look finds it gone, and the proof goes on."""
    stage = Stage(Story(left=(SERVICE,), left_for_s=20.0))
    stage.sessions.fail("delete", TargetFailed.because(Reason.DELETE_REJECTED, "no"))
    stage.sessions.delay("delete", 1.0)
    run = stage.begin()
    await stage.observer.reached(StepName.TERMINATE)
    (session,) = stage.sessions.live()
    stage.sessions.vanish(session.ref)
    _, cleaned = ends(await run)
    assert cleaned.fault is None
    assert cleaned.duration_s == pytest.approx(19.0, abs=0.5)


async def test_a_child_that_stays_is_named() -> None:
    """What is left when the budget is used up stands in fault and report, with what keeps it."""
    report = await Stage(Story(left=(SERVICE, VOLUME))).run()
    _, cleaned = ends(report)
    assert report.step is StepName.CLEANUP
    assert cleaned.fault is not None
    assert cleaned.fault.reason is Reason.CHILD_LEFT
    service, volume = report.children_left
    assert (service.name, service.finalizers, volume.kind) == ("web", ("keep",), "PersistentVolumeClaim")
    assert service.age_s == pytest.approx(131, abs=1)
    assert cleaned.fault.summary == f"left behind: {service}, {volume}"
    assert "Service/web (2 min old, finalizers: keep)" in cleaned.fault.summary


async def test_a_child_that_goes_late_is_waited_for() -> None:
    """The garbage collector may take its time, within the budget."""
    report = await Stage(Story(left=(SERVICE,), left_for_s=20.0)).run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.CLEANUP).duration_s == pytest.approx(20.0, abs=0.5)
    assert report.children_left == ()


async def test_kinds_that_the_platform_retains_may_stay() -> None:
    """A volume that is kept by policy is no leftover, and the report states that it was kept."""
    report = await Stage(Story(left=(VOLUME,))).run(target_with(keep_children=("PersistentVolumeClaim",)))
    assert report.outcome is Outcome.SUCCESS
    assert report.children_left == ()
    assert [kept.name for kept in report.children_kept] == ["vdi-data"]
    assert record_of(report, StepName.CLEANUP).notes == ("kept by policy: PersistentVolumeClaim/vdi-data",)


async def test_what_may_not_be_listed_is_a_stated_gap() -> None:
    """A kind that we may not see is noted, and is no fault."""
    report = await Stage(Story(gaps=("IngressRoute: forbidden",))).run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.CLEANUP).notes == ("IngressRoute: forbidden",)


async def test_a_url_that_serves_for_a_while_is_waited_for() -> None:
    """An ingress may serve on for a moment after the session's end."""
    report = await Stage(answers=(SERVING, SERVING, SERVING)).run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.CLEANUP).duration_s == pytest.approx(0.536, abs=0.01)


async def test_a_url_that_nobody_answers_serves_nobody() -> None:
    """No answer at all, once the session is gone, is what should be."""
    silence = TargetFailed.because(Reason.TCP_REFUSED, "nothing listens")
    assert (await Stage(answers=(SERVING, silence)).run()).outcome is Outcome.SUCCESS


async def test_a_look_that_fails_is_repeated() -> None:
    """An API server that is away for a moment delays the proof, no more."""
    stage = Stage()
    stage.sessions.fail("children", REFUSED, REFUSED)
    report = await stage.run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.CLEANUP).duration_s == pytest.approx(0.512, abs=0.01)


async def test_an_unverified_cleanup_says_why() -> None:
    """When nothing could be seen to the end, the fault says so with the cause."""
    stage = Stage()
    stage.sessions.fail("children", REFUSED, always=True)
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.CLEANUP_TIMEOUT
    assert "connection refused" in report.fault.summary


async def test_a_fault_of_ours_in_the_cleanup_is_ours() -> None:
    """What is not the target's fault is not told as something left behind."""
    stage = Stage()
    stage.sessions.fail("children", OURS, always=True)
    report = await stage.run()
    assert (report.outcome, report.step) == (Outcome.ERROR, StepName.CLEANUP)
    assert report.fault is not None
    assert report.fault.reason is Reason.INTERNAL
    assert "it could not be verified that nothing is left: no credentials now" in report.fault.summary


async def test_a_fault_of_ours_that_passes_delays_the_teardown() -> None:
    """Credentials that cannot be used for a moment leave no session: asking again is a visible attempt."""
    stage = Stage()
    stage.sessions.fail("delete", OURS)
    stage.sessions.fail("children", OURS)
    report = await stage.run()
    assert report.outcome is Outcome.SUCCESS
    terminated, _ = ends(report)
    assert (terminated.attempts, terminated.notes) == (2, ("asked again: no credentials now",))
    stage.assert_nothing_left()


@pytest.mark.parametrize(
    "fault",
    [TargetFailed.because(Reason.DELETE_REJECTED, "no"), OURS],
    ids=["refused", "ours"],
)
async def test_a_failing_teardown_stands_beside_the_first_fault(fault: ProbeError) -> None:
    """What ended the run decides it; what failed after that is told in its own step."""
    stage = Stage(always=503)
    stage.sessions.fail("delete", fault, always=True)
    report = await stage.run()
    assert (report.step, report.outcome) == (StepName.URL, Outcome.FAILURE)
    assert report.fault is not None
    assert report.fault.reason is Reason.HTTP_5XX
    assert record_of(report, StepName.TERMINATE).fault == fault.fault
    assert reasons(report)[1] is Reason.CLEANUP_TIMEOUT


async def test_a_deletion_that_nobody_answered_is_asked_for_again() -> None:
    """One lost answer must not leave the session: the repetition is a visible attempt."""
    stage = Stage()
    stage.sessions.fail("delete", REFUSED)
    report = await stage.run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.TERMINATE).attempts == 2
    stage.assert_nothing_left()


async def test_a_session_that_was_made_without_an_answer_is_found_and_ended() -> None:
    """A create that failed, and left nobody to ask, may have made a session all the same: the teardown finds it."""
    stage = Stage()
    stage.sessions.accepts_before_failing = True
    stage.sessions.delay("create", 1.0)
    stage.sessions.fail("create", REFUSED)
    run = stage.begin()
    await stage.observer.reached(StepName.CREATE)
    await asyncio.sleep(0.5)
    stage.sessions.fail("ours", TargetFailed.because(Reason.RBAC_DENIED, "not now"))
    report = await run
    assert report.step is StepName.CREATE
    assert len(stage.sessions.deleted) == 1
    assert stage.sessions.requests[0].labels[RUN_ID_LABEL] == RUN_ID
    assert report.session is not None
    assert reasons(report) == [None, None]
    stage.assert_nothing_left()


async def test_a_run_without_a_session_says_that_there_was_none() -> None:
    """A refused create leaves nothing to end, which both steps note."""
    stage = Stage()
    stage.sessions.fail("create", REFUSED)
    report = await stage.run()
    assert [record.notes for record in ends(report)] == [
        ("there was no session to end",),
        ("there was no session to clean up after",),
    ]
    assert stage.sessions.deleted == []


async def test_a_session_that_cannot_be_looked_for_is_not_said_to_be_gone() -> None:
    """Where nobody knows whether there is a session, the cleanup is not verified, rather than a success."""
    stage = Stage()
    stage.sessions.fail("ours", REFUSED, always=True)
    report = await stage.run()
    assert report.step is StepName.CREATE
    assert reasons(report) == [Reason.API_UNREACHABLE, Reason.CLEANUP_TIMEOUT]
    assert report.session is None


async def test_looking_for_the_session_is_bounded_too() -> None:
    """An API server that never answers keeps neither create nor terminate beyond its budget."""
    stage = Stage()
    stage.sessions.hang("ours")
    report = await stage.run(target_with(budgets=Budgets(create=2.0, terminate=3.0)))
    assert reasons(report) == [Reason.API_UNREACHABLE, Reason.CLEANUP_TIMEOUT]
    assert 3.0 < report.duration_s <= 5.0


async def test_finding_and_ending_the_session_share_one_budget() -> None:
    """What looking for the session took is not there for its end."""
    stage = Stage(STUCK)
    stage.sessions.accepts_before_failing = True
    stage.sessions.fail("create", REFUSED)
    stage.sessions.delay("ours", 6.0)
    report = await stage.run()
    terminated, _ = ends(report)
    assert terminated.duration_s == pytest.approx(30.0)
    assert reasons(report)[0] is Reason.FINALIZER_STUCK


async def test_a_page_that_does_not_close_does_not_keep_the_session() -> None:
    """The page is given up after its time, the session is ended all the same, and the fault is ours."""
    stage = Stage(desktop=UnclosableDesktop())
    report = await stage.run()
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert report.fault.reason is Reason.DRIVER_ERROR
    assert report.step is None
    terminated, _ = ends(report)
    assert terminated.outcome is Outcome.SUCCESS
    assert terminated.notes == (f"the page did not close within {CLOSE_PAGE_S:g} s",)
    assert stage.sessions.live() == []
    assert report.unaccounted_s == pytest.approx(CLOSE_PAGE_S + LEAVE_S)


async def test_a_page_that_fails_to_close_stands_beside_the_first_fault() -> None:
    """The run is still the target's failure; the trouble with the page is noted, and told as the defect that it is."""
    defect = ValueError("a defect of ours")
    stage = Stage(desktop=UnclosableDesktop(defect, status=401))
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.AUTH_REJECTED
    assert record_of(report, StepName.TERMINATE).notes == ("closing the page failed with ValueError",)
    assert stage.observer.crashes == [defect]
    assert stage.sessions.live() == []


async def test_a_browser_that_dies_while_it_is_left_changes_nothing() -> None:
    """Once the teardown is over, trouble with giving the page back is no news."""
    stage = Stage(desktop=UnclosableDesktop(ProberFailed.because(Reason.BROWSER_CRASHED, "died")))
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.BROWSER_CRASHED
    assert stage.observer.crashes == []
