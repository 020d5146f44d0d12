"""Each fault that a step can meet: which step it ends, with which reason, and whose fault the report says it was."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from prober.domain.connection import Connections
from prober.domain.errors import ProberFailed
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionView, marks
from prober.domain.steps import TEARDOWN_STEPS, StepName
from prober.domain.target import BasicAccess, SecretRef, SecretSource, UrlRules
from tests.fakes.browser import HANG, FakeBrowser, FakeDesktop, Script
from tests.fakes.clock import WALL_START
from tests.fakes.sessions import URL, Change, Story
from tests.flow.faults import FAULTS, SOUND, page
from tests.flow.stage import SESSION, Stage, names, record_of, target_with

pytestmark = pytest.mark.looptime


@pytest.mark.parametrize(("make", "step", "reason"), FAULTS.values(), ids=FAULTS)
async def test_a_fault_ends_the_run_at_its_step(make: Callable[[], Stage], step: StepName, reason: Reason) -> None:
    """The report names step and reason, says whose fault it was, stops the visit there, and the teardown follows."""
    stage = make()
    report = await stage.run()
    assert report.step is step
    assert report.fault is not None
    assert report.fault.reason is reason
    assert report.outcome is (Outcome.ERROR if reason.layer == "prober" else Outcome.FAILURE)
    story = [name for name in StepName if name not in TEARDOWN_STEPS]
    visited = story[: story.index(step) + 1] if step in story else story
    assert names(report) == [*visited, *TEARDOWN_STEPS]
    assert record_of(report, step).fault == report.fault
    assert stage.sessions.open_watches == 0
    assert stage.browser.open_desktops == 0


BUDGETS: dict[str, float] = {
    "API silent": 10.0,
    "no operator": 60.0,
    "creating for ever": 60.0,
    "no URL": 30.0,
    "server error": 30.0,
    "no answer": 30.0,
    "page never loads": 30.0,
    "ICE never completes": 15.0,
    "black": 30.0,
    "samples never come": 15.0,
    "path never comes": 15.0,
    "input never comes": 15.0,
    "delete silent": 30.0,
    "finalizer stuck": 30.0,
    "URL serves on": 60.0,
    "children never listed": 60.0,
}


@pytest.mark.parametrize("name", list(BUDGETS), ids=str)
async def test_a_budget_is_used_to_the_second_and_not_longer(name: str) -> None:
    """A step that waits in vain ends with its budget, whichever of its parts is the one that hangs."""
    make, step, _ = FAULTS[name]
    report = await make().run()
    assert record_of(report, step).duration_s == pytest.approx(BUDGETS[name], abs=0.01)


@pytest.mark.parametrize("name", ["phase Failed", "template missing", "refused login", "URL of another kind"], ids=str)
async def test_a_fault_that_is_certain_is_not_waited_for(name: str) -> None:
    """What cannot get better ends the step at once."""
    make, step, _ = FAULTS[name]
    report = await make().run()
    assert record_of(report, step).duration_s <= 1.0


async def test_waiting_for_the_url_and_for_its_answer_share_one_budget() -> None:
    """A URL that comes late leaves less time for its answer; the reason is that of the answer."""
    late = Story(changes=(Change(phase=Phase.RUNNING), Change(after_s=20.0, url=URL)))
    report = await Stage(late, always=503).run()
    assert report.fault is not None
    assert report.fault.reason is Reason.HTTP_5XX
    assert record_of(report, StepName.URL).duration_s == pytest.approx(30.0, abs=0.01)


async def test_a_request_that_the_budget_cuts_off_does_not_count() -> None:
    """The last whole answer says what was wrong, not the request that had no time left."""
    report = await Stage(always=503, answer_takes_s=8.0).run()
    assert report.fault is not None
    assert report.fault.reason is Reason.HTTP_5XX
    assert record_of(report, StepName.URL).attempts == 4


@pytest.mark.parametrize(
    "changes",
    [(Change(phase=Phase.CREATING),), (Change(phase=Phase.RUNNING),)],
    ids=["before Running", "before its URL"],
)
@pytest.mark.parametrize("gone_after_s", [0.0, None], ids=["gone", "going"])
async def test_a_session_that_somebody_else_deletes_is_not_waited_for(
    changes: tuple[Change, ...], gone_after_s: float | None
) -> None:
    """The run says at once that its session was deleted, rather than wait for what cannot come."""
    finalizers = ("vdi.kasm.io/session-cleanup",)
    stage = Stage(Story(changes=changes, gone_after_s=gone_after_s, finalizers=finalizers))
    run = stage.begin()
    await stage.observer.reached(StepName.RUNNING)
    (view,) = stage.sessions.live()
    await asyncio.sleep(3.0)
    await stage.sessions.delete(view.ref)
    report = await run
    assert report.fault is not None
    assert report.fault.reason is Reason.PHASE_FAILED
    assert "deleted by somebody else" in report.fault.summary
    assert report.duration_s < 60.0


@pytest.mark.parametrize(
    ("story", "step"),
    [
        (Story(changes=(Change(after_s=0.2, phase=Phase.PENDING),)), StepName.RUNNING),
        (Story(changes=(Change(after_s=0.2, phase=Phase.RUNNING),)), StepName.URL),
        (Story(gone_after_s=None, finalizers=("vdi.kasm.io/session-cleanup",)), StepName.TERMINATE),
    ],
    ids=["running", "url", "terminate"],
)
async def test_an_api_that_goes_away_is_not_the_operators_fault(story: Story, step: StepName) -> None:
    """What is waited for in vain while nobody can be asked is the control plane's fault, in every step that watches."""
    stage = Stage(story)
    running = asyncio.create_task(stage.run())
    await stage.observer.reached(step)
    asyncio.get_running_loop().call_later(0.5, stage.sessions.lose_api)
    report = await running
    assert report.step is step
    assert report.fault is not None
    assert report.fault.reason is Reason.API_UNREACHABLE


