"""What reports, skips and sweeps come to."""

from datetime import UTC, datetime

import pytest

from prober.adapters.metrics import Metrics
from prober.domain.errors import Fault
from prober.domain.ids import RunId, TargetName
from prober.domain.leftovers import Leftover
from prober.domain.objectives import Objectives
from prober.domain.outcomes import Outcome, SkipReason, Trigger
from prober.domain.reasons import Layer, Reason
from prober.domain.report import RunReport, WebrtcSummary
from prober.domain.session import SessionRef, SessionView, marks
from prober.domain.steps import StepName, StepRecord
from tests.adapters.metrics.scraping import Scrape
from tests.adapters.reporting import STARTED_AT, make_failure, make_report, make_step, make_target

TARGET = make_target()
ENDED = STARTED_AT.timestamp() + 14.2


@pytest.fixture(autouse=True)
def _known(metrics: Metrics) -> None:
    metrics.add_target(TARGET)


def test_success_feeds_everything(metrics: Metrics, value: Scrape) -> None:
    """A success counts, is timed, and sets the gauges of the last run."""
    expires = datetime(2027, 1, 1, tzinfo=UTC)
    metrics.run_finished(TARGET, make_report(certificate_expires_at=expires))
    assert value("vdi_probe_runs_total", target="ubuntu", outcome="success") == 1
    assert value("vdi_probe_run_duration_seconds_sum", target="ubuntu") == 14.2
    assert value("vdi_probe_step_duration_seconds_sum", target="ubuntu", step="first_frame") == 0.2
    assert value("vdi_probe_success", target="ubuntu") == 1
    assert value("probe_success", target="ubuntu") == 1
    assert value("probe_duration_seconds", target="ubuntu") == 14.2
    assert value("vdi_probe_degraded", target="ubuntu") == 0
    assert value("vdi_probe_last_run_timestamp_seconds", target="ubuntu") == pytest.approx(ENDED)
    assert value("vdi_probe_last_success_timestamp_seconds", target="ubuntu") == pytest.approx(ENDED)
    assert value("vdi_probe_certificate_expiry_timestamp_seconds", target="ubuntu") == expires.timestamp()
    assert value("vdi_probe_webrtc_connections_total", target="ubuntu", outcome="success") == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("time_to_first_frame_seconds_sum", 0.84),
        ("signalling_seconds_sum", 0.05),
        ("ice_connect_seconds_sum", 0.06),
        ("dtls_seconds_sum", 0.07),
        ("round_trip_time_seconds_sum", 0.002),
        ("jitter_seconds_sum", 0.004),
        ("jitter_buffer_delay_seconds_sum", 0.03),
        ("input_latency_seconds_sum", 0.041),
        ("frames_per_second", 54.1),
        ("frames_dropped_ratio", 0.01),
        ("packet_loss_ratio", 0),
        ("freeze_ratio", 0),
        ("bitrate_bits_per_second", 4e6),
        ("frame_height_pixels", 720),
    ],
    ids=lambda parameter: parameter if isinstance(parameter, str) else "",
)
def test_webrtc_figures(metrics: Metrics, value: Scrape, name: str, expected: float) -> None:
    """Each figure of the WebRTC summary reaches its metric, in base units."""
    metrics.run_finished(TARGET, make_report())
    assert value(f"vdi_probe_webrtc_{name}", target="ubuntu") == expected


def test_what_the_browser_did_not_say_is_absent(metrics: Metrics, value: Scrape) -> None:
    """A figure that the last run lacks is no 0 and not the run's before; histograms observe nothing."""
    metrics.run_finished(TARGET, make_report())
    metrics.run_finished(TARGET, make_report(webrtc=WebrtcSummary(frames_per_second=30.0)))
    assert value("vdi_probe_webrtc_frames_per_second", target="ubuntu") == 30
    assert value("vdi_probe_webrtc_packet_loss_ratio", target="ubuntu") is None
    assert value("vdi_probe_webrtc_jitter_seconds_count", target="ubuntu") == 1


