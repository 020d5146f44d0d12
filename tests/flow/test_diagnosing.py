"""A target is blamed once the prober has looked at itself."""

import asyncio
from dataclasses import replace

import pytest

from prober.domain.checks import CheckPlan, ReconnectPlan
from prober.domain.connection import Connections, Peer
from prober.domain.errors import ProberFailed
from prober.domain.outcomes import Outcome
from prober.domain.picture import FirstFrame
from prober.domain.reasons import Reason
from prober.domain.selfcheck import SelfCheck, SelfCheckStage
from prober.domain.session import Child, Phase
from prober.domain.steps import StepName
from tests.fakes.browser import HANG, SOUND_CHECK, FakeBrowser, FakeDesktop, Script
from tests.fakes.health import idle, starving
from tests.fakes.sessions import URL, Story
from tests.fakes.stories import Change
from tests.flow.stage import Stage, names, record_of, target_with

pytestmark = pytest.mark.looptime

BLACK = FirstFrame(rendered_s=0.4, luma=2.0, frames_rendered=9, frames_decoded=9, paused=False, videos=1)
BLIND = SelfCheck(stage=SelfCheckStage.RENDERING, took_s=2.0, codecs=("VP8",))
NEVER = Story(changes=())
LATE = ProberFailed.because(Reason.DEADLINE_EXCEEDED, "the browser was not ready within 45 s")
HUNG = ProberFailed.because(Reason.DRIVER_ERROR, "the browser hangs")
FAILED = Story(changes=(Change(phase=Phase.FAILED, message="no"),))
SECONDS = range(400)
SLOW = Story(
    changes=(Change(phase=Phase.RUNNING, url=URL), Change(after_s=30.0, phase=Phase.TERMINATING, message="removing")),
    gone_after_s=50.0,
    finalizers=("keep",),
)
SERVICE = Child(kind="Service", name="web")


def black(**browser: object) -> Stage:
    """A desktop that shows nothing."""
    return Stage(browser=FakeBrowser(FakeDesktop(first_frame=BLACK), **browser))  # type: ignore[arg-type]  # any of them


async def test_a_browser_that_cannot_show_anything_blames_no_target() -> None:
    """After a failure of the media it is asked to connect to itself; what it cannot do there is ours."""
    stage = black(self_check=BLIND)
    report = await stage.run()
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert report.fault.layer == "prober"
    assert any("black_frames" in fact for fact in report.fault.facts)
    assert record_of(report, StepName.FIRST_FRAME).outcome is Outcome.ERROR
    assert names(report)[-2:] == [StepName.TERMINATE, StepName.CLEANUP]
    stage.assert_nothing_left()


async def test_a_browser_that_can_clears_us() -> None:
    """The target is blamed, and a reader sees that the browser was asked."""
    report = await black().run()
    assert report.fault is not None
    assert report.fault.reason is Reason.BLACK_FRAMES
    assert any(line.startswith("browser_missing: no") for line in report.fault.considered)


async def test_a_fault_that_no_browser_took_part_in_asks_none() -> None:
    """A phase Failed has nothing to do with pages."""
    stage = Stage(FAILED)
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.PHASE_FAILED
    assert stage.browser.checks == 0


async def test_a_codec_that_our_browser_lacks_blames_no_target() -> None:
    """A page that did not say what it decodes is taken for one that does, until the browser is asked itself."""
    peer = Peer(remote_description_s=0.2, video=True, video_rejected=True, offered_codecs=("H264",))
    desktop = FakeDesktop(connections=Connections(peers=(peer,)))
    check = replace(SOUND_CHECK, codecs=("VP8",))
    report = await Stage(browser=FakeBrowser(desktop, self_check=check)).run()
    assert report.fault is not None
    assert (report.outcome, report.step, report.fault.reason) == (
        Outcome.ERROR,
        StepName.CONNECT,
        Reason.BROWSER_MISSING,
    )
    assert any("codec_unsupported" in line for line in report.fault.facts)


async def test_a_starved_prober_trusts_no_wait_of_its_own() -> None:
    """What it waited for in vain is an error of its own, with the measure that says so."""
    stage = Stage(NEVER)
    stage.health.known += [starving(float(second)) for second in SECONDS]
    report = await stage.run()
    assert (report.outcome, report.step) == (Outcome.ERROR, StepName.RUNNING)
    assert report.fault is not None
    assert report.fault.reason is Reason.PROBER_STARVED
    assert "CPU" in report.fault.facts[0]


