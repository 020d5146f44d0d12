"""The optional checks, each a sub-result of step `stream`."""

from dataclasses import replace
from typing import Any

import pytest

from prober.domain.checks import REMEMBER_S, CheckName, CheckPlan, Interruption, ReconnectPlan
from prober.domain.client import Stimulus
from prober.domain.connection import Connections
from prober.domain.errors import TargetFailed
from prober.domain.outcomes import Outcome
from prober.domain.picture import FirstFrame, Look
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName, StepRecord
from prober.domain.stream import StreamSample
from prober.domain.target import StreamPlan, Target
from prober.flow.ports.desktop import STIMULUS_S, PageIdentity
from prober.flow.steps.reconnecting import LOOK_EVERY_S
from prober.flow.steps.remembering import LOOKS
from tests.fakes.browser import HANG, FakeDesktop, Script
from tests.flow.faults import CRASH, unconnected
from tests.flow.stage import Stage, names, record_of, said, target_with

pytestmark = pytest.mark.looptime

HOME = Look(columns=4, rows=1, cells=(30.0, 90.0, 150.0, 210.0))
ELSEWHERE = Look(columns=4, rows=1, cells=(250.0, 250.0, 250.0, 20.0))

LOOKED = [HOME] * LOOKS
"""At what is looked before the desktop is interrupted."""

DARK = Look(columns=4, rows=1, cells=(0.0, 0.0, 8.0, 0.0))


class Sounding(FakeDesktop):
    """A desktop that plays something."""

    def healthy_sample(self) -> StreamSample:
        sample = super().healthy_sample()
        return replace(sample, audio_energy=sample.at_s * 0.01, audio_bytes=int(sample.at_s * 4000))


def reconnecting(**plan: Any) -> Target:
    return target_with(checks=CheckPlan(reconnect=ReconnectPlan(**plan)))


def stream_of(report: RunReport) -> StepRecord:
    return record_of(report, StepName.STREAM)


async def test_without_checks_there_are_no_results() -> None:
    """Nothing is checked that no target asks for, and nothing is interrupted."""
    desktop = FakeDesktop()
    report = await Stage(desktop=desktop).run()
    assert stream_of(report).checks == ()
    assert "interrupt" not in desktop.calls


async def test_what_the_window_answers_takes_no_time() -> None:
    """Sound and size are told from the window's samples."""
    plan = CheckPlan(audio=True, least_width=1280, least_height=720)
    report = await Stage(desktop=Sounding()).run(target_with(checks=plan))
    assert report.outcome is Outcome.SUCCESS
    record = stream_of(report)
    assert [(check.name, check.passed) for check in record.checks] == [
        (CheckName.AUDIO, True),
        (CheckName.RESOLUTION, True),
    ]
    assert record.duration_s == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        pytest.param(CheckPlan(audio=True), Reason.AUDIO_MISSING, id="no sound"),
        pytest.param(CheckPlan(least_height=1080), Reason.LOW_RESOLUTION, id="too small"),
    ],
)
async def test_a_check_that_is_not_passed_fails_the_step(plan: CheckPlan, reason: Reason) -> None:
    """Its reason is the run's, its result stands in the step, and what interrupts is not tried any more."""
    desktop = FakeDesktop()
    report = await Stage(desktop=desktop).run(target_with(checks=replace(plan, reconnect=ReconnectPlan())))
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.STREAM, reason)
    (result,) = stream_of(report).checks
    assert said(result.fault) == said(report.fault)
    assert "interrupt" not in desktop.calls


async def test_results_stand_beside_a_stream_that_is_bad() -> None:
    """A frozen stream decides before a missing sound, and both are told."""

    class Frozen(FakeDesktop):
        def healthy_sample(self) -> StreamSample:
            return replace(super().healthy_sample(), changed=False)

    report = await Stage(desktop=Frozen()).run(target_with(checks=CheckPlan(audio=True)))
    assert report.fault is not None
    assert report.fault.reason is Reason.FROZEN
    assert [check.passed for check in stream_of(report).checks] == [False]
    assert any(finding.bad for finding in report.findings)