def test_path_is_one_series(metrics: Metrics, value: Scrape) -> None:
    """The path's facts are those of the last run, in one series, and go when nobody knows them."""
    facts = {"local_candidate": "host", "remote_candidate": "host", "protocol": "udp", "relay_protocol": ""}
    facts |= {"codec": "H264", "transport": "webrtc_video"}
    metrics.run_finished(TARGET, make_report())
    assert value("vdi_probe_webrtc_path_info", target="ubuntu", **facts) == 1
    metrics.run_finished(TARGET, make_report(webrtc=WebrtcSummary(codec="VP8")))
    assert value("vdi_probe_webrtc_path_info", target="ubuntu", **facts) is None
    metrics.run_finished(TARGET, make_failure(Reason.API_UNREACHABLE, StepName.CREATE))
    assert b"vdi_probe_webrtc_path_info{" not in metrics.render("")[0]


def test_failure_is_counted_by_what_decided(metrics: Metrics, value: Scrape) -> None:
    """A failure names step, layer and reason; the last success keeps its time; the failed step has no latency."""
    metrics.run_finished(TARGET, make_report())
    metrics.run_finished(TARGET, make_failure(Reason.ICE_FAILED, StepName.CONNECT, duration_s=20.0))
    labels = {"target": "ubuntu", "step": "connect", "layer": "ice", "reason": "ice_failed"}
    assert value("vdi_probe_failures_total", **labels) == 1
    assert value("vdi_probe_step_failures_total", target="ubuntu", step="connect") == 1
    assert value("vdi_probe_step_duration_seconds_count", target="ubuntu", step="connect") == 1
    assert value("vdi_probe_webrtc_connections_total", target="ubuntu", outcome="failure") == 1
    assert value("vdi_probe_success", target="ubuntu") == 0
    assert value("probe_success", target="ubuntu") == 0
    assert value("probe_duration_seconds", target="ubuntu") == 20
    assert value("vdi_probe_run_duration_seconds_count", target="ubuntu") == 1
    assert value("vdi_probe_last_success_timestamp_seconds", target="ubuntu") == pytest.approx(ENDED)


def test_error_is_neither_green_nor_red(metrics: Metrics, value: Scrape) -> None:
    """Our own fault removes the success gauges, moves the last run's time, and blames layer prober."""
    metrics.run_finished(TARGET, make_report())
    later = make_failure(Reason.BROWSER_CRASHED, StepName.STREAM, duration_s=100.0)
    metrics.run_finished(TARGET, later)
    for name in ("vdi_probe_success", "probe_success", "probe_duration_seconds", "vdi_probe_degraded"):
        assert value(name, target="ubuntu") is None
    assert value("vdi_probe_runs_total", target="ubuntu", outcome="error") == 1
    assert value("vdi_probe_last_run_timestamp_seconds", target="ubuntu") == STARTED_AT.timestamp() + 100
    assert value("vdi_probe_step_failures_total", target="ubuntu", step="stream") == 0
    labels = {"target": "ubuntu", "step": "stream", "layer": "prober", "reason": "browser_crashed"}
    assert value("vdi_probe_failures_total", **labels) == 1


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.CANCELLED], ids=str)
def test_what_says_nothing_of_the_target_is_not_timed(metrics: Metrics, value: Scrape, outcome: Outcome) -> None:
    """A starved prober measures itself: no histogram takes its times, and gauges of the stream are not its figures."""
    metrics.run_finished(TARGET, make_report())
    before = {name: value(f"vdi_probe_{name}", target="ubuntu", **labels) for name, labels in _TIMED}
    metrics.run_finished(TARGET, make_report(outcome, webrtc=WebrtcSummary(frames_per_second=3.0, dtls_s=9.0)))
    assert {name: value(f"vdi_probe_{name}", target="ubuntu", **labels) for name, labels in _TIMED} == before
    frame_rate = value("vdi_probe_webrtc_frames_per_second", target="ubuntu")
    assert frame_rate == (54.1 if outcome is Outcome.CANCELLED else None)


_TIMED: list[tuple[str, dict[str, str]]] = [
    ("webrtc_dtls_seconds_count", {}),
    ("run_duration_seconds_count", {}),
    ("step_duration_seconds_count", {"step": "first_frame"}),
    ("session_start_seconds_count", {}),
]


def test_error_outside_of_any_step(metrics: Metrics, value: Scrape) -> None:
    """A run that ended before its first step has an empty step label."""
    metrics.run_finished(TARGET, make_failure(Reason.BROWSER_MISSING, None))
    labels = {"target": "ubuntu", "step": "", "layer": "prober", "reason": "browser_missing"}
    assert value("vdi_probe_failures_total", **labels) == 1


