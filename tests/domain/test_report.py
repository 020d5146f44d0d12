import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from prober.domain.checks import CheckName, CheckResult
from prober.domain.errors import Fault
from prober.domain.finding import Finding, Rule
from prober.domain.ids import RunId, TargetName
from prober.domain.leftovers import Leftover
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath, RunReport, SessionLocation, WebrtcSummary, as_dict
from prober.domain.session import SessionRef, Tie
from prober.domain.steps import StepName, StepRecord
from prober.domain.stream import StreamSummary

BLACK = Fault(reason=Reason.BLACK_FRAMES, summary="frames arrive and are black for 30 s")
BARE = RunReport(
    run_id=RunId("0198"),
    target=TargetName("ubuntu-desktop"),
    trigger=Trigger.SCHEDULE,
    started_at=datetime(2026, 11, 22, 9, 40, 19, 123456, tzinfo=UTC),
    duration_s=14.2,
    outcome=Outcome.SUCCESS,
)
FULL = replace(
    BARE,
    outcome=Outcome.FAILURE,
    step=StepName.FIRST_FRAME,
    fault=BLACK,
    degraded=("high_rtt",),
    steps=(
        StepRecord(name=StepName.CREATE, outcome=Outcome.SUCCESS, start_s=0.01, duration_s=0.05),
        StepRecord(
            name=StepName.FIRST_FRAME,
            outcome=Outcome.FAILURE,
            start_s=0.06,
            duration_s=14.12345678,
            timings={"dns": 0.00123456789},
            attempts=3,
            fault=BLACK,
            notes=("no Pods may be listed",),
        ),
    ),
    webrtc=WebrtcSummary(
        transport="webrtc_video",
        codec="H264",
        time_to_first_frame_s=0.84,
        packet_loss_ratio=0.0,
        frame_height_pixels=720,
        path=NetworkPath(local="host", remote="host", protocol="udp"),
    ),
    session=SessionLocation(
        cluster="staging",
        ref=SessionRef(namespace="vdi", name="probe-1", uid="uid-1"),
        url="https://probe.vdi.example.com",
    ),
)


def test_a_bare_report_leaves_out_what_is_absent() -> None:
    """A run that never got anywhere has no step, reason, session or stream, rather than nulls."""
    assert as_dict(BARE) == {
        "run_id": "0198",
        "target": "ubuntu-desktop",
        "trigger": "schedule",
        "started_at": "2026-11-22T09:40:19.123Z",
        "duration_s": 14.2,
        "unaccounted_s": 14.2,
        "outcome": "success",
        "degraded": [],
        "flaky": False,
        "steps": [],
    }


def test_objects_that_were_left_are_told_one_by_one() -> None:
    """Each has its kind, name, age and finalizers; what the platform retains by policy stands apart."""
    left = Leftover(kind="Service", name="web", tie=Tie.NAME, age_s=34.12345678, deleting_s=20.0, finalizers=("keep",))
    kept = Leftover(kind="PersistentVolumeClaim", name="vdi-data")
    published = as_dict(replace(BARE, children_left=(left,), children_kept=(kept,)))
    assert published["children_left"] == [
        {
            "kind": "Service",
            "name": "web",
            "tie": "name",
            "age_s": 34.123457,
            "deleting_s": 20.0,
            "finalizers": ["keep"],
        }
    ]
    assert published["children_kept"] == [{"kind": "PersistentVolumeClaim", "name": "vdi-data", "tie": "owner"}]


def test_a_full_report_has_the_contracts_shape() -> None:
    """Names, nesting and order are those that the contract publishes; a measured 0 stays, times are in microseconds."""
    published = as_dict(FULL)
    assert published == {
        "run_id": "0198",
        "target": "ubuntu-desktop",
        "trigger": "schedule",
        "started_at": "2026-11-22T09:40:19.123Z",
        "duration_s": 14.2,
        "unaccounted_s": 0.026543,
        "outcome": "failure",
        "step": "first_frame",
        "layer": "media",
        "reason": "black_frames",
        "summary": "frames arrive and are black for 30 s",
        "degraded": ["high_rtt"],
        "flaky": False,
        "steps": [
            {"name": "create", "outcome": "success", "start_s": 0.01, "duration_s": 0.05, "timings": {}},
            {
                "name": "first_frame",
                "outcome": "failure",
                "start_s": 0.06,
                "duration_s": 14.123457,
                "timings": {"dns": 0.001235},
                "attempts": 3,
                "layer": "media",
                "reason": "black_frames",
                "summary": "frames arrive and are black for 30 s",
                "notes": ["no Pods may be listed"],
            },
        ],
        "webrtc": {
            "transport": "webrtc_video",
            "codec": "H264",
            "time_to_first_frame_s": 0.84,
            "packet_loss_ratio": 0.0,
            "frame_height_pixels": 720,
            "path": {"local": "host", "remote": "host", "protocol": "udp"},
        },
        "session": {
            "cluster": "staging",
            "namespace": "vdi",
            "name": "probe-1",
            "url": "https://probe.vdi.example.com",
        },
    }
    assert list(published)[:7] == [
        "run_id",
        "target",
        "trigger",
        "started_at",
        "duration_s",
        "unaccounted_s",
        "outcome",
    ]


