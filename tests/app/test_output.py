from dataclasses import replace

import pytest

from prober.app.output import report_lines, step_line
from prober.app.progress import Progress
from prober.app.waterfall import waterfall
from prober.domain.checks import CheckName, CheckResult
from prober.domain.errors import Fault
from prober.domain.finding import Finding, Rule
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath, WebrtcSummary
from prober.domain.steps import StepName, StepRecord
from tests.app.test_observers import REPORT, TARGET

BLACK = Fault(reason=Reason.BLACK_FRAMES, summary="frames arrive and are black")


def test_a_step_has_its_time_and_what_it_is_made_of() -> None:
    """Mark, name, seconds, sub-timings in milliseconds, attempts only where there were several."""
    record = StepRecord(
        name=StepName.URL,
        outcome=Outcome.SUCCESS,
        start_s=0.5,
        duration_s=1.234,
        timings={"dns": 0.002, "tcp": 0.001},
        attempts=3,
    )
    assert step_line(record) == "  ok    url             1.23 s  dns 2 ms  tcp 1 ms  attempts 3"


def test_a_failed_step_says_whose_fault_it_was() -> None:
    """Layer, reason and sentence stand below, the step's notes after them."""
    record = StepRecord(
        name=StepName.FIRST_FRAME,
        outcome=Outcome.FAILURE,
        start_s=0.5,
        duration_s=10,
        fault=BLACK,
        notes=("a remark",),
    )
    assert step_line(record).splitlines() == [
        "  FAIL  first_frame    10.00 s",
        "        media/black_frames: frames arrive and are black",
        "        a remark",
    ]


def test_the_verdict_names_step_layer_and_reason() -> None:
    """One line is enough to know whom to call."""
    failed = replace(REPORT, outcome=Outcome.FAILURE, step=StepName.FIRST_FRAME, fault=BLACK)
    assert report_lines(failed) == (
        "  FAIL  desktop: failure at first_frame: media/black_frames: frames arrive and are black in 1.0 s (r1)"
    )


CRASHED = Fault(
    reason=Reason.CRASH_LOOP,
    summary="container desktop crashes",
    facts=("it was restarted 3 times", "it exits with 1", "its log ends with: no display", "a fourth"),
    considered=("no OOM: the exit code is not 137", "the image was pulled"),
)


def test_a_failure_as_a_person_wants_it() -> None:
    """Where the time went, the sentence, three facts, what else it could be, where the evidence is."""

    def step(name: StepName, outcome: Outcome, start_s: float, duration_s: float) -> StepRecord:
        return StepRecord(name=name, outcome=outcome, start_s=start_s, duration_s=duration_s)

    failed = replace(
        REPORT,
        outcome=Outcome.FAILURE,
        duration_s=20.0,
        step=StepName.RUNNING,
        fault=CRASHED,
        evidence="file:///var/evidence/r1",
        steps=(
            step(StepName.CREATE, Outcome.SUCCESS, 0.0, 0.05),
            step(StepName.RUNNING, Outcome.FAILURE, 0.05, 10.0),
            step(StepName.TERMINATE, Outcome.SUCCESS, 15.0, 4.0),
            step(StepName.CLEANUP, Outcome.SUCCESS, 19.99, 0.01),
        ),
    )
    assert report_lines(failed, width=48).splitlines() == [
        "  create       |#                   |     0.05 s",
        "  running      |##########          |    10.00 s",
        "  terminate    |               #### |     4.00 s",
        "  cleanup      |                   #|     0.01 s",
        "  FAIL  desktop: failure at running: workload/crash_loop: container desktop crashes in 20.0 s (r1)",
        "        fact: it was restarted 3 times",
        "        fact: it exits with 1",
        "        fact: its log ends with: no display",
        "        considered: no OOM: the exit code is not 137; the image was pulled",
        "        evidence: file:///var/evidence/r1",
    ]


def test_a_success_has_no_waterfall() -> None:
    """Its steps were shown as they went, and nobody asks where the time went."""
    step = StepRecord(name=StepName.CREATE, outcome=Outcome.SUCCESS, start_s=0, duration_s=1)
    assert report_lines(replace(REPORT, steps=(step,))) == "  ok    desktop: success in 1.0 s (r1)"


