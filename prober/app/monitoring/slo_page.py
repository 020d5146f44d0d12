"""Makes docs/slo.md: what counts, which windows an interval has, how many failures it takes."""

import math
import re
import sys

from prober.app.monitoring.intervals import CLASSES, IntervalClass, Window, seconds
from prober.app.monitoring.objectives import AT_LEAST, FAST, SLOW, SURELY, Burn
from prober.app.monitoring.rules import ALERTS, RECORDS
from prober.app.monitoring.words import Alert

_VARIABLE = re.compile(r"{{ \$(?:labels\.)?(\w+).*? }}")
"""What a template puts in."""

_OBJECTIVES = (0.9, 0.99, 0.999)
"""Those that the tables are made for."""

_TYPICAL_S = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "3d": 21600}
"""An interval of each class, in seconds: its longest, but for the last class one of a few times a day."""

_HEAD = """\
# Objectives, windows, alerts

<!-- Made by `python -m prober.app.monitoring.slo_page`; do not edit. -->

## What counts

Objectives are a target's (`objectives` in the configuration) and reach Prometheus as metrics, as intervals do. So
one set of rules fits every configuration, and a reload needs no new rules. `prober rules` prints them;
`dashboards/alerts` has them as files: for Prometheus, for its operator, for Grafana.

| Objective | Good | Bad | Does not count |
|---|---|---|---|
| availability | run with outcome `success`, also degraded, flaky | `failure` | `error`, `skipped`, `cancelled` |
| start_time | first frame as soon as `start_time` wants | later | runs without a first frame |

Runs are counted, not seconds: a gauge of the last run would count an outage by how often it is scraped. Counters
exist from 0 on, and are summed over a prober's Pods (by the labels `cluster`, `namespace`, `job`, `target`), so
neither the first failure nor a restart is lost. Ratios are of what Prometheus estimates by `increase`, whose counts
are fractions; so three runs are demanded as more than 2.5.

## Windows

The windows of the books (5 minutes and an hour) hold no run, or one, of a target that is probed every quarter of an
hour. So each interval has windows of its own, the shortest of which holds three runs at least, whatever the jitter.
In brackets: runs at the interval in the second column.

"""

_BETWEEN = f"""
The last class holds what is due a few times a day, and cron expressions with a rest: an interval is a cron
expression's longest gap, and one that rests at night is in this class though it runs every five minutes by day.
There the demanded numbers of runs decide whether a window says anything. Windows of a day and more are sums of
recorded hours, so after the rules are first loaded they fill up as time passes. Targets without a schedule have no
interval, and no alerts; an interval above three days has none that needs runs.

What is left of the budget of 30 days (`...:remaining_ratio30d`) needs 30 days of recorded hours. Prometheus keeps 15
days unless it is told more (`--storage.tsdb.retention.time=32d`); until then the record knows the budget of what is
kept. No alert reads it: alerts look 14 days back at most.

Scrape every 30 seconds or less: of a target that is due every minute the shortest window then holds ten samples, and
`increase` estimates little.

## How many failures it takes

A burn rate of 1 uses the budget of 30 days up in 30 days. An alert wants its burn rate in a long window, where it
adds up, and in a short one, which tells that it goes on; {AT_LEAST} runs in the short one; and so many bad runs in
the long one as no bad luck explains. With few runs it is this number that decides, and a single failure never does.
Where the objective is so low that the factor asks for more bad runs than there are runs, {SURELY:.0%} of the runs
is enough. Below: bad runs in the long window (at the interval of the second column), by objective, and how long a
total outage lasts until the alert.

"""

