import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from prober.domain.client import Stimulus
from prober.domain.exposure import Answer
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath
from prober.domain.session import (
    ABOUT_ANNOTATION,
    DEADLINE_ANNOTATION,
    RUN_ID_LABEL,
    STARTED_AT_ANNOTATION,
    TRIGGER_ANNOTATION,
    Phase,
)
from prober.domain.steps import Budgets, StepName
from prober.domain.stream import StreamSample
from prober.domain.target import BasicAccess, InputPlan, SecretRef, SecretSource, SessionTemplate, StreamPlan, UrlRules
from prober.flow.steps.session import DEADLINE_MARGIN_S
from prober.flow.steps.url import extract
from tests.fakes.browser import FakeDesktop
from tests.fakes.clock import WALL_START
from tests.fakes.sessions import URL, Change, FakeSessions, Story
from tests.flow.stage import CLUSTER, RUN_ID, SESSION, TARGET, Stage, names, record_of, target_with

pytestmark = pytest.mark.looptime


async def test_the_story_in_its_order() -> None:
    """A healthy platform is lived through in ten steps, each a success, and nothing is left afterwards."""
    stage = Stage()
    report = await stage.run()
    assert report.outcome is Outcome.SUCCESS
    assert names(report) == list(StepName)
    assert {record.outcome for record in report.steps} == {Outcome.SUCCESS}
    assert (report.fault, report.step, report.degraded) == (None, None, ())
    assert (report.run_id, report.target, report.trigger) == (RUN_ID, TARGET.name, Trigger.MANUAL)
    stage.assert_nothing_left()


async def test_steps_are_timed_by_the_clock() -> None:
    """Each step lasts as long as what it waited for, begins where the one before ended, and none is unaccounted for."""
    report = await Stage(desktop=FakeDesktop(delays={"open": 2.0})).run()
    durations = {record.name.value: round(record.duration_s, 3) for record in report.steps}
    assert durations == {
        "create": 0.0,
        "running": 0.5,
        "url": 0.012,
        "login": 2.0,
        "connect": 0.0,
        "first_frame": 0.0,
        "stream": 10.0,
        "input": 0.4,
        "terminate": 0.1,
        "cleanup": 0.012,
    }
    assert report.started_at == WALL_START
    assert report.duration_s == pytest.approx(13.024)
    assert report.unaccounted_s == pytest.approx(0.0, abs=1e-6)
    assert record_of(report, StepName.LOGIN).start_s == pytest.approx(0.512)


async def test_the_report_holds_what_was_measured() -> None:
    """Sub-timings, the stream, the input and the place of the session end up in the report."""
    report = await Stage().run()
    assert record_of(report, StepName.LOGIN).timings == await FakeDesktop().load_timings()
    connect = record_of(report, StepName.CONNECT)
    assert connect.timings == pytest.approx({"signalling": 0.06, "gathering": 0.04, "checking": 0.06, "dtls": 0.06})
    webrtc = report.webrtc
    assert webrtc is not None
    assert webrtc.transport == "webrtc_video"
    assert webrtc.time_to_first_frame_s == 0.42
    assert (webrtc.signalling_s, webrtc.ice_connect_s, webrtc.dtls_s) == pytest.approx((0.06, 0.06, 0.06))
    assert webrtc.frames_per_second == pytest.approx(30.0, abs=0.5)
    assert webrtc.packet_loss_ratio == 0.0
    assert webrtc.frame_height_pixels == 720
    assert (webrtc.input_latency_p50_s, webrtc.input_latency_p95_s) == (0.04, 0.04)
    assert (webrtc.path, webrtc.codec) == (NetworkPath(local="host", remote="host", protocol="udp"), "VP8")
    assert report.session is not None
    assert (report.session.cluster, report.session.url) == (CLUSTER, URL)
    assert report.session.ref.namespace == "vdi"


async def test_the_observer_hears_it_as_it_goes() -> None:
    """The observer is told of the run, of each step, and of the very report that comes back."""
    stage = Stage()
    report = await stage.run()
    assert stage.observer.runs == [(RUN_ID, Trigger.MANUAL)]
    assert stage.observer.begun == list(StepName)
    assert tuple(stage.observer.records) == report.steps
    assert stage.observer.reports == [report]
    assert stage.observer.crashes == []