def test_a_report_is_plain_json() -> None:
    """Nothing in it needs an encoder: strings are strings, not enums."""
    assert json.loads(json.dumps(as_dict(FULL))) == as_dict(FULL)
    assert type(as_dict(FULL)["outcome"]) is str


def test_timestamps_are_utc_in_milliseconds() -> None:
    """Whatever the zone it was taken in, a time is published in UTC with a Z, milliseconds even when they are 0."""
    berlin = datetime(2026, 11, 22, 10, 40, 19, tzinfo=timezone(timedelta(hours=1)))
    assert as_dict(replace(BARE, started_at=berlin))["started_at"] == "2026-11-22T09:40:19.000Z"


def test_steps_never_account_for_less_than_nothing() -> None:
    """Clocks' rounding does not make the unaccounted time negative."""
    step = StepRecord(name=StepName.CREATE, outcome=Outcome.SUCCESS, start_s=0.0, duration_s=20.0)
    assert replace(BARE, steps=(step,)).unaccounted_s == 0.0


def test_findings_are_published_with_rule_value_and_limit() -> None:
    """Each names the rule, its reason and layer, the value beside its limit, unit and window; what is absent is out."""
    loss = Finding(
        rule=Rule.PACKET_LOSS, bad=True, fact="packet loss 6.0% (limit 5.0%)", value=0.06, limit=0.05, window_s=8.0
    )
    gone = Finding(rule=Rule.GONE, bad=True, fact="the picture went away")
    assert as_dict(replace(BARE, findings=(loss, gone)))["findings"] == [
        {
            "rule": "packet_loss",
            "reason": "high_loss",
            "layer": "media",
            "bad": True,
            "value": 0.06,
            "limit": 0.05,
            "unit": "ratio",
            "window_s": 8.0,
            "fact": "packet loss 6.0% (limit 5.0%)",
        },
        {"rule": "gone", "reason": "frozen", "layer": "media", "bad": True, "fact": "the picture went away"},
    ]


def test_checks_are_published_with_their_step() -> None:
    """A passed check has its fact, a failed one reason and layer too; the time is that beyond the window."""
    fault = Fault(reason=Reason.HOST_COLLISION, summary="after a reload: another desktop")
    checks = (
        CheckResult(name=CheckName.AUDIO, fact="sound arrives"),
        CheckResult(name=CheckName.RECONNECT, fact="not back", fault=fault, duration_s=15.0),
    )
    step = StepRecord(name=StepName.STREAM, outcome=Outcome.FAILURE, start_s=1.0, duration_s=25.0, checks=checks)
    (published,) = as_dict(replace(BARE, steps=(step,)))["steps"]
    assert published["checks"] == [
        {"name": "audio", "passed": True, "fact": "sound arrives"},
        {
            "name": "reconnect",
            "passed": False,
            "fact": "not back",
            "layer": "exposure",
            "reason": "host_collision",
            "duration_s": 15.0,
        },
    ]


def test_the_webrtc_summary_takes_up_a_windows_figures() -> None:
    """Figures of one name are taken over, four have names of their own; what was known before stays."""
    stream = StreamSummary(
        window_s=8.0,
        round_trip_s=0.002,
        jitter_buffer_s=0.02,
        width=1280,
        height=720,
        frames_per_second=58.0,
        audio_level=0.3,
        key_frames=2,
    )
    assert WebrtcSummary(codec="H264", dtls_s=0.07).with_stream(stream) == WebrtcSummary(
        codec="H264",
        dtls_s=0.07,
        round_trip_time_s=0.002,
        jitter_buffer_delay_s=0.02,
        frame_width_pixels=1280,
        frame_height_pixels=720,
        frames_per_second=58.0,
        audio_level=0.3,
        key_frames=2,
    )


def test_a_session_s_url_carries_no_credential() -> None:
    """User, parameters, query and fragment go, and what looks like a token in the path; the session's name stays."""
    session = SessionLocation(
        cluster="staging",
        ref=SessionRef(namespace="vdi", name="probe-ubuntu-5kv52", uid="u"),
        url="https://u:p@vdi.example.com/probe-ubuntu-5kv52;jsessionid=x/3fA9xQ27bKd81LmZ0pVw/?token=x#x",
    )
    report = RunReport(
        run_id=RunId("r"),
        target=TargetName("t"),
        trigger=Trigger.SCHEDULE,
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        duration_s=1.0,
        outcome=Outcome.SUCCESS,
        session=session,
    )
    assert as_dict(report)["session"]["url"] == "https://vdi.example.com/probe-ubuntu-5kv52/***/"