_AFTER = """
The same factors and numbers hold for late starts. All alerts, with what to do: [runbook.md](runbook.md).

## What else fires

- What wakes somebody needs failures before the teardown: a session that does not go away is a bad run, and its user had
  a desktop.
- An objective is no condition for VDIProbeNoRecentSuccess, VDIProbeTurnPathBroken and VDIProbeNoRuns. Of targets
  that are due less than every 6 hours the latter and the first read timestamps: two intervals and an hour without a
  success, or without a run.
- Metrics of the prober's own labels are never joined to `vdi_probe_target_info` by `namespace` or `cluster`: a
  scrape in Kubernetes overwrites those. The record `target:vdi_probe_target:info` has them as `probed_namespace`
  and `probed_cluster`, with and without `honor_labels`. Where one store has the metrics of several clusters (Thanos,
  Mimir), have the scrape add `cluster`, not the store alone: probers that share job and instance cannot be told apart
  otherwise, and a target may get the facts of its namesake.
- Grafana: `prober rules --format grafana` is a file for `provisioning/alerting`. Grafana evaluates the alerts then;
  Prometheus keeps the records (`prober rules --only records`). Its descriptions lack the layer, for Grafana's
  templates cannot ask Prometheus.

## Recording rules

Names are `level:metric:operations`. Windows are `burst`, `short`, `medium`, `long`, as above.

| Record | What it is |
|---|---|
"""

_ALERTS = """
## Alerts

| Alert | Severity | Lasting | Summary |
|---|---|---|---|
"""


def page() -> str:
    """Returns the page as Markdown."""
    return _HEAD + _windows() + _BETWEEN + _failures() + _AFTER + _records() + _ALERTS + _alerts()


def failures(burn: Burn, of: IntervalClass, objective: float) -> int:
    """Returns how many bad runs a burn rate takes in its far window, at the class's typical interval.

    Args:
        burn: The burn rate.
        of: The class.
        objective: The objective, as a share.
    """
    share = min(burn.factor * (1 - objective), SURELY)
    # One more than the share exactly, for a burn rate must be exceeded; rounded, for 1 - 0.9 is not 0.1.
    return max(burn.bad, math.floor(round(_runs(of, burn.far) * share, 6)) + 1)


def outage_s(burn: Burn, of: IntervalClass, objective: float) -> int:
    """Returns how long a total outage lasts until a burn rate is exceeded, in seconds, as `failures` has it."""
    return failures(burn, of, objective) * _TYPICAL_S[of.name]


def _windows() -> str:
    head = "| Interval up to | Runs of | " + " | ".join(Window) + " |\n" + "|---" * (2 + len(Window)) + "|\n"
    return head + "".join(_window_row(of) for of in CLASSES)


def _window_row(of: IntervalClass) -> str:
    cells = (f"{of.windows[window]} ({_runs(of, window)})" for window in Window)
    return f"| {of.name} | {_duration(_TYPICAL_S[of.name])} | {' | '.join(cells)} |\n"


def _failures() -> str:
    objectives = " | ".join(f"{objective:.1%}, outage" for objective in _OBJECTIVES)
    head = f"| Burn rate | Interval | Windows | {objectives} |\n" + "|---" * (3 + len(_OBJECTIVES)) + "|\n"
    return head + "".join(
        _failure_row(name, burn, of)
        for name, burns in (("fast", FAST), ("slow", SLOW))
        for burn in burns
        for of in CLASSES
    )


def _failure_row(name: str, burn: Burn, of: IntervalClass) -> str:
    cells = (
        f"{failures(burn, of, objective)}, {_duration(outage_s(burn, of, objective))}" for objective in _OBJECTIVES
    )
    windows = f"{of.windows[burn.far]} and {of.windows[burn.near]}"
    return f"| {name}, {burn.factor:g} | {_duration(_TYPICAL_S[of.name])} | {windows} | {' | '.join(cells)} |\n"


def _runs(of: IntervalClass, window: Window) -> int:
    return seconds(of.windows[window]) // _TYPICAL_S[of.name]


def _records() -> str:
    return "".join(
        f"| `{name}` | {about} |\n" for name, about in {record.name: record.about for record in RECORDS}.items()
    )


def _alerts() -> str:
    return "".join(map(_alert_row, ALERTS))


def _alert_row(alert: Alert) -> str:
    summary = _VARIABLE.sub(r"*\1*", alert.summary)
    return f"| [{alert.name}](runbook.md#{alert.name.lower()}) | {alert.severity} | {alert.lasting} | {summary} |\n"


def _duration(of_s: int) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if of_s >= size:
            return f"{of_s / size:.3g} {unit}"
    return f"{of_s} s"


if __name__ == "__main__":
    sys.stdout.write(page())