def test_cancelled_run_changes_no_gauge(metrics: Metrics, value: Scrape) -> None:
    """A run that was told to stop is counted and says nothing of the target."""
    metrics.run_finished(TARGET, make_report())
    cancelled = make_report(
        Outcome.CANCELLED, duration_s=99.0, webrtc=None, steps=(make_step(StepName.CONNECT, Outcome.CANCELLED),)
    )
    metrics.run_finished(TARGET, cancelled)
    assert value("vdi_probe_runs_total", target="ubuntu", outcome="cancelled") == 1
    assert value("vdi_probe_success", target="ubuntu") == 1
    assert value("vdi_probe_last_run_timestamp_seconds", target="ubuntu") == pytest.approx(ENDED)
    assert value("vdi_probe_webrtc_frames_per_second", target="ubuntu") == 54.1
    assert value("vdi_probe_webrtc_connections_total", target="ubuntu", outcome="success") == 1


def test_degraded_success(metrics: Metrics, value: Scrape) -> None:
    """Warnings leave a success a success, and show."""
    metrics.run_finished(TARGET, make_report(degraded=("high_rtt",)))
    assert value("vdi_probe_success", target="ubuntu") == 1
    assert value("vdi_probe_degraded", target="ubuntu") == 1


def test_certificate_outlives_a_run_that_did_not_see_it(metrics: Metrics, value: Scrape) -> None:
    """The expiry last seen stays through failures before the URL, and goes when the URL is served without one."""
    metrics.run_finished(TARGET, make_report(certificate_expires_at=STARTED_AT))
    metrics.run_finished(TARGET, make_failure(Reason.RBAC_DENIED, StepName.CREATE))
    name = "vdi_probe_certificate_expiry_timestamp_seconds"
    assert value(name, target="ubuntu") == STARTED_AT.timestamp()
    metrics.run_finished(TARGET, make_report())
    assert value(name, target="ubuntu") is None


def test_children_left_are_counted_by_kind(metrics: Metrics, value: Scrape) -> None:
    """Each object that outlived its session counts, also one of a kind that nobody expected."""
    left = tuple(Leftover(kind=kind, name=f"web-{number}") for number, kind in enumerate(("Pod", "Pod", "Secret")))
    metrics.run_finished(TARGET, make_report(children_left=left))
    assert value("vdi_probe_children_left_total", target="ubuntu", kind="Pod") == 2
    assert value("vdi_probe_children_left_total", target="ubuntu", kind="Secret") == 1


def test_skipped_run(metrics: Metrics, value: Scrape) -> None:
    """A run that never began counts as skipped, with its reason."""
    metrics.skipped(TARGET.name, SkipReason.CAPACITY)
    assert value("vdi_probe_runs_total", target="ubuntu", outcome="skipped") == 1
    assert value("vdi_prober_runs_skipped_total", target="ubuntu", reason="capacity") == 1


def test_runs_in_flight(metrics: Metrics, value: Scrape) -> None:
    """A run is in flight from its start to its end."""
    report = make_report()
    assert value("vdi_prober_runs_in_flight") == 0
    metrics.run_started(report.run_id, TARGET, Trigger.SCHEDULE)
    assert value("vdi_prober_runs_in_flight") == 1
    metrics.run_finished(TARGET, report)
    assert value("vdi_prober_runs_in_flight") == 0


def test_what_an_orphan_leaves_counts_as_what_a_run_leaves(metrics: Metrics, value: Scrape) -> None:
    """Objects that outlived a swept session count under its target, where that is one of ours."""
    left = (Leftover(kind="Service", name="web"), Leftover(kind="Service", name="web-2"))
    for target in (TARGET.name, TargetName("nobody")):
        labels, _ = marks(target=target, run_id=RunId("r"), instance="i", deadline=STARTED_AT)
        ref = SessionRef(namespace="vdi", name="probe-x", uid="u")
        metrics.objects_left(SessionView(ref=ref, labels=labels), left)
    assert value("vdi_probe_children_left_total", target="ubuntu", kind="Service") == 2
    assert value("vdi_probe_children_left_total", target="nobody", kind="Service") is None


