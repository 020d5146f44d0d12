"""The page for those who read the metrics, made from the catalog.

`python -m prober.adapters.metrics.page` prints it; a test holds docs/metrics.md to it.
"""

import sys
from collections.abc import Iterable, Sequence

from prober.adapters.metrics import measured, own
from prober.adapters.metrics.catalog import CATALOG
from prober.adapters.metrics.declaration import Buckets, Declaration, Kind
from prober.adapters.metrics.own_metrics import OPERATIONS
from prober.adapters.metrics.recorder import AVAILABILITY, START_TIME
from prober.adapters.metrics.runs import CHILD_KINDS, LATE, MOST_FAILURES, MOST_KINDS, ON_TIME, OTHER_KIND
from prober.domain.discovery import LeftOut
from prober.domain.outcomes import Outcome, SkipReason
from prober.domain.reasons import Layer
from prober.domain.steps import StepName

_HEAD = """\
# Metrics

<!-- Made by `python -m prober.adapters.metrics.page`; do not edit. -->

`prober serve` exposes them on `/metrics`, as Prometheus text or, where the scraper asks for it, as OpenMetrics.
`vdi_probe_` is what is measured of targets, `vdi_prober_` the prober itself, `probe_` the blackbox exporter's names for
dashboards that know them. Renaming one is a breaking change.

```yaml
scrape_configs:
  - job_name: vdi-prober
    scrape_interval: 15s
    static_configs: [{{targets: ["vdi-prober:9464"]}}]
```

## What counts

- An outcome is `success` or `failure` (the target's), `error` (ours), `skipped` (a due run that did not begin),
  `cancelled` (told to stop). A service level counts the first two and excludes the others.
- After an `error` the gauges of success are absent: 1 would be a lie, 0 would blame the target. So are those of the
  stream, and no histogram of a target takes its times: a prober that was starved measures itself.
- Durations of runs and steps are those of successes only: a step that fails fast would make its latency look good.
  `vdi_probe_session_start_seconds` has each desktop that came, of a run that says something of the target: it was
  waited for, whatever became of it later.
- A run that was confirmed is one run. Its start is that of its last attempt; its failures, and what it left, are
  those of all attempts.
- Counters and histograms of a target exist at 0 from the moment at which it is known, so that `rate` and `increase` see
  its first event. The one exception is `vdi_probe_failures_total`: for alerts on first failures read
  `vdi_probe_runs_total`.
- A target that is taken off takes all its series with it, after its last run.

## Objectives

What a target promises is part of its configuration, and exposed, so that one rule serves every target:

```yaml
objectives:
  availability: 99%                       # of the runs that say something of the target; the default
  start_time: {{ratio: 95%, within: 60s}}   # of the desktops that come; the default
```

`null` in place of one switches it off: its series are absent, and rules that join with them say nothing of that target.
A share is above 0% and below 100%. `within` is measured from asking for the desktop to its first frame that is not
blank, and may be any duration: `vdi_probe_session_starts_total` counts against it, no bucket has to match.
`vdi_probe_target_interval_seconds` is how often a target is due, for windows that scale with it; of a cron expression
it is the longest gap, nights and weekends included.

## Exemplars

In OpenMetrics the buckets of runs, steps and starts and the counter of failures name the last run that fell into them:
`run_id`, the key to its log line, its evidence and its entry in the history; and `trace_id` where runs are sent as
traces. Prometheus keeps them with `--enable-feature=exemplar-storage`. A run's id is never a label.

## What they cost

A target has at most 400 series, whatever happens to it; a test has one fail in every way and counts. It begins with
some 290. Two labels are bounded for that: past {failures} combinations of step, layer and reason further failures of a
target count with an empty step and reason under their layer, past {kinds} kinds of left objects further ones count as
`{other}`. Both begin anew with the prober.

A scrape makes only the lines that changed since the last one. `make bench` measures one of 200 targets by another
process over HTTP, with the runs of 15 s between two scrapes: 5.0 MB, {figure}
"""

_FIGURE = """\
18 ms at the
median and 23 ms at the worst, on two cores with priority over everything else (`chrt -f 10`); 80 to 135 ms while ten to
fifteen other processes kept both cores busy. The first scrape after the start makes all lines: 0.3 s."""
"""What the benchmark said; to be measured anew when rendering changes."""

_LABELS = (
    ("target", "the target's name in the configuration; of a discovering one `NAME-TEMPLATE`"),
    ("outcome", "of runs: {outcomes}; of launches and checks of the browser: `success`, `error`"),
    ("step", "{steps}; empty where no step decided"),
    ("layer", "{layers}"),
    ("reason", "of failures: [reasons](reasons.md); of skipped runs: {skips}; of templates left out: {left_out}"),
    ("speed", "{speeds}"),
    ("objective", "{objectives}"),
    ("kind", "{kinds}, and what else was left"),
    ("discovery", "the discovering target's name in the configuration"),
    ("operation", "{operations}"),
)


def page() -> str:
    """Returns the page as Markdown."""
    head = _HEAD.format(failures=MOST_FAILURES, kinds=MOST_KINDS, other=OTHER_KIND, figure=_FIGURE)
    return "\n".join(
        (
            head,
            _labels(),
            _section("Targets", "One series or more for each target.", measured.METRICS),
            _section(
                "The prober itself", "Alerts on these are the prober's keeper's, not the platform's.", own.METRICS
            ),
            _buckets(),
        )
    )


def _labels() -> str:
    values = {
        "outcomes": _words(Outcome),
        "steps": _words(StepName),
        "layers": _words(Layer),
        "skips": _words(SkipReason),
        "left_out": _words(LeftOut),
        "speeds": _words((ON_TIME, LATE)),
        "objectives": _words((AVAILABILITY, START_TIME)),
        "kinds": _words(CHILD_KINDS),
        "operations": _words(OPERATIONS),
    }
    rows = ((f"`{name}`", text.format(**values)) for name, text in _LABELS)
    return f"## Labels\n\n{_table(('Label', 'Values'), rows)}"


def _section(title: str, text: str, metrics: Sequence[Declaration]) -> str:
    columns = ("Metric", "Type", "Unit", "Labels", "What it says", "Absent")
    rows = (
        (
            f"`{metric.name}`",
            metric.kind.value,
            metric.unit.replace("_", " "),
            _words((*metric.labels, *metric.facts)),
            metric.help,
            metric.absent,
        )
        for metric in metrics
    )
    return f"## {title}\n\n{text}\n\n{_table(columns, rows)}"


def _buckets() -> str:
    rows = ((f"`{name}`", ", ".join(f"{bound:g}" for bound in row.bounds), row.why) for name, row in _histograms())
    text = "In seconds. Each costs a series for each target, or for each of its steps, so each must earn its place."
    return f"## Buckets\n\n{text}\n\n{_table(('Metric', 'Upper bounds', 'Why'), rows)}"


def _histograms() -> Iterable[tuple[str, Buckets]]:
    for metric in CATALOG:
        if metric.kind is Kind.HISTOGRAM and metric.buckets is not None:
            yield metric.name, metric.buckets


def _words(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (columns, ["---"] * len(columns), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