async def test_the_session_carries_our_marks() -> None:
    """What is created says whose it is and until when, beside the target's own annotations and overlay."""
    session = SessionTemplate(
        cluster=CLUSTER,
        namespace="vdi",
        user="p@x.org",
        template="kde",
        timeout="20m",
        annotations={"team": "vdi"},
        overlay={"persistence": {"enabled": False}},
    )
    stage = Stage()
    target = target_with(session=session)
    await stage.run(target)
    (request,) = stage.sessions.requests
    assert (request.namespace, request.user, request.template, request.timeout) == (
        "vdi",
        "p@x.org",
        "kde",
        "20m",
    )
    assert request.generate_name == "probe-ubuntu-desktop-"
    assert request.labels[RUN_ID_LABEL] == RUN_ID
    assert request.overlay == {"persistence": {"enabled": False}}
    deadline = WALL_START.replace(microsecond=0) + timedelta(seconds=target.longest_s() + DEADLINE_MARGIN_S)
    assert ABOUT_ANNOTATION in request.annotations
    assert {key: text for key, text in request.annotations.items() if key != ABOUT_ANNOTATION} == {
        "team": "vdi",
        DEADLINE_ANNOTATION: deadline.isoformat(),
        STARTED_AT_ANNOTATION: WALL_START.isoformat(timespec="seconds"),
        TRIGGER_ANNOTATION: "manual",
    }


async def test_a_long_name_leaves_room_for_the_suffix() -> None:
    """The name that the API server completes stays within Kubernetes' 63 characters."""
    stage = Stage()
    await stage.run(target_with(name="x" * 63))
    assert len(stage.sessions.requests[0].generate_name) + 5 <= 63


async def test_credentials_are_read_for_the_run() -> None:
    """Basic access hands the browser the secret of now; the browser is asked for the target's client and TLS rule."""
    ref = SecretRef(source=SecretSource.ENV, name="PROBE_PASSWORD")
    target = target_with(access=BasicAccess(username="probe", password=ref), url=UrlRules(verify_tls=False))
    stage = Stage()
    stage.secrets.values["PROBE_PASSWORD"] = "hunter2"
    report = await stage.run(target)
    (request,) = stage.browser.requests
    assert report.outcome is Outcome.SUCCESS
    assert stage.secrets.asked == [ref]
    assert request.login.username == "probe"
    assert request.login.password is not None
    assert request.login.password.reveal() == "hunter2"
    assert "hunter2" not in repr(request) + str(request.login.password)
    assert request.verify_tls is False
    assert {asked.verify_tls for asked in stage.exposure.asked} == {False}


async def test_open_access_hands_over_no_credentials() -> None:
    """A desktop that asks for no login gets none, and no secret is read."""
    stage = Stage()
    await stage.run()
    assert stage.secrets.asked == []
    assert stage.browser.requests[0].login.password is None


async def test_a_target_may_forbid_input() -> None:
    """Without an input plan there is no input step, and the desktop is never touched."""
    desktop = FakeDesktop()
    report = await Stage(desktop=desktop).run(target_with(input=None))
    assert names(report) == [step for step in StepName if step is not StepName.INPUT]
    assert report.outcome is Outcome.SUCCESS
    assert "try_input" not in desktop.calls


async def test_without_a_stimulus_the_pointer_rests() -> None:
    """A plan without a stimulus moves nothing, and stillness is no fault then."""
    clock = asyncio.get_running_loop().time
    desktop = FakeDesktop(sample=lambda: StreamSample(at_s=clock(), frames_rendered=1, changed=False))
    report = await Stage(desktop=desktop).run(target_with(stream=StreamPlan(stimulus=Stimulus.NONE)))
    assert report.outcome is Outcome.SUCCESS
    assert "stimulate" not in desktop.calls


async def test_the_window_is_sampled_at_its_distance() -> None:
    """A window of 10 s with a sample each half second takes 21 of them, under a pointer that moves all the time."""
    desktop = FakeDesktop()
    await Stage(desktop=desktop).run()
    assert desktop.calls.count("sample") == 21
    assert desktop.calls.count("stimulate") >= 50


async def test_samples_that_are_late_do_not_pile_up() -> None:
    """A browser that needs longer for a sample than their distance gives fewer, not a burst."""
    desktop = FakeDesktop(delays={"sample": 3.0})
    report = await Stage(desktop=desktop).run()
    assert desktop.calls.count("sample") == 5
    assert record_of(report, StepName.STREAM).duration_s <= 15.0