def old_session(number: int, *, deleting_s: float | None = None) -> SessionView:
    labels, annotations = marks(
        target=TargetName("ubuntu-desktop"), run_id=RunId(f"old-{number}"), instance="prober-0", deadline=WALL_START
    )
    ref = replace(SESSION.ref, name=f"probe-{number}", uid=f"old-{number}")
    deleted_at = None if deleting_s is None else WALL_START - timedelta(seconds=deleting_s)
    return replace(
        SESSION, ref=ref, labels=labels, annotations=annotations, deleting=deleted_at is not None, deleted_at=deleted_at
    )


async def test_sessions_that_the_platform_keeps_are_no_leak_of_ours() -> None:
    """A cap that is full of sessions which do not go is the platform's stuck finalizer, not our error."""
    stage = Stage()
    stage.sessions.add(old_session(0))
    stage.sessions.add(old_session(1, deleting_s=31.0))
    report = await stage.run(target_with(session_cap=2))
    assert (report.outcome, report.step) == (Outcome.FAILURE, StepName.CREATE)
    assert report.fault is not None
    assert report.fault.reason is Reason.FINALIZER_STUCK
    assert stage.sessions.requests == []


async def test_sessions_that_are_just_going_blame_nobody_else() -> None:
    """A deletion that was accepted a moment ago takes room, and is no finalizer that is stuck."""
    stage = Stage()
    stage.sessions.add(old_session(0))
    stage.sessions.add(old_session(1, deleting_s=29.0))
    report = await stage.run(target_with(session_cap=2))
    assert report.fault is not None
    assert report.fault.reason is Reason.LEAK_CAP_REACHED


async def test_sessions_that_only_look_like_ours_do_not_count() -> None:
    """The cap counts sessions with all our marks."""
    stage = Stage()
    ref = replace(SESSION.ref, name="foreign", uid="foreign")
    stage.sessions.add(replace(SESSION, ref=ref, labels={"app.kubernetes.io/managed-by": "vdi-prober"}))
    report = await stage.run(target_with(session_cap=1))
    assert report.outcome is Outcome.SUCCESS


@pytest.mark.parametrize("step", ["connections", "first_frame"], ids=["connect", "first_frame"])
async def test_a_browser_that_says_nothing_is_ours(step: Literal["connections", "first_frame"]) -> None:
    """When not one look at the page was answered nothing is known of the target."""
    desktop = FakeDesktop(connections=HANG) if step == "connections" else FakeDesktop(first_frame=HANG)
    report = await Stage(desktop=desktop).run()
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert report.fault.reason is Reason.DEADLINE_EXCEEDED


async def test_our_own_leak_is_capped() -> None:
    """With as many sessions of ours alive as the cap allows no further one is created."""
    stage = Stage()
    for number in range(2):
        stage.sessions.add(old_session(number))
    report = await stage.run(target_with(session_cap=2))
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert report.fault.reason is Reason.LEAK_CAP_REACHED
    assert "2 sessions of ours" in report.fault.summary
    assert stage.sessions.requests == []
    assert stage.sessions.deleted == []


@pytest.mark.parametrize("reason", [Reason.BROWSER_MISSING, Reason.BROWSER_CRASHED, Reason.DRIVER_ERROR], ids=str)
async def test_without_a_browser_no_session_is_created(reason: Reason) -> None:
    """A prober that cannot look must not burden the platform; the run is an error without any step."""
    stage = Stage(browser=FakeBrowser(launch=ProberFailed.because(reason, "no browser")))
    report = await stage.run()
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert report.fault.reason is reason
    assert (report.step, report.steps, report.session) == (None, (), None)
    assert stage.sessions.calls == []


async def test_without_the_secret_no_session_is_created() -> None:
    """A password that cannot be read is our own fault, and nobody is asked for anything."""
    ref = SecretRef(source=SecretSource.ENV, name="PROBE_PASSWORD")
    stage = Stage()
    report = await stage.run(target_with(access=BasicAccess(username="probe", password=ref)))
    assert (report.outcome, report.steps) == (Outcome.ERROR, ())
    assert stage.browser.requests == []
    assert stage.sessions.calls == []


async def test_a_url_that_another_rule_forbids_is_never_opened() -> None:
    """Neither a request nor the browser goes to a host that the target does not allow."""
    desktop = FakeDesktop()
    stage = Stage(desktop=desktop)
    report = await stage.run(target_with(url=UrlRules(hosts=("*.elsewhere.org",))))
    assert report.fault is not None
    assert report.fault.reason is Reason.URL_REJECTED
    assert desktop.urls == []
    assert stage.exposure.asked == []
    assert report.session is not None
    assert report.session.url is None


async def test_a_client_that_reconnects_is_waited_for() -> None:
    """A first connection that fails does not end the run while a second one comes."""
    failed = replace(SOUND, connection_state="failed", ice_state="failed")
    script = Script(*[Connections(peers=(failed,))] * 20, Connections(peers=(failed, SOUND)))
    report = await page(connections=script).run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.CONNECT).duration_s == pytest.approx(2.0)
