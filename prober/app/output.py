"""Reports for people at a terminal."""

from prober.app.waterfall import waterfall
from prober.domain.attempts import numbered
from prober.domain.checks import CheckResult
from prober.domain.finding import Finding
from prober.domain.outcomes import Outcome
from prober.domain.report import NetworkPath, RunReport, WebrtcSummary
from prober.domain.steps import StepRecord

_INDENT = "  "
_NAME_WIDTH = 12
_MOST_FACTS = 3
"""More than three facts is a report, which the evidence holds."""

MARKS = {
    Outcome.SUCCESS: ("ok", "green"),
    Outcome.FAILURE: ("FAIL", "red"),
    Outcome.ERROR: ("ERROR", "magenta"),
    Outcome.SKIPPED: ("skip", "yellow"),
    Outcome.CANCELLED: ("stop", "yellow"),
}
"""The word and the colour for each outcome."""


def step_line(record: StepRecord) -> str:
    """Returns one step as a line: mark, name, time, sub-timings; below the fault, the checks and the notes."""
    mark, _ = MARKS[record.outcome]
    timings = "  ".join(f"{name} {span * 1000:.0f} ms" for name, span in record.timings.items())
    attempts = f"  attempts {record.attempts}" if record.attempts > 1 else ""
    line = f"{_INDENT}{mark:<5} {record.name:<{_NAME_WIDTH}} {record.duration_s:7.2f} s  {timings}{attempts}".rstrip()
    below = aside(record)
    if record.fault is not None:
        below.insert(0, f"{record.fault.layer}/{record.fault.reason}: {record.fault.summary}")
    return "\n".join([line, *(f"{_INDENT * 4}{text}" for text in below)])


def aside(record: StepRecord) -> list[str]:
    """Returns what is to be said of a step beside its outcome: its checks, its notes."""
    return [_check(check) for check in record.checks] + list(record.notes)


def headline(report: RunReport) -> str:
    """Returns how a run, or an attempt, ended: at which step, whose fault, the sentence."""
    if report.fault is not None:
        place = f" at {report.step}" if report.step else ""
        fault = report.fault
        return f"{report.outcome}{place}: {fault.layer}/{fault.reason}: {fault.summary}"
    flaky = f"flaky (attempt {len(report.earlier) + 1})" if report.flaky else ""
    degraded = f"degraded ({', '.join(report.degraded)})" if report.degraded else ""
    return ", ".join(filter(None, (report.outcome.value, flaky, degraded)))


def report_lines(report: RunReport, *, width: int = 100) -> str:
    """Returns the end of a run: outcome, blame, the rules that were broken, WebRTC figures.

    A non-success has the waterfall of its steps before, and behind it what the blame rests on. A run of several
    attempts begins with a line for each of them that did not decide.

    Args:
        report: The run.
        width: How many characters a line of the waterfall may have.
    """
    mark, _ = MARKS[report.outcome]
    others = [_attempt(number, attempt) for number, attempt in numbered(report)]
    bars = waterfall(report, width=width) if report.outcome is not Outcome.SUCCESS else []
    head = f"{_INDENT}{mark:<5} {report.target}: {headline(report)} in {report.duration_s:.1f} s ({report.run_id})"
    below = _grounds(report) + [_finding(finding) for finding in report.findings]
    if report.webrtc is not None:
        below.append(_figures(report.webrtc))
    if report.evidence is not None:
        below.append(f"evidence: {report.evidence}")
    return "\n".join([*others, *bars, head, *(f"{_INDENT * 4}{text}" for text in below if text)])


def _attempt(number: int, report: RunReport) -> str:
    """Returns an attempt that did not decide: its number, its diagnosis, how long it took."""
    mark, _ = MARKS[report.outcome]
    head = f"{report.target}: attempt {number}: {headline(report)} in {report.duration_s:.1f} s"
    return f"{_INDENT}{mark:<5} {head}"


def _grounds(report: RunReport) -> list[str]:
    """Returns what the blame rests on: the most telling facts, a line each, and in one line what else it could be."""
    if report.fault is None:
        return []
    facts = [f"fact: {fact}" for fact in report.fault.facts[:_MOST_FACTS]]
    considered = "; ".join(report.fault.considered)
    return facts + ([f"considered: {considered}"] if considered else [])


def _check(check: CheckResult) -> str:
    return f"check {check.name} {'passed' if check.passed else 'not passed'}: {check.fact}"


def _finding(finding: Finding) -> str:
    """Returns one broken rule: its name, the value beside the edge that was passed, the window."""
    parts = [f"{'failed' if finding.bad else 'warned'} by rule {finding.rule}"]
    if finding.value is not None:
        parts.append(f"value {_measure(finding.value, finding.unit)}")
    if finding.limit is not None:
        parts.append(f"limit {_measure(finding.limit, finding.unit)}")
    if finding.window_s is not None:
        parts.append(f"window {finding.window_s:.1f} s")
    return ", ".join(parts)


def _measure(value: float, unit: str) -> str:
    if unit == "seconds":
        return f"{value:.1f} s" if value >= 1 else f"{value * 1000:.0f} ms"
    if unit == "ratio":
        return f"{value:.1%}"
    return f"{value:.4g} {unit.replace('_per_second', '/s').replace('_', ' ')}".rstrip()


def _figures(webrtc: WebrtcSummary) -> str:
    figures = (
        ("first frame", webrtc.time_to_first_frame_s, "{:.2f} s"),
        ("frames", webrtc.frames_per_second, "{:.1f}/s"),
        ("round trip", _milliseconds(webrtc.round_trip_time_s), "{:.1f} ms"),
        ("loss", webrtc.packet_loss_ratio, "{:.1%}"),
        ("input p50", _milliseconds(webrtc.input_latency_p50_s), "{:.0f} ms"),
        ("p95", _milliseconds(webrtc.input_latency_p95_s), "{:.0f} ms"),
    )
    said = [f"{name} {form.format(value)}" for name, value, form in figures if value is not None]
    how = f"transport {webrtc.transport}" if webrtc.transport else None, _path(webrtc.path), webrtc.codec
    misses = f"{webrtc.input_misses} of {webrtc.input_repetitions} inputs missed" if webrtc.input_misses else None
    return ", ".join(text for text in (*how, _size(webrtc), *said, misses) if text)


def _path(path: NetworkPath | None) -> str | None:
    """Returns the ends and the protocol that the browser told of."""
    if path is None:
        return None
    ends = "-".join(end or "?" for end in (path.local, path.remote)) if path.local or path.remote else None
    told = "/".join(part for part in (ends, path.protocol) if part)
    return f"path {told}" if told else None


def _size(webrtc: WebrtcSummary) -> str | None:
    width, height = webrtc.frame_width_pixels, webrtc.frame_height_pixels
    return None if width is None or height is None else f"{width}x{height}"


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