@pytest.mark.parametrize("created", [Outcome.SUCCESS, Outcome.CANCELLED], ids=["accepted", "cancelled"])
def test_sessions_live_until_known_to_be_gone(metrics: Metrics, value: Scrape, created: Outcome) -> None:
    """A session counts from its creation; one that could not be ended counts until a sweep removes it."""
    run_id = RunId("0198aaaa-0000-7000-8000-000000000002")
    metrics.step_finished(run_id, TARGET, make_step(StepName.CREATE, created))
    assert value("vdi_probe_sessions_live", target="ubuntu") == 1
    metrics.step_finished(run_id, TARGET, make_step(StepName.TERMINATE, Outcome.FAILURE))
    assert value("vdi_probe_sessions_live", target="ubuntu") == 1
    labels, annotations = marks(target=TARGET.name, run_id=run_id, instance="i", deadline=STARTED_AT)
    ref = SessionRef(namespace="vdi", name="probe-x", uid="u")
    metrics.orphans_deleted([SessionView(ref=ref, labels=labels, annotations=annotations)])
    assert value("vdi_probe_sessions_live", target="ubuntu") == 0
    assert value("vdi_probe_orphans_deleted_total", target="ubuntu") == 1


@pytest.mark.parametrize(
    ("reason", "live"),
    [(Reason.QUOTA_EXCEEDED, set()), (Reason.LEAK_CAP_REACHED, set()), (Reason.API_UNREACHABLE, {"b"})],
    ids=["refused", "not asked", "no answer"],
)
def test_creation_that_failed(metrics: Metrics, reason: Reason, live: set[str]) -> None:
    """A refused creation made nothing; one without an answer may have made a session."""
    fault = Fault(reason=reason, summary="no")
    outcome = Outcome.ERROR if reason.layer is Layer.PROBER else Outcome.FAILURE
    metrics.step_finished(RunId("b"), TARGET, make_step(StepName.CREATE, outcome, fault=fault))
    assert metrics.live_runs() == live
    metrics.step_finished(RunId("b"), TARGET, make_step(StepName.TERMINATE))
    assert metrics.live_runs() == set()


def test_terminated_session_is_not_live(metrics: Metrics, value: Scrape) -> None:
    """A confirmed end takes the session off the count, and no other run's."""
    for run_id in (RunId("a"), RunId("b")):
        metrics.step_finished(run_id, TARGET, make_step(StepName.CREATE))
    assert value("vdi_probe_sessions_live", target="ubuntu") == 2
    metrics.step_finished(RunId("a"), TARGET, make_step(StepName.TERMINATE))
    assert value("vdi_probe_sessions_live", target="ubuntu") == 1


def test_sessions_that_went_later(metrics: Metrics, value: Scrape) -> None:
    """What is not seen any more is off the count, whatever target it was for; the others stay on it."""
    other = make_target("debian")
    metrics.add_target(other)
    for run_id, target in ((RunId("a"), TARGET), (RunId("b"), TARGET), (RunId("c"), other)):
        metrics.step_finished(run_id, target, make_step(StepName.CREATE))
        metrics.step_finished(run_id, target, make_step(StepName.TERMINATE, Outcome.FAILURE))
    assert metrics.live_runs() == {"a", "b", "c"}
    metrics.sessions_gone({"a", "c", "stranger"})
    assert metrics.live_runs() == {"b"}
    assert value("vdi_probe_sessions_live", target="ubuntu") == 1
    assert value("vdi_probe_sessions_live", target="debian") == 0


def test_no_target_no_live_runs() -> None:
    """Without targets nothing is live, and nothing can go."""
    metrics = Metrics(version="1.2.3")
    metrics.sessions_gone({"a"})
    assert metrics.live_runs() == frozenset()


def test_orphan_of_an_unknown_target_makes_no_series(metrics: Metrics) -> None:
    """A label on somebody's object cannot make series."""
    ref = SessionRef(namespace="vdi", name="probe-x", uid="u")
    metrics.orphans_deleted([SessionView(ref=ref, labels={"vdi-prober.io/target": "stranger"})])
    assert b"stranger" not in metrics.render("")[0]


