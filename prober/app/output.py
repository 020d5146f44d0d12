"""Reports for people at a terminal."""

from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport, WebrtcSummary
from prober.domain.steps import StepRecord

_INDENT = "  "
_NAME_WIDTH = 12

MARKS = {
    Outcome.SUCCESS: ("ok", "green"),
    Outcome.FAILURE: ("FAIL", "red"),
    Outcome.ERROR: ("ERROR", "magenta"),
    Outcome.SKIPPED: ("skip", "yellow"),
    Outcome.CANCELLED: ("stop", "yellow"),
}
"""The word and the colour for each outcome."""


def step_line(record: StepRecord) -> str:
    """Returns one step as a line: mark, name, time, sub-timings, and the fault with its notes below."""
    mark, _ = MARKS[record.outcome]
    timings = "  ".join(f"{name} {span * 1000:.0f} ms" for name, span in record.timings.items())
    attempts = f"  attempts {record.attempts}" if record.attempts > 1 else ""
    line = f"{_INDENT}{mark:<5} {record.name:<{_NAME_WIDTH}} {record.duration_s:7.2f} s  {timings}{attempts}".rstrip()
    below = list(record.notes)
    if record.fault is not None:
        below.insert(0, f"{record.fault.layer}/{record.fault.reason}: {record.fault.summary}")
    return "\n".join([line, *(f"{_INDENT * 4}{text}" for text in below)])


def report_lines(report: RunReport) -> str:
    """Returns the end of a run: outcome, blame, WebRTC figures."""
    mark, _ = MARKS[report.outcome]
    lines = [f"{_INDENT}{mark:<5} {report.target}: {_headline(report)} in {report.duration_s:.1f} s ({report.run_id})"]
    if report.webrtc is not None:
        lines.append(f"{_INDENT * 4}{_figures(report.webrtc)}")
    return "\n".join(lines)


def _headline(report: RunReport) -> str:
    if report.fault is not None:
        place = f" at {report.step}" if report.step else ""
        fault = report.fault
        return f"{report.outcome}{place}: {fault.layer}/{fault.reason}: {fault.summary}"
    if report.degraded:
        return f"{report.outcome}, degraded ({', '.join(report.degraded)})"
    return report.outcome.value


def _figures(webrtc: WebrtcSummary) -> str:
    figures = (
        ("first frame", webrtc.time_to_first_frame_s, "{:.2f} s"),
        ("frames", webrtc.frames_per_second, "{:.1f}/s"),
        ("round trip", _milliseconds(webrtc.round_trip_time_s), "{:.1f} ms"),
        ("loss", webrtc.packet_loss_ratio, "{:.1%}"),
        ("input p50", _milliseconds(webrtc.input_latency_p50_s), "{:.0f} ms"),
        ("input p95", _milliseconds(webrtc.input_latency_p95_s), "{:.0f} ms"),
    )
    said = [f"{name} {form.format(value)}" for name, value, form in figures if value is not None]
    path = f"path {webrtc.path.local}-{webrtc.path.remote}/{webrtc.path.protocol}" if webrtc.path else None
    return ", ".join(text for text in (webrtc.transport, webrtc.codec, *said, path) if text)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