@pytest.mark.parametrize(
    ("by", "duration_s"),
    [
        pytest.param(Interruption.RELOAD, 2.0 + STIMULUS_S, id="reload"),
        pytest.param(Interruption.NETWORK, 2.0 + 10.0 + STIMULUS_S, id="network"),
    ],
)
async def test_a_desktop_that_comes_back_passes(by: Interruption, duration_s: float) -> None:
    """It is interrupted once, after the window; input is tried on what came back."""
    desktop = FakeDesktop(look=HOME, delays={"interrupt": 2.0})
    report = await Stage(desktop=desktop).run(reconnecting(by=by))
    assert report.outcome is Outcome.SUCCESS
    assert names(report) == list(StepName)
    (result,) = stream_of(report).checks
    assert (result.name, result.passed) == (CheckName.RECONNECT, True)
    assert result.duration_s == pytest.approx(duration_s)
    assert desktop.calls.count("interrupt") == 1
    assert desktop.calls.index("interrupt") < desktop.calls.index("try_input")


async def test_a_desktop_that_takes_its_time_is_waited_for() -> None:
    """A login page, an early connection, a black screen, another picture: each may pass."""
    stages = FakeDesktop(
        identity=Script(
            *[PageIdentity(recognised=True)], PageIdentity(recognised=False), PageIdentity(recognised=True)
        ),
        connections=Script(*[FakeDesktop.connected()] * 2, Connections(), FakeDesktop.connected()),
        first_frame=Script(*[FirstFrame(visible_s=0.4)], FirstFrame(videos=1), FirstFrame(visible_s=0.4)),
        look=Script(*LOOKED, None, ELSEWHERE, HOME),
    )
    report = await Stage(desktop=stages).run(reconnecting())
    assert report.outcome is Outcome.SUCCESS
    (result,) = stream_of(report).checks
    assert result.duration_s == pytest.approx(5 * LOOK_EVERY_S + 3 * STIMULUS_S)


NEVER_BACK = {
    "page never loads": ({"interrupt": HANG}, Reason.FALSE_RUNNING),
    "page is gone": (
        {"interrupt": TargetFailed.because(Reason.HTTP_404_ROUTE, "no such host")},
        Reason.HTTP_404_ROUTE,
    ),
    "login page": (
        {"identity": Script(PageIdentity(recognised=True), PageIdentity(recognised=False, title="Sign in"))},
        Reason.AUTH_FORM_CHANGED,
    ),
    "no signalling": (
        {"connections": Script(*[FakeDesktop.connected()] * 2, Connections())},
        Reason.SIGNALLING_NEVER_OPENED,
    ),
    "no ICE": ({"connections": Script(*[FakeDesktop.connected()] * 2, unconnected())}, Reason.ICE_FAILED),
    "no picture": (
        {"first_frame": Script(FirstFrame(visible_s=0.4), FirstFrame(videos=1))},
        Reason.NO_FIRST_FRAME,
    ),
    "nothing to look at": ({"look": Script(*LOOKED, None)}, Reason.NO_FIRST_FRAME),
    "black": ({"look": Script(*LOOKED, DARK)}, Reason.BLACK_FRAMES),
    "another desktop": ({"look": Script(*LOOKED, ELSEWHERE)}, Reason.HOST_COLLISION),
}


@pytest.mark.parametrize(("script", "reason"), NEVER_BACK.values(), ids=NEVER_BACK)
async def test_a_desktop_that_does_not_come_back_is_explained(script: dict[str, Any], reason: Reason) -> None:
    """What was missing last is the reason, within the check's budget, and the summary says after what."""
    report = await Stage(desktop=FakeDesktop(**{"look": HOME, **script})).run(reconnecting(within_s=8.0))
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.STREAM, reason)
    assert report.fault.summary.startswith("after a reload: ")
    (result,) = stream_of(report).checks
    assert said(result.fault) == said(report.fault)
    assert stream_of(report).duration_s <= 10.0 + REMEMBER_S + 8.0


async def test_a_picture_that_froze_with_the_network_is_not_back() -> None:
    """The last frame stays on the screen after an outage: only a further one proves anything."""

    class Torn(FakeDesktop):
        def healthy_sample(self) -> StreamSample:
            sample = super().healthy_sample()
            return replace(sample, frames_rendered=500) if "interrupt" in self.calls else sample

    report = await Stage(desktop=Torn(look=HOME)).run(reconnecting(by=Interruption.NETWORK))
    assert report.fault is not None
    assert report.fault.reason is Reason.FROZEN
    assert report.fault.summary.startswith("after a network outage: ")
    assert stream_of(report).duration_s == pytest.approx(10.0 + 1.6 + 10.0 + 15.0, abs=0.5)