def test_the_prober_itself(metrics: Metrics, value: Scrape) -> None:
    """Lag, delay, launches, processes and configuration reach their metrics."""
    metrics.loop_lag(0.02)
    metrics.schedule_delay(2.0)
    metrics.browser_launched("success")
    metrics.browser_launched("no idea")
    metrics.browser_processes(7)
    metrics.config_loaded(ok=True, at=STARTED_AT)
    metrics.config_loaded(ok=False, at=datetime(2027, 1, 1, tzinfo=UTC))
    assert value("vdi_prober_event_loop_lag_seconds_sum") == 0.02
    assert value("vdi_prober_schedule_delay_seconds_bucket", le="5.0") == 1
    assert value("vdi_prober_browser_launches_total", outcome="success") == 1
    assert value("vdi_prober_browser_launches_total", outcome="error") == 1
    assert value("vdi_prober_browser_processes") == 7
    assert value("vdi_prober_config_last_reload_successful") == 0
    assert value("vdi_prober_config_last_reload_success_timestamp_seconds") == STARTED_AT.timestamp()


def test_a_flaky_run_is_a_success_that_is_counted(metrics: Metrics, value: Scrape) -> None:
    """The reason of the attempt that failed is counted, and so is the run, as flaky and as a success."""
    failed = make_failure(Reason.DNS, step=StepName.URL)
    metrics.run_finished(TARGET, make_report(earlier=(failed,)))
    assert value("vdi_probe_flaky_runs_total", target="ubuntu") == 1
    assert value("vdi_probe_runs_total", target="ubuntu", outcome="success") == 1
    assert value("vdi_probe_failures_total", target="ubuntu", step="url", layer="exposure", reason="dns") == 1
    assert value("vdi_probe_step_failures_total", target="ubuntu", step="url") == 1


@pytest.mark.parametrize("place", ["earlier", "later"])
def test_what_every_attempt_leaves_is_counted(metrics: Metrics, value: Scrape, place: str) -> None:
    """Each attempt made a session: what it left, and what failed in its teardown, is there whichever decided."""
    left = (Leftover(kind="VDISession", name="probe-x"), Leftover(kind="Pod", name="web"))
    steps = (make_step(StepName.LOGIN, Outcome.ERROR), make_step(StepName.TERMINATE, Outcome.FAILURE))
    spoilt = make_failure(Reason.BROWSER_CRASHED, StepName.LOGIN, steps=steps, children_left=left)
    decided = make_failure(Reason.DNS, StepName.URL, children_left=left[1:], **{place: (spoilt,)})
    metrics.run_finished(TARGET, decided)
    assert value("vdi_probe_children_left_total", target="ubuntu", kind="Pod") == 2
    assert value("vdi_probe_children_left_total", target="ubuntu", kind="VDISession") == 1
    assert value("vdi_probe_step_failures_total", target="ubuntu", step="terminate") == 1
    assert value("vdi_probe_step_failures_total", target="ubuntu", step="url") == 1


def _visit(*, started: float, shown: float, outcome: Outcome = Outcome.SUCCESS) -> tuple[StepRecord, ...]:
    """Returns the steps of a visit that asked for a desktop at `started` and saw it, or did not, at `shown`."""
    return (
        make_step(StepName.CREATE, start_s=started),
        make_step(StepName.FIRST_FRAME, outcome, start_s=shown - 1.0, duration_s=1.0),
    )


@pytest.mark.parametrize(
    ("shown", "speed"),
    [(60.5, "on_time"), (60.6, "late")],
    ids=["at the objective", "past it"],
)
def test_a_start_is_what_the_user_waits(metrics: Metrics, value: Scrape, shown: float, speed: str) -> None:
    """From asking for the desktop to its first frame, steps between and time between the steps included."""
    metrics.run_finished(TARGET, make_report(steps=_visit(started=0.5, shown=shown)))
    assert value("vdi_probe_session_start_seconds_sum", target="ubuntu") == pytest.approx(shown - 0.5)
    counted = {
        name: value("vdi_probe_session_starts_total", target="ubuntu", speed=name) for name in ("on_time", "late")
    }
    assert counted == {"on_time": 0, "late": 0} | {speed: 1}


