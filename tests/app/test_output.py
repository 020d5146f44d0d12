from dataclasses import replace

from prober.app.output import report_lines, step_line
from prober.app.progress import Progress
from prober.domain.errors import Fault
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


def test_a_degraded_success_says_by_what() -> None:
    """The warnings stand in the verdict."""
    assert "success, degraded (high_rtt, low_fps) in" in report_lines(replace(REPORT, degraded=("high_rtt", "low_fps")))


def test_what_was_not_measured_is_not_printed() -> None:
    """Only figures that exist, in people's units."""
    webrtc = WebrtcSummary(
        transport="webrtc_video",
        codec="VP8",
        time_to_first_frame_s=0.45,
        packet_loss_ratio=0.0,
        input_latency_p50_s=0.0412,
        path=NetworkPath(local="host", remote="prflx", protocol="udp"),
    )
    *_, figures = report_lines(replace(REPORT, webrtc=webrtc)).splitlines()
    assert figures.strip() == ("webrtc_video, VP8, first frame 0.45 s, loss 0.0%, input p50 41 ms, path host-prflx/udp")


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
