"""The rules as data: complete, of one vocabulary with the metrics, and the same in every file."""

import re
import subprocess
import sys
import tomllib
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.models import alerting, expr, prometheus

from prober.app.monitoring import files
from prober.app.monitoring.intervals import CLASSES, Window, seconds
from prober.app.monitoring.links import PROJECT
from prober.app.monitoring.rules import ALERTS, GROUPS, RECORDS
from prober.app.monitoring.words import Severity
from prober.domain.outcomes import Outcome, SkipReason
from prober.domain.reasons import Layer, Reason
from tests.app.monitoring import reading
from tests.app.monitoring.promtool import run
from tests.app.monitoring.stories import DAY

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "dashboards" / "alerts"

TEXTS = [*(record.expr for record in RECORDS), *(alert.expr for alert in ALERTS)]

FOR_DASHBOARDS = {
    "target:vdi_probe_availability_budget:remaining_ratio30d",
    "target:vdi_probe_start_time_budget:remaining_ratio30d",
}
"""Records that no rule reads."""


def loaded(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", files.FILES, ids=str)
def test_the_files_are_made_from_the_rules(name: str) -> None:
    """`make docs` was run since the last change."""
    assert (FOLDER / name).read_text(encoding="utf-8") == files.FILES[name]()


def test_files_are_written_where_they_are_committed(tmp_path: Path) -> None:
    """What `make docs` runs writes each of them."""
    subprocess.run([sys.executable, "-m", "prober.app.monitoring.files", str(tmp_path)], check=True, cwd=ROOT)
    assert {path.name for path in tmp_path.iterdir()} == set(files.FILES)


def test_the_operator_gets_the_same_groups() -> None:
    """The PrometheusRule is the rule file with a head."""
    rule = loaded("prometheusrule.yaml")
    assert (rule["apiVersion"], rule["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert rule["spec"] == loaded("prometheus-rules.yaml")


def test_every_alert_is_complete() -> None:
    """Each has a known severity, a summary of one line, a description in sentences, and leads to the runbook."""
    rules = [rule for group in loaded("prometheus-rules.yaml")["groups"] for rule in group["rules"] if "alert" in rule]
    assert len({rule["alert"] for rule in rules}) == len(rules) == len(ALERTS)
    for rule in rules:
        texts = rule["annotations"]
        assert set(texts) == {"summary", "description", "runbook_url"}
        assert rule["labels"]["severity"] in {severity.value for severity in Severity}
        assert not texts["summary"].endswith(".")
        assert texts["description"].endswith((".", "{{ end }}"))
        assert texts["runbook_url"] == f"{PROJECT}/blob/main/docs/runbook.md#{rule['alert'].lower()}"
        assert "$labels" in rule["annotations"]["description"]


def test_the_project_is_where_the_package_says() -> None:
    """Links lead to the place that pyproject.toml names."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    assert all(url.startswith(f"{PROJECT}/") for url in urls.values())


def test_few_alerts_wake_somebody() -> None:
    """Critical are desktops that users do not get, a certificate's last day, and a prober that is gone."""
    assert {alert.name for alert in ALERTS if alert.severity is Severity.CRITICAL} == {
        "VDIProbeNoRecentSuccess",
        "VDIProbeTurnPathBroken",
        "VDIProbeAvailabilityBurnFast",
        "VDIProbeCertificateExpiresNow",
        "VDIProberAbsent",
    }


def test_every_metric_is_in_the_catalog() -> None:
    """Rules name metrics that exist, of labels that they have."""
    named = set(chain.from_iterable(map(reading.metrics, TEXTS)))
    assert not {name for name in named if reading.declaration(name) is None}
    for name, label, _ in chain.from_iterable(map(reading.matchers, TEXTS)):
        metric = reading.declaration(name)
        assert metric is None or label in (*metric.labels, *metric.facts), (name, label)


def test_every_value_of_a_label_exists() -> None:
    """Outcomes, layers and reasons in matchers are members of their enums."""
    known = {
        "outcome": {outcome.value for outcome in Outcome},
        "layer": {layer.value for layer in Layer},
        "reason": {reason.value for reason in (*Reason, *SkipReason)},
    }
    found = [
        (label, value) for text in TEXTS for _, label, values in reading.matchers(text) for value in values.split("|")
    ]
    assert found
    assert not [(label, value) for label, value in found if label in known and value not in known[label]]


def test_every_record_is_read() -> None:
    """A record that no rule reads is one for dashboards; what rules read is recorded, and recorded before."""
    made: set[str] = set()
    for rule in chain.from_iterable(group.rules for group in GROUPS):
        assert reading.records(rule.expr) <= made, rule.name
        made.add(rule.name)
    read = set(chain.from_iterable(map(reading.records, TEXTS)))
    assert {record.name for record in RECORDS} - read == FOR_DASHBOARDS


def test_names_of_records_have_three_parts() -> None:
    """Level, metric, operations: the level names the labels that are kept."""
    for record in RECORDS:
        level, metric, operations = record.name.split(":")
        assert level.startswith("target")
        assert metric.startswith("vdi_probe_")
        assert re.fullmatch(r"[a-z0-9_]+", operations)


def test_classes_leave_no_interval_out() -> None:
    """Each begins where the one before ends, windows grow, and the shortest holds three runs whatever the jitter."""
    assert CLASSES[0].above_s == 0
    assert all(after.above_s == before.up_to_s for before, after in pairwise(CLASSES))
    for of in CLASSES:
        lengths = [seconds(of.windows[window]) for window in Window]
        assert lengths == sorted(set(lengths))
        assert lengths[-1] <= 14 * DAY
    for of in CLASSES[:-1]:  # the last one's numbers of runs decide, as it says
        assert seconds(of.windows[Window.BURST]) >= 4 * of.up_to_s


def test_every_alert_has_its_stories() -> None:
    """Stories for promtool name each."""
    stories = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*_alerts.py"))
    assert not [alert.name for alert in ALERTS if alert.name not in stories]


@pytest.mark.prometheus
def test_promtool_takes_the_file() -> None:
    """`promtool check rules` has nothing to say, its lints included."""
    said = run("check", "rules", "--lint=all", "--lint-fatal", str(FOLDER / "prometheus-rules.yaml"))
    assert f"{len(RECORDS) + len(ALERTS)} rules found" in said


@pytest.mark.prometheus
def test_amtool_takes_the_example() -> None:
    """`amtool check-config` takes the routes and inhibitions, which name alerts that exist."""
    example = FOLDER / "alertmanager-example.yaml"
    subprocess.run(["amtool", "check-config", str(example)], check=True, capture_output=True)  # noqa: S607 - the one on the PATH
    names = {alert.name for alert in ALERTS}
    for rule in loaded(example.name)["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            expression = matcher.split()[-1].strip('"')
            assert "alertname" in matcher
            assert any(re.fullmatch(expression, name) for name in names), matcher


def test_grafana_gets_every_alert() -> None:
    """Each is there with Prometheus' expression, `for`, severity and links, under an id that Grafana takes."""
    groups = loaded("grafana-alert-rules.yaml")["groups"]
    rules = {rule["title"]: rule for group in groups for rule in group["rules"]}
    assert list(rules) == [alert.name for alert in ALERTS]
    for alert in ALERTS:
        rule = rules[alert.name]
        assert re.fullmatch(r"[a-z0-9_-]{1,40}", rule["uid"])
        assert rule["data"][0]["model"]["expr"] == alert.expr
        assert (rule["for"], rule["labels"]) == (alert.lasting, {"severity": alert.severity.value})
        assert rule["noDataState"] == "OK"
        assert rule["execErrState"] == "Error"
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
        assert not [text for text in rule["annotations"].values() if re.search(r"\$value\b|query", text)]


def test_grafana_s_schema_takes_every_rule() -> None:
    """Each, with its queries, is what Grafana's published types have: nothing is unknown, nothing is lost."""
    for group in loaded("grafana-alert-rules.yaml")["groups"]:
        assert set(group) == {"orgId", "name", "folder", "interval", "rules"}
        for rule in group["rules"]:
            query, math, threshold = (part["model"] for part in rule["data"])
            _same(prometheus.Dataquery.from_json(query).to_json(), query, besides={"intervalMs", "maxDataPoints"})
            _same(expr.TypeMath.from_json(math).to_json(), math)
            _same(expr.TypeThreshold.from_json(threshold).to_json(), threshold, besides={"conditions"})
            references = [part["refId"] for part in rule["data"]]
            assert rule["condition"] == references[-1]
            for part in rule["data"]:
                _same(alerting.Query.from_json({**part, "model": {}}).to_json(), part, besides={"model"})
                assert part["refId"] == part["model"]["refId"]
            typed = alerting.Rule.from_json({**rule, "data": []}).to_json()
            # The file's group and folder stand above the rule; orgID, folderUID and ruleGroup are the API's.
            _same(typed, rule, besides={"data", "orgID", "folderUID", "ruleGroup"})


def _same(typed: Any, raw: dict[str, Any], *, besides: frozenset[str] | set[str] = frozenset()) -> None:
    """Holds what a type kept against what it was given."""
    plain = {key: getattr(value, "__dict__", value) for key, value in typed.items() if key not in besides}
    assert set(plain) == set(raw) - set(besides)
    for key, value in plain.items():
        if isinstance(raw[key], str | bool | int):
            assert value == raw[key], key