@pytest.mark.parametrize(
    ("report", "starts"),
    [
        (make_failure(Reason.FROZEN, StepName.STREAM, steps=_visit(started=0.0, shown=4.0)), 1),
        (make_report(earlier=(make_failure(Reason.FROZEN, StepName.STREAM, steps=_visit(started=0.0, shown=4.0)),)), 1),
        (make_failure(Reason.BLACK_FRAMES, None, steps=_visit(started=0.0, shown=4.0, outcome=Outcome.FAILURE)), 0),
        (make_failure(Reason.DNS, StepName.URL), 0),
        (make_failure(Reason.PROBER_STARVED, StepName.STREAM, steps=_visit(started=0.0, shown=4.0)), 0),
        (make_report(Outcome.CANCELLED), 0),
    ],
    ids=["fails later", "second attempt", "never shown", "fails before", "our error", "cancelled"],
)
def test_which_runs_are_starts(metrics: Metrics, value: Scrape, report: RunReport, starts: int) -> None:
    """A run that showed a desktop is one start, whatever came later; those that say nothing of the target are none."""
    metrics.run_finished(TARGET, report)
    assert value("vdi_probe_session_start_seconds_count", target="ubuntu") == starts
    assert value("vdi_probe_session_starts_total", target="ubuntu", speed="on_time") == starts


def test_objectives_are_exposed(metrics: Metrics, value: Scrape) -> None:
    """Both objectives, the time within which a start is on time, and the interval are there before the first run."""
    metrics.add_target(TARGET, interval_s=300.0)
    assert value("vdi_probe_objective_ratio", target="ubuntu", objective="availability") == 0.99
    assert value("vdi_probe_objective_ratio", target="ubuntu", objective="start_time") == 0.95
    assert value("vdi_probe_start_objective_seconds", target="ubuntu") == 60
    assert value("vdi_probe_target_interval_seconds", target="ubuntu") == 300


def test_an_objective_that_is_off_has_no_series(metrics: Metrics, value: Scrape) -> None:
    """A reload that switches objectives off removes them; starts are measured all the same, and judged no more."""
    metrics.run_finished(TARGET, make_report())
    metrics.add_target(make_target(objectives=Objectives(availability=None, start_time=None)))
    metrics.run_finished(TARGET, make_report())
    text = metrics.render("")[0].decode()
    for name in ("objective_ratio", "start_objective_seconds", "session_starts_total"):
        assert f"vdi_probe_{name}{{" not in text
    assert value("vdi_probe_session_start_seconds_count", target="ubuntu") == 2


def test_records_and_checks_of_the_prober(metrics: Metrics, value: Scrape) -> None:
    """What becomes of self-checks, sweeps, history and traces is counted, each at zero before it happens."""
    counters = {
        "vdi_prober_self_checks_total": {"outcome": "error"},
        "vdi_prober_sweep_failures_total": {},
        "vdi_prober_history_failures_total": {"operation": "write"},
        "vdi_prober_history_set_aside_total": {},
        "vdi_prober_trace_spans_lost_total": {},
    }
    assert [value(name, **labels) for name, labels in counters.items()] == [0] * 5
    for gauge in ("vdi_prober_history_in_memory", "vdi_prober_tracing_active"):
        assert value(gauge) is None
    metrics.self_checked("success")
    metrics.self_checked("error")
    metrics.sweep_failed()
    metrics.history_failed("write")
    metrics.history_opened(set_aside=True, in_memory=False)
    metrics.history_opened(set_aside=False, in_memory=True)
    metrics.tracing_active(active=False)
    metrics.spans_lost(11)
    assert [value(name, **labels) for name, labels in counters.items()] == [1, 1, 1, 1, 11]
    assert value("vdi_prober_self_checks_total", outcome="success") == 1
    assert value("vdi_prober_history_in_memory") == 1
    assert value("vdi_prober_tracing_active") == 0


def test_an_error_after_an_unconfirmed_failure_is_counted(metrics: Metrics, value: Scrape) -> None:
    """The run is the target's failure; that we could not confirm it is counted among our own reasons."""
    spoilt = make_failure(Reason.BROWSER_CRASHED, step=StepName.LOGIN)
    metrics.run_finished(TARGET, make_failure(Reason.DNS, step=StepName.URL, later=(spoilt,)))
    assert value("vdi_probe_runs_total", target="ubuntu", outcome="failure") == 1
    assert value("vdi_probe_runs_total", target="ubuntu", outcome="error") == 0
    assert (
        value("vdi_probe_failures_total", target="ubuntu", step="login", layer="prober", reason="browser_crashed") == 1
    )