class Uncounted(FakeDesktop):
    """A canvas whose frames nobody counts."""

    def healthy_sample(self) -> StreamSample:
        return replace(super().healthy_sample(), frames_rendered=None, changed=self._changes())

    def _changes(self) -> bool | None:
        return True


class Still(Uncounted):
    """Such a canvas, of whose changes the browser says nothing."""

    def _changes(self) -> bool | None:
        return None


@pytest.mark.parametrize(
    ("desktop", "outcome"),
    [pytest.param(Uncounted, Outcome.SUCCESS, id="changes"), pytest.param(Still, Outcome.FAILURE, id="not told")],
)
async def test_where_frames_are_not_counted_pixels_tell(desktop: type[FakeDesktop], outcome: Outcome) -> None:
    """Such a canvas is back once its pixels change."""
    target = replace(reconnecting(by=Interruption.NETWORK), stream=StreamPlan(stimulus=Stimulus.NONE))
    report = await Stage(desktop=desktop(look=HOME)).run(target)
    assert report.outcome is outcome


async def test_a_picture_that_could_not_be_read_before_is_not_compared() -> None:
    """Without a look at the desktop before, one that shows again is enough."""
    desktop = FakeDesktop(look=Script(None))
    report = await Stage(desktop=desktop).run(reconnecting())
    assert report.outcome is Outcome.SUCCESS
    assert desktop.calls.count("look") == 1
    (result,) = stream_of(report).checks
    assert result.fact.endswith("whether the same one was not told: its pixels could not be read before")


async def test_a_desktop_that_moves_all_over_is_not_compared() -> None:
    """Where a video plays all over the picture, no likeness is made up; the result says so."""
    moving = [Look(columns=4, rows=1, cells=(luma,) * 4) for luma in (30.0, 90.0, 150.0, 210.0, 60.0)]
    report = await Stage(desktop=FakeDesktop(look=Script(*moving, ELSEWHERE))).run(reconnecting())
    assert report.outcome is Outcome.SUCCESS
    (result,) = stream_of(report).checks
    assert result.fact.endswith("not told: too much of it moved by itself before")


async def test_a_desktop_of_another_size_is_not_compared() -> None:
    """Windows move when the size changes, so nothing is compared then, and the result says so."""

    class Resized(FakeDesktop):
        def healthy_sample(self) -> StreamSample:
            sample = super().healthy_sample()
            return replace(sample, width=1024, height=768) if "interrupt" in self.calls else sample

    report = await Stage(desktop=Resized(look=Script(*LOOKED, ELSEWHERE))).run(reconnecting())
    assert report.outcome is Outcome.SUCCESS
    (result,) = stream_of(report).checks
    assert result.fact.endswith("not told: its picture was 1280x720 and is 1024x768")


async def test_looks_that_take_long_are_given_up() -> None:
    """Few looks before the interruption are enough."""
    desktop = FakeDesktop(look=HOME, delays={"look": 1.0})
    report = await Stage(desktop=desktop).run(reconnecting())
    assert report.outcome is Outcome.SUCCESS
    assert desktop.calls[: desktop.calls.index("interrupt")].count("look") == 3


async def test_a_button_is_pressed_before_the_page_connects_again() -> None:
    """Some pages connect on a click only, after a reload as well."""

    class Clicking(FakeDesktop):
        async def connections(self) -> Connections:
            since = self.calls[self.calls.index("interrupt") :] if "interrupt" in self.calls else self.calls
            return await super().connections() if "press_buttons" in since else Connections()

    report = await Stage(desktop=Clicking(look=HOME)).run(reconnecting())
    assert report.outcome is Outcome.SUCCESS


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param({"look": HANG}, Reason.DEADLINE_EXCEEDED, id="says nothing before"),
        pytest.param(
            {"identity": Script(PageIdentity(recognised=True), HANG)}, Reason.DEADLINE_EXCEEDED, id="says nothing after"
        ),
        pytest.param({"interrupt": CRASH}, Reason.BROWSER_CRASHED, id="crashes"),
    ],
)
async def test_a_browser_that_fails_meanwhile_is_ours(script: dict[str, Any], reason: Reason) -> None:
    """What the browser meets in the check is no fault of the desktop's."""
    report = await Stage(desktop=FakeDesktop(**script)).run(reconnecting())
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.STREAM, reason)