@pytest.mark.parametrize(
    ("width", "longest"), [(0, 38), (80, 80), (500, 88)], ids=["narrow", "a terminal", "very wide"]
)
@pytest.mark.parametrize("whole_s", [0.0, 0.001, 5000.0], ids=["nothing", "a moment", "long"])
def test_a_waterfall_keeps_its_width(width: int, longest: int, whole_s: float) -> None:
    """A line is never wider than the terminal, nor narrower than what can be read, whatever the times."""
    steps = tuple(
        StepRecord(name=name, outcome=Outcome.SUCCESS, start_s=whole_s * share, duration_s=whole_s * (1 - share))
        for name, share in zip(StepName, (0, 0.2, 1, 0.5, 0.999), strict=False)
    )
    lines = waterfall(replace(REPORT, duration_s=whole_s / 2, steps=steps), width=width)
    assert {len(line) for line in lines} == {longest}
    assert all("#" in line for line in lines)


def test_a_run_without_steps_has_no_waterfall() -> None:
    """A browser that is missing takes no step."""
    assert waterfall(REPORT, width=80) == []


def test_a_degraded_success_says_by_what() -> None:
    """The warnings stand in the verdict."""
    assert "success, degraded (high_rtt, low_fps) in" in report_lines(replace(REPORT, degraded=("high_rtt", "low_fps")))


def test_a_step_lists_its_checks() -> None:
    """Each check has a line below its step, between the step's fault and its notes."""
    passed = CheckResult(name=CheckName.RESOLUTION, fact="the picture is 1280x720")
    fault = Fault(reason=Reason.AUDIO_MISSING, summary="no audio arrived")
    record = StepRecord(
        name=StepName.STREAM,
        outcome=Outcome.FAILURE,
        start_s=0.5,
        duration_s=10,
        fault=fault,
        checks=(passed, CheckResult(name=CheckName.AUDIO, fact="no audio arrived", fault=fault)),
        notes=("a remark",),
    )
    assert [line.strip() for line in step_line(record).splitlines()[1:]] == [
        "media/audio_missing: no audio arrived",
        "check resolution passed: the picture is 1280x720",
        "check audio not passed: no audio arrived",
        "a remark",
    ]


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        pytest.param(
            Finding(rule=Rule.FRAME_RATE, bad=True, fact="few", value=6.123, limit=10.0, window_s=8.0),
            "failed by rule frame_rate, value 6.123 frames/s, limit 10 frames/s, window 8.0 s",
            id="rate",
        ),
        pytest.param(
            Finding(rule=Rule.ROUND_TRIP_TIME, bad=False, fact="far", value=0.12, limit=0.1, window_s=8.0),
            "warned by rule round_trip_time, value 120 ms, limit 100 ms, window 8.0 s",
            id="short time",
        ),
        pytest.param(
            Finding(rule=Rule.NO_FRAME, bad=True, fact="still", value=6.2, limit=5.0, window_s=8.0),
            "failed by rule no_frame, value 6.2 s, limit 5.0 s, window 8.0 s",
            id="long time",
        ),
        pytest.param(
            Finding(rule=Rule.INPUT_MISSES, bad=False, fact="some", value=0.1, limit=0.0),
            "warned by rule input_misses, value 10.0%, limit 0.0%",
            id="share of a count",
        ),
        pytest.param(Finding(rule=Rule.GONE, bad=True, fact="gone"), "failed by rule gone", id="no measure"),
    ],
)
def test_a_broken_rule_stands_beside_its_limit(finding: Finding, line: str) -> None:
    """The rule, the value, the edge that was passed, the window: what the verdict was made from."""
    assert report_lines(replace(REPORT, findings=(finding,))).splitlines()[1].strip() == line


def test_a_flaky_run_shows_what_failed_at_first() -> None:
    """A line for each attempt before the one that decided, with its diagnosis; the verdict says that it is flaky."""
    first = replace(REPORT, outcome=Outcome.FAILURE, step=StepName.FIRST_FRAME, fault=BLACK, duration_s=9.0)
    assert report_lines(replace(REPORT, earlier=(first,), degraded=("high_rtt",))).splitlines() == [
        "  FAIL  desktop: attempt 1: failure at first_frame: media/black_frames: frames arrive and are black in 9.0 s",
        "  ok    desktop: success, flaky (attempt 2), degraded (high_rtt) in 1.0 s (r1)",
    ]


def test_an_attempt_that_we_spoilt_stands_before_the_waterfall() -> None:
    """Attempts keep their numbers, and come before the one that decided, whose bars stand above its verdict."""
    step = StepRecord(name=StepName.FIRST_FRAME, outcome=Outcome.FAILURE, start_s=0, duration_s=1, fault=BLACK)
    failed = replace(REPORT, outcome=Outcome.FAILURE, step=StepName.FIRST_FRAME, fault=BLACK, steps=(step,))
    spoilt = replace(REPORT, outcome=Outcome.ERROR, fault=Fault(reason=Reason.BROWSER_CRASHED, summary="it died"))
    stopped = replace(REPORT, outcome=Outcome.CANCELLED)
    begins = [line[:34].split("|")[0] for line in report_lines(replace(failed, later=(spoilt, stopped))).splitlines()]
    assert begins == [
        "  ERROR desktop: attempt 2: error:",
        "  stop  desktop: attempt 3: cancel",
        "  first_frame  ",
        "  FAIL  desktop: failure at first_",
    ]


