"""What the dashboards ask is what the prober exposes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from prober.adapters.metrics.catalog import CATALOG
from prober.adapters.metrics.declaration import Kind
from tests.dashboards.queries import asked
from tests.dashboards.reading import FOLDER, committed, expressions, grouping, panels, selectors, variables

OF_A_SCRAPE = {"job", "instance"}
"""The labels that Prometheus adds."""

FOREIGN = {
    "up",
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
}
"""Prometheus' own, and what prometheus_client tells of every process."""

NOT_SHOWN = {
    "probe_success": "vdi_probe_success is shown; this one is for dashboards that know the blackbox exporter",
    "probe_duration_seconds": "the distribution of vdi_probe_run_duration_seconds says more",
}
"""Metrics that are on no panel, and why."""

RULES = FOLDER / "alerts" / "prometheus-rules.yaml"

_KEYWORDS = {"and", "or", "unless", "by", "on", "offset", "avg", "count", "max", "min", "sum"}
_NUMBER = re.compile(r"\b\d[\w.]*")


def names() -> dict[str, set[str]]:
    """Returns the labels of each series that the prober exposes, by the series' name."""
    found: dict[str, set[str]] = {}
    for metric in CATALOG:
        labels = {*metric.labels, *metric.facts}
        if metric.kind is Kind.HISTOGRAM:
            found |= {f"{metric.name}_sum": labels, f"{metric.name}_count": labels}
            found[f"{metric.name}_bucket"] = labels | {"le"}
        else:
            found[metric.name] = labels
    return found


def records() -> set[str]:
    """Returns the names that the recording rules make."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}


def test_every_metric_that_is_asked_for_is_there() -> None:
    """Each is in the catalog, with the labels that it is matched by, or is one that every process has."""
    known = names() | {name: set() for name in FOREIGN}
    for stem, panel, expression in expressions():
        for metric, labels in selectors(expression):
            if ":" not in metric:
                assert metric in known, (stem, panel["title"], metric)
                assert set(labels) <= known[metric] | OF_A_SCRAPE, (stem, panel["title"], metric)


def test_every_label_that_is_grouped_by_is_there() -> None:
    """A label of a grouping or a legend is one of the metrics in the query."""
    known = names()
    for stem, dashboard in committed().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                has = set(OF_A_SCRAPE).union(
                    *(known.get(metric, {"target"}) for metric, _ in selectors(target["expr"]))
                )
                wanted = grouping(target["expr"]) | set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
                assert wanted <= has, (stem, panel["title"], target["expr"])


def test_legends_name_what_keeps_series_apart() -> None:
    """A label in the legend is one that the query leaves on its series."""
    for stem, dashboard in committed().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                left = grouping(target["expr"]) or {
                    label for _, labels in selectors(target["expr"]) for label in labels
                }
                assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= left, (stem, panel["title"])


def test_every_metric_is_shown() -> None:
    """Each metric of the catalog is on a panel, or listed with the reason why it is not; never both."""
    shown = {metric for *_, expression in expressions() for metric, _ in selectors(expression)}
    on_panels = {
        metric.name
        for metric in CATALOG
        if shown & {metric.name, f"{metric.name}_bucket", f"{metric.name}_sum", f"{metric.name}_count"}
    }
    assert {metric.name for metric in CATALOG} - on_panels == set(NOT_SHOWN)


def test_every_record_that_is_asked_for_is_made() -> None:
    """The names with colons are recorded by the rules in dashboards/alerts."""
    wanted = {metric for *_, expression in expressions() for metric, _ in selectors(expression) if ":" in metric}
    assert wanted
    assert wanted <= records()


def test_no_selector_is_without_its_choice() -> None:
    """Each metric is narrowed by the chosen targets or probers; nothing else in a query could be a metric."""
    for stem, panel, expression in expressions():
        bare = re.sub(r'[\w:]+\{[^}]*\}|"[^"]*"|\[[^]]*\]|\b(?:by|on) \([^)]*\)|\w+(?=\s*\()|\$\w+', " ", expression)
        words = set(re.findall(r"[a-zA-Z_]\w*", _NUMBER.sub(" ", bare)))
        assert words <= _KEYWORDS, (stem, panel["title"], words)
        for metric, labels in selectors(expression):
            assert "target" in labels or set(labels) >= OF_A_SCRAPE, (stem, panel["title"], metric)


def test_variables_read_metrics_that_are_there() -> None:
    """What fills a variable is a label of a metric of the catalog."""
    known = names()
    for stem, dashboard in committed().items():
        for name, variable in variables(dashboard).items():
            if variable["type"] == "query":
                found = re.fullmatch(r"label_values\((\w+)(?:\{[^}]*\})?, (\w+)\)", variable["query"]["query"])
                assert found, (stem, name)
                assert found[2] in known[found[1]] | OF_A_SCRAPE, (stem, name)


def test_runs_are_looked_at_over_a_time_that_holds_some() -> None:
    """$__rate_interval is for what the prober counts all the time; bars and cells are wide enough for runs."""
    all_the_time = {"vdi_prober_event_loop_lag_seconds_bucket", "process_cpu_seconds_total"}
    for stem, panel, expression in expressions():
        if "$__rate_interval" in expression:
            assert {metric for metric, _ in selectors(expression)} - {"vdi_prober_build_info"} <= all_the_time, stem
        assert ("$__interval" in expression) <= (panel.get("interval") == "15m"), (stem, panel["title"])


def test_single_runs_are_shown() -> None:
    """Graphs of buckets and of failures ask for exemplars, each of them once; nothing else has any."""
    for stem, dashboard in committed().items():
        for panel in panels(dashboard):
            graphs = panel["type"] in {"timeseries", "heatmap"}
            having = [
                target
                for target in panel["targets"]
                if graphs and ("_bucket{" in target["expr"] or "vdi_probe_failures_total{" in target["expr"])
            ]
            asking = [target for target in panel["targets"] if target["exemplar"]]
            assert len(asking) == bool(having), (stem, panel["title"])
            assert all(target in having for target in asking), (stem, panel["title"])


@pytest.mark.prometheus
def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    """Promtool finds no fault with any query, once the variables have values."""
    rules = [{"record": "asked", "expr": query.expr, "labels": {"place": f"{n}"}} for n, query in enumerate(asked())]
    assert len(rules) > 100
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboards", "rules": rules}]}), encoding="utf-8")
    promtool = shutil.which("promtool")
    assert promtool
    done = subprocess.run([promtool, "check", "rules", str(file)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{len(rules)} rules found" in done.stdout