async def test_what_others_said_stands_however_starved_we_are() -> None:
    """The platform's own word is no matter of our CPU."""
    stage = Stage(FAILED)
    stage.health.known += [starving(float(second)) for second in SECONDS]
    report = await stage.run()
    assert report.fault is not None
    assert (report.outcome, report.fault.reason) == (Outcome.FAILURE, Reason.PHASE_FAILED)


async def test_a_sound_machine_is_considered() -> None:
    """A reader sees that the prober had its time."""
    stage = Stage(NEVER)
    stage.health.known += [idle(float(second)) for second in SECONDS]
    report = await stage.run()
    assert report.fault is not None
    assert report.outcome is Outcome.FAILURE
    assert any(line.startswith("prober_starved: no") for line in report.fault.considered)


async def test_a_teardown_that_was_waited_for_in_vain_may_be_ours_too() -> None:
    """A slow end that a starved prober saw is its own."""
    stage = Stage(Story(gone_after_s=None))
    stage.health.known += [starving(float(second)) for second in SECONDS]
    report = await stage.run()
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.TERMINATE, Reason.PROBER_STARVED)


async def test_a_deadline_of_ours_that_starvation_explains() -> None:
    """The browser told nothing in time because nobody had any."""
    stage = Stage(desktop=FakeDesktop(status=ProberFailed.because(Reason.DEADLINE_EXCEEDED, "too late")))
    stage.health.known += [starving(float(second)) for second in range(-400, 400)]
    report = await stage.run()
    assert report.fault is not None
    assert (report.outcome, report.fault.reason) == (Outcome.ERROR, Reason.PROBER_STARVED)


def hindsight() -> Stage:
    """A page that says nothing of its first frame in time, after which the prober tries for seconds to see it."""
    return Stage(desktop=FakeDesktop(first_frame=Script(FirstFrame(), LATE), snapshot=HANG))


async def failed_after_s() -> float:
    """Returns how long after its beginning such a run fails."""
    record = record_of(await hindsight().run(), StepName.FIRST_FRAME)
    assert record.duration_s < 1
    return record.start_s + record.duration_s


async def test_what_comes_after_the_failure_excuses_nothing() -> None:
    """A machine that is busy only while we look around was sound when it counted."""
    failed_s = await failed_after_s()
    failed_s += asyncio.get_running_loop().time()
    stage = hindsight()
    stage.health.known += [idle(failed_s - number / 2) for number in range(60, 0, -1)]
    stage.health.known += [starving(failed_s + number / 50) for number in range(1, 400)]
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.DEADLINE_EXCEEDED
    assert any(line.startswith("prober_starved: no,") for line in report.fault.considered)


async def test_what_is_sound_after_the_failure_hides_nothing() -> None:
    """A step that fails at once, after which the machine rests while we look around, was a starved prober's."""
    failed_s = await failed_after_s()
    failed_s += asyncio.get_running_loop().time()
    stage = hindsight()
    stage.health.known += [starving(failed_s - number / 2) for number in range(60, 0, -1)]
    stage.health.known += [idle(failed_s + number / 50) for number in range(1, 400)]
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.PROBER_STARVED


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(LATE, Reason.PROBER_STARVED), (HUNG, Reason.DRIVER_ERROR)],
    ids=["a deadline", "a more exact name"],
)
async def test_trouble_before_the_visit_is_held_against_our_health(fault: ProberFailed, reason: Reason) -> None:
    """A browser that a starved prober did not get in time was starvation's; what has a name keeps it, with a remark."""
    stage = Stage(browser=FakeBrowser(launch=fault))
    stage.health.known += [starving(half / 2) for half in range(-60, 1)]
    report = await stage.run()
    assert report.fault is not None
    assert (report.outcome, report.step, report.steps) == (Outcome.ERROR, None, ())
    assert report.fault.reason is reason
    told = (*report.fault.facts, *report.fault.considered)
    assert any("tasks waited for a CPU" in line for line in told)
    assert any(fault.fault.summary in line for line in (*told, report.fault.summary))


async def test_a_sound_machine_before_the_visit_is_considered() -> None:
    """A browser that is missing is no matter of the machine, and a reader sees that it was looked at."""
    stage = Stage(browser=FakeBrowser(launch=HUNG))
    stage.health.known += [idle(half / 2) for half in range(-60, 1)]
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.DRIVER_ERROR
    assert any(line.startswith("prober_starved: no,") for line in report.fault.considered)