def test_what_was_not_measured_is_not_printed() -> None:
    """Only figures that exist, in people's units."""
    webrtc = WebrtcSummary(
        transport="webrtc_video",
        codec="VP8",
        time_to_first_frame_s=0.45,
        packet_loss_ratio=0.0,
        input_latency_p50_s=0.0412,
        input_repetitions=10,
        input_misses=0,
        path=NetworkPath(local="host", remote="prflx", protocol="udp"),
    )
    *_, figures = report_lines(replace(REPORT, webrtc=webrtc)).splitlines()
    assert figures.strip() == (
        "transport webrtc_video, path host-prflx/udp, VP8, first frame 0.45 s, loss 0.0%, input p50 41 ms"
    )


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        pytest.param(NetworkPath(local="relay", protocol="udp"), "path relay-?/udp", id="no remote end"),
        pytest.param(NetworkPath(remote="host"), "path ?-host", id="remote end alone"),
        pytest.param(NetworkPath(protocol="udp"), "path udp", id="no end"),
        pytest.param(NetworkPath(), "", id="nothing"),
        pytest.param(None, "", id="no path"),
    ],
)
def test_of_a_path_the_told_parts_are_printed(path: NetworkPath | None, printed: str) -> None:
    """What the browser did not tell of a path never reads as a value."""
    _, *figures = report_lines(replace(REPORT, webrtc=WebrtcSummary(path=path))).splitlines()
    assert [line.strip() for line in figures] == ([printed] if printed else [])


def test_a_success_shows_what_it_measured() -> None:
    """Transport, path, codec, size, frames, first frame, input with its misses."""
    webrtc = WebrtcSummary(
        transport="webrtc_video",
        codec="H264",
        time_to_first_frame_s=0.84,
        frames_per_second=54.12,
        frame_width_pixels=1280,
        frame_height_pixels=720,
        input_latency_p50_s=0.041,
        input_latency_p95_s=0.062,
        input_repetitions=10,
        input_misses=1,
        path=NetworkPath(local="relay", remote="relay", protocol="udp"),
    )
    *_, figures = report_lines(replace(REPORT, webrtc=webrtc)).splitlines()
    assert figures.strip() == (
        "transport webrtc_video, path relay-relay/udp, H264, 1280x720, first frame 0.84 s, frames 54.1/s,"
        " input p50 41 ms, p95 62 ms, 1 of 10 inputs missed"
    )


def test_a_terminal_shows_the_step_under_way() -> None:
    """The line of the running step is rewritten by its result; into a pipe only results are printed."""
    record = StepRecord(name=StepName.CREATE, outcome=Outcome.SUCCESS, start_s=0, duration_s=0.1)
    written: dict[bool, list[str]] = {True: [], False: []}
    for live, texts in written.items():
        progress = Progress(live=live, write=texts.append)
        progress.run_started(REPORT.run_id, TARGET, Trigger.MANUAL)
        progress.step_started(REPORT.run_id, TARGET, StepName.CREATE)
        progress.step_finished(REPORT.run_id, TARGET, record)
        progress.run_finished(TARGET, REPORT)
    assert "\r\x1b[K  ...   create" in written[True]
    assert "".join(written[False]).splitlines() == [
        "desktop  r1",
        "  ok    create          0.10 s",
        "  ok    desktop: success in 1.0 s (r1)",
    ]


def test_parallel_runs_are_told_apart() -> None:
    """With two runs at once each line names its target, and none is rewritten by the other's."""
    texts: list[str] = []
    progress = Progress(live=True, write=texts.append)
    progress.run_started(REPORT.run_id, TARGET, Trigger.MANUAL)
    progress.run_started(REPORT.run_id, TARGET, Trigger.MANUAL)
    progress.step_started(REPORT.run_id, TARGET, StepName.CREATE)
    progress.step_finished(
        REPORT.run_id,
        TARGET,
        StepRecord(name=StepName.CREATE, outcome=Outcome.CANCELLED, start_s=0, duration_s=0.1),
    )
    assert not any("..." in text for text in texts)
    assert "[desktop]   stop  create" in texts[-1]
