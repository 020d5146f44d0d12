"""The status page: every target with its last run, as one HTML document without scripts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from prober.domain.discovery import DiscoveryState
from prober.domain.ids import TargetName
from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>vdi-prober</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1f24; background: #fff; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: .35rem 1rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #d0d7de; }}
.success {{ color: #116329; }}
.degraded, .skipped, .cancelled {{ color: #7d4e00; }}
.failure, .error {{ color: #a40e26; }}
</style>
</head>
<body>
<h1>vdi-prober</h1>
<table>
<thead><tr><th>Target</th><th>Last outcome</th><th>Why</th><th>Ended</th><th>Took</th><th>Run</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
{discovered}
<p><a href="/metrics">Metrics</a> · <a href="/-/ready">Readiness</a> · version {version}</p>
</body>
</html>
"""


_DISCOVERED = """<h2>Discovered</h2>
<table>
<thead><tr><th>From</th><th>Targets</th><th>Templates that are not probed</th><th>Trouble</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def render_status(
    reports: Mapping[TargetName, RunReport | None],
    *,
    discoveries: Sequence[DiscoveryState] = (),
    redact: Callable[[str], str],
    version: str,
) -> str:
    """Returns the page.

    Args:
        reports: Every target's last report, `None` where there was no run yet.
        discoveries: What each discovering target has come to.
        redact: Masks secrets in a text.
        version: The prober's version.
    """

    def shown(text: str) -> str:
        # In this order: an escaped secret would not be recognised.
        return escape(redact(text))

    rows = "\n".join(_row(name, report, shown=shown) for name, report in reports.items())
    found = "\n".join(_discovery_row(state, shown=shown) for state in discoveries)
    discovered = _DISCOVERED.format(rows=found) if found else ""
    return _PAGE.format(rows=rows, discovered=discovered, version=shown(version))


def _discovery_row(state: DiscoveryState, *, shown: Callable[[str], str]) -> str:
    left_out = ", ".join(f"{template} ({cause.value})" for template, cause in state.expansion.left_out.items())
    fault = "" if state.fault is None else f"{state.fault.reason.value} ({state.fault.summary})"
    cells = (state.name, str(len(state.expansion.targets)), left_out)
    plain = "".join(f"<td>{shown(text)}</td>" for text in cells)
    return f'<tr>{plain}<td class="failure">{shown(fault)}</td></tr>'


def _row(name: TargetName, report: RunReport | None, *, shown: Callable[[str], str]) -> str:
    if report is None:
        return _cells(name, "no run yet", "", "", "", "", look="", shown=shown)
    degraded = report.outcome is Outcome.SUCCESS and bool(report.degraded)
    return _cells(
        name,
        "success, degraded" if degraded else report.outcome.value,
        _why(report),
        _ended(report),
        f"{report.duration_s:.1f} s",
        report.run_id,
        look="degraded" if degraded else report.outcome.value,
        shown=shown,
    )


def _cells(name: str, outcome: str, *others: str, look: str, shown: Callable[[str], str]) -> str:
    cells = "".join(f"<td>{shown(text)}</td>" for text in others)
    return f'<tr><td>{shown(name)}</td><td class="{escape(look)}">{shown(outcome)}</td>{cells}</tr>'


def _why(report: RunReport) -> str:
    if report.fault is None:
        return ", ".join(report.degraded)
    step = f"{report.step.value}: " if report.step else ""
    return f"{step}{report.fault.reason.value} ({report.fault.summary})"


def _ended(report: RunReport) -> str:
    ended: datetime = report.started_at + timedelta(seconds=report.duration_s)
    return ended.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