async def test_a_platform_that_is_ready_at_once_costs_no_time() -> None:
    """Nothing is waited for that is there already."""
    report = await Stage(Story(changes=(Change(phase=Phase.RUNNING, url=URL),))).run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.RUNNING).duration_s == 0.0


async def test_a_url_that_came_since_the_last_look_is_taken_at_once() -> None:
    """The view of the step before may be older than the session's URL."""
    sessions = FakeSessions()
    now = sessions.add(replace(SESSION, phase=Phase.RUNNING, url=URL))
    before = replace(now, url=None)
    assert await extract(sessions, before, rules=UrlRules(), budget_s=30.0) == URL
    assert asyncio.get_running_loop().time() == 0.0


async def test_a_url_that_comes_after_running_is_waited_for() -> None:
    """Running may be said before the URL is; the step waits for it."""
    late = Story(changes=(Change(phase=Phase.RUNNING), Change(after_s=4.0, url=URL)))
    report = await Stage(late).run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.URL).duration_s == pytest.approx(4.012)


async def test_requests_to_a_url_that_does_not_serve_yet_are_counted() -> None:
    """A retry is a visible attempt; the gap says for how long the session was Running and did not serve."""
    stage = Stage(answers=(503, 404))
    report = await stage.run()
    record = record_of(report, StepName.URL)
    assert record.outcome is Outcome.SUCCESS
    assert record.attempts == 3
    assert record.timings["serving_gap"] == pytest.approx(0.524)
    assert record.timings["tls"] == 0.005


async def test_a_url_that_serves_at_once_has_no_gap() -> None:
    """One attempt, a gap of 0, and the end of the certificate."""
    expires = WALL_START + timedelta(days=30)
    served = Answer(status=200, dns_s=0.0, tcp_s=0.0, first_byte_s=0.0, certificate_expires_at=expires)
    report = await Stage(answers=(served,)).run()
    assert record_of(report, StepName.URL).attempts == 1
    assert record_of(report, StepName.URL).timings["serving_gap"] == 0.0
    assert report.certificate_expires_at == expires


async def test_a_step_over_its_expectation_degrades() -> None:
    """A slow step that still succeeds makes the run degraded, not failed."""
    expected = {StepName.RUNNING: 0.4, StepName.LOGIN: 5.0}
    report = await Stage().run(target_with(expected_s=expected))
    assert report.outcome is Outcome.SUCCESS
    assert report.degraded == ("slow_running",)


async def test_a_failed_step_is_not_slow_besides() -> None:
    """A step whose budget ran out has its fault; that it took long is no news."""
    report = await Stage(Story(changes=())).run(target_with(expected_s={StepName.RUNNING: 30.0}))
    assert report.outcome is Outcome.FAILURE
    assert report.degraded == ()


async def test_a_window_in_which_the_page_stood_still_is_ours() -> None:
    """Samples that all bear one time were not taken over a window: the prober has seen nothing that it could judge."""
    still = FakeDesktop(sample=lambda: StreamSample(at_s=1.0, frames_rendered=1))
    report = await Stage(desktop=still).run()
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert report.fault.reason is Reason.DEADLINE_EXCEEDED


class FarDesktop(FakeDesktop):
    """A desktop on another continent."""

    def healthy_sample(self) -> StreamSample:
        return replace(super().healthy_sample(), round_trip_s=0.2)


async def test_warnings_of_stream_and_input_degrade() -> None:
    """Values past the warning edge stand in the report, each once, and leave it a success."""
    far = FarDesktop(input_latency=0.2)
    target = target_with(stream=StreamPlan(settle_s=0.0), input=InputPlan(repetitions=3))
    report = await Stage(desktop=far).run(target)
    assert report.outcome is Outcome.SUCCESS
    assert report.degraded == (Reason.HIGH_RTT.value, Reason.INPUT_SLOW.value)


async def test_input_that_the_budget_leaves_no_time_for_is_left_out() -> None:
    """Of ten repetitions that take their full second, a budget of 5.5 s tries five; all miss, so input is dead."""
    budgets = Budgets(input=5.5)
    desktop = FakeDesktop(input_latency=None)
    report = await Stage(desktop=desktop).run(target_with(budgets=budgets))
    assert report.fault is not None
    assert report.fault.reason is Reason.INPUT_DEAD
    assert "5 of 5" in report.fault.summary
    assert record_of(report, StepName.INPUT).duration_s == pytest.approx(5.5)