async def test_a_prober_that_measures_no_health_says_nothing_of_it() -> None:
    """Where nobody samples the machine it neither excuses nor clears anybody."""
    stage = Stage(NEVER)
    stage.runner._health = None
    report = await stage.run()
    assert report.fault is not None
    assert report.outcome is Outcome.FAILURE
    assert not any("starved" in line for line in (*report.fault.facts, *report.fault.considered))


@pytest.mark.parametrize(
    ("met", "found"),
    [
        (Reason.DEADLINE_EXCEEDED, Reason.DRIVER_ERROR),
        (Reason.BROWSER_CRASHED, Reason.DRIVER_ERROR),
        (Reason.DEADLINE_EXCEEDED, None),
        (Reason.BROWSER_CRASHED, Reason.BROWSER_CRASHED),
    ],
    ids=["it hangs", "its driver died", "it is sound", "it died"],
)
async def test_the_browser_is_asked_what_stands_behind_an_error_of_ours(met: Reason, found: Reason | None) -> None:
    """A deadline that passed, or what looks like a crash, has the name of its cause where the browser tells one."""
    answer = {} if found is None else {"self_check": ProberFailed.because(found, "what the check says")}
    desktop = FakeDesktop(status=ProberFailed.because(met, "what was met"))
    report = await Stage(browser=FakeBrowser(desktop, **answer)).run()
    assert report.fault is not None
    assert (report.outcome, report.fault.reason) == (Outcome.ERROR, found or met)
    told = report.fault.summary, *report.fault.facts
    assert any("what was met" in line for line in told)
    assert ("what the check says" in told) == (found not in {None, met})


async def test_a_browser_that_hangs_while_a_page_loads_blames_no_target() -> None:
    """Nothing but the browser says that no page came, so it is asked; a hung one is ours, and what it met is told."""
    stage = Stage(browser=FakeBrowser(FakeDesktop(status=HANG), self_check=HUNG))
    report = await stage.run()
    assert report.fault is not None
    assert (report.outcome, report.step, report.fault.reason) == (
        Outcome.ERROR,
        StepName.LOGIN,
        Reason.DRIVER_ERROR,
    )
    assert any("false_running: the page did not load" in fact for fact in report.fault.facts)


async def test_a_browser_that_hangs_while_a_page_is_loaded_anew_blames_no_target() -> None:
    """A check that reloads the page has no more to go by than the login."""
    stage = Stage(browser=FakeBrowser(FakeDesktop(interrupt=HANG), self_check=HUNG))
    report = await stage.run(target_with(checks=CheckPlan(reconnect=ReconnectPlan())))
    assert report.fault is not None
    assert (report.outcome, report.step, report.fault.reason) == (
        Outcome.ERROR,
        StepName.STREAM,
        Reason.DRIVER_ERROR,
    )


async def test_a_sound_browser_in_which_no_page_loads_clears_us() -> None:
    """The target is blamed, and a reader sees that the browser was asked."""
    stage = Stage(desktop=FakeDesktop(status=HANG))
    report = await stage.run()
    assert report.fault is not None
    assert (report.outcome, report.fault.reason) == (Outcome.FAILURE, Reason.FALSE_RUNNING)
    assert stage.browser.checks == 1
    assert any(line.startswith("browser_missing: no") for line in report.fault.considered)


@pytest.mark.parametrize(
    ("desktop", "story", "decided"),
    [
        (FakeDesktop(first_frame=BLACK), Story(left=(SERVICE,)), Reason.BLACK_FRAMES),
        (FakeDesktop(), replace(SLOW, left=(SERVICE,)), Reason.CLEANUP_TIMEOUT),
    ],
    ids=["the desktop, then the teardown", "the session, then its objects"],
)
async def test_what_fails_later_is_mentioned(desktop: FakeDesktop, story: Story, decided: Reason) -> None:
    """The first fault in the order of the flow decides; its sentence names the second, a fact tells of it whole."""
    report = await Stage(story, desktop=desktop).run()
    assert report.fault is not None
    assert report.fault.reason is decided
    assert report.fault.summary.endswith("; cleanup failed too (child_left)")
    decisive = record_of(report, report.step or StepName.CREATE).fault
    assert decisive is not None
    assert "failed too" not in decisive.summary
    assert any(
        fact.startswith("step cleanup failed too: child_left: left behind: Service/web") for fact in report.fault.facts
    )


async def test_what_only_follows_is_not_mentioned() -> None:
    """A session that does not go keeps its objects: its end is told once."""
    report = await Stage(Story(gone_after_s=None, finalizers=("keep",))).run()
    assert report.fault is not None
    assert "failed too" not in report.fault.summary
