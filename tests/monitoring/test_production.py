"""The prober in production, with all that is real: lab, probers, Prometheus, Alertmanager, and who is told.

The tests go through one story in their order, on one stage: what they wait for has been under way since it opened. Each
may be tried again by itself.
"""

import json
import time
from collections.abc import Mapping

import pytest

from prober.adapters.metrics import catalog, measured
from prober.adapters.metrics.declaration import Declaration, Kind
from prober.app.monitoring import targets
from prober.app.monitoring.rules import ALERTS, RECORDS
from tests.dashboards.queries import Asked, asked
from tests.monitoring.conftest import Stage
from tests.monitoring.expected import ELSEWHERE, FIRING
from tests.monitoring.runbook import queries
from tests.monitoring.site import DOOMED_TARGET
from tests.monitoring.waiting import eventually
from tests.monitoring.webhook import Alert

pytestmark = [pytest.mark.browser, pytest.mark.prometheus, pytest.mark.timeout(600)]

PATIENCE_S = 240
"""How long to wait, in seconds, for what takes a minute or two on an idle machine."""

CERTIFICATES = {"VDIProbeCertificateExpiresSoon", "VDIProbeCertificateExpiresNow"}
"""They come for all targets, whoever looks."""

NEVER_RAN = ("VDIProbeNoRuns", 'time() - vdi_probe_last_run_timestamp_seconds{target="waiting"}')
"""Has no answer where the place was taken before the target's first run, which is chance."""

_CALM_RUNS = 2
"""How many runs after a restart are looked at."""


def fired(stage: Stage, name: str) -> Alert:
    return told(stage, "firing", {"alertname": name, **FIRING[name]})


def told(stage: Stage, status: str, labels: Mapping[str, str], *, since: float = 0.0) -> Alert:
    return stage.webhook.wait_for(status, labels, within_s=PATIENCE_S, since=since, why=stage.story)


def resolved(stage: Stage, name: str) -> None:
    labels = {"alertname": name, **FIRING[name]}

    def last() -> str:
        return str(stage.webhook.alerts(labels)[-1]["status"])

    eventually(lambda: last() == "resolved", within_s=PATIENCE_S, what=lambda: f"{name} is {last()}; {stage.story()}")


def test_every_metric_arrives(stage: Stage) -> None:
    """Each metric of the catalog is in Prometheus once every target was probed."""

    def missing() -> list[str]:
        known = set(stage.prometheus.ask("/api/v1/label/__name__/values"))
        return [metric.name for metric in catalog.CATALOG if not _names(metric) <= known]

    eventually(lambda: not missing(), within_s=PATIENCE_S, what=lambda: f"{missing()}")


def _names(metric: Declaration) -> set[str]:
    if metric.kind is Kind.HISTOGRAM:
        return {f"{metric.name}_{part}" for part in ("bucket", "sum", "count")}
    return {metric.name}


@pytest.mark.parametrize(
    "metric", [measured.STEP_DURATION, measured.RUN_DURATION, measured.SESSION_START], ids=lambda metric: metric.name
)
def test_an_exemplar_leads_to_its_run(stage: Stage, metric: Declaration) -> None:
    """The runs that the exemplars of a histogram name are those of the log, of that target."""

    def found() -> list[str]:
        selector = f'{metric.name}_bucket{{target="poor"}}'
        exemplars = stage.prometheus.exemplars(selector, start=stage.began - 60, end=time.time())
        return [exemplar["labels"]["run_id"] for exemplar in exemplars]

    run_ids = eventually(found, within_s=PATIENCE_S, what=lambda: "an exemplar")
    assert set(run_ids) <= {run["run_id"] for run in stage.main.runs("poor")}


def test_a_restart_alerts_nobody(stage: Stage) -> None:
    """Counters that begin anew, and a run that was cancelled, make no alert fire."""
    restarted = time.time()
    stage.doomed.stop()
    stage.doomed.start()
    stage.doomed.wait()
    before = len(stage.doomed.runs(DOOMED_TARGET))

    def calm() -> bool:
        return len(stage.doomed.runs(DOOMED_TARGET)) >= before + _CALM_RUNS

    eventually(calm, within_s=PATIENCE_S, what=lambda: "runs after the restart")
    names = {alert["labels"]["alertname"] for alert in stage.webhook.alerts({"job": "doomed"}, since=restarted)}
    # A restart, or a run, may be slow where a machine is busy.
    busy = {"VDIProberAbsent", "VDIProberStarved", "VDIProberErrors", "VDIProberTargetErrors"}
    assert names <= {*CERTIFICATES, *busy}


def test_a_black_desktop_reaches_whoever_is_on_call(stage: Stage, findings: list[str]) -> None:
    """The alert arrives with its labels, its words, whose fault it is, its runbook; it resolves with the fault."""
    alert = fired(stage, "VDIProbeNoRecentSuccess")
    assert alert["labels"] == {
        "alertname": "VDIProbeNoRecentSuccess",
        "severity": "critical",
        "target": "desktop",
        "job": "main",
    }
    findings.append(f"an alert as it arrived: {json.dumps(alert)}")
    texts = alert["annotations"]
    assert texts["summary"] == "No desktop of desktop could be used lately"
    assert "layer media, reason black_frames" in texts["description"]
    assert texts["runbook_url"].endswith("/docs/runbook.md#vdiprobenorecentsuccess")
    fired(stage, "VDIProbeAvailabilityBurnFast")

    stage.lab.turn("none")
    resolved(stage, "VDIProbeNoRecentSuccess")


def test_the_example_for_alertmanager_tells_it_once(stage: Stage) -> None:
    """Where no desktop of a target can be used, its burning budget says nothing new, and is hidden."""
    hidden = {"alertname": "VDIProbeAvailabilityBurnFast", "target": "failed", "job": "main"}

    def found() -> bool:
        return any(hidden.items() <= labels.items() for labels in stage.example.inhibited())

    eventually(found, within_s=PATIENCE_S, what=lambda: f"{stage.example.inhibited()}")


def test_an_error_of_the_prober_pages_nobody_for_a_target(stage: Stage) -> None:
    """Probers that cannot judge raise their own alerts, and none that blames a target or wakes somebody."""
    for name in ("VDIProberErrors", "VDIProberTargetErrors", "VDIProberBrowserFailing", "VDIProberSelfCheckFailing"):
        fired(stage, name)
    assert {run["outcome"] for prober in stage.others for run in prober.runs("unseen")} == {"error"}
    for prober in ("blind", "lame"):
        names = {alert["labels"]["alertname"] for alert in stage.webhook.alerts({"job": prober})}
        assert names.isdisjoint(alert.name for alert in targets.alerts() if alert.name not in CERTIFICATES)


def test_what_stays_behind_wakes_nobody(stage: Stage) -> None:
    """Users have their desktops where sessions do not go away afterwards: that is work for the next day."""
    fired(stage, "VDIProbeSessionsLeft")
    told_of = stage.webhook.alerts({"target": "stuck", "severity": "critical"})
    assert {alert["labels"]["alertname"] for alert in told_of} <= CERTIFICATES


def test_a_prober_that_is_gone_is_missed(stage: Stage) -> None:
    """The dead man: a prober that ended is told of, and that it is back."""
    stopped = time.time()
    stage.doomed.stop()
    gone = {"alertname": "VDIProberAbsent", "job": "doomed"}
    alert = told(stage, "firing", gone, since=stopped)
    assert alert["labels"]["severity"] == "critical"
    assert alert["annotations"]["runbook_url"].endswith("/docs/runbook.md#vdiproberabsent")
    stage.doomed.start()
    told(stage, "resolved", gone, since=stopped)


def test_every_alert_fires_or_says_why_not(stage: Stage, findings: list[str]) -> None:
    """Each alert arrives with its severity, its words and its runbook, but for those that say why they cannot."""
    assert {alert.name for alert in ALERTS} == FIRING.keys() | ELSEWHERE.keys()
    table = [("alert", "severity", "of", "after")]
    for name in FIRING:
        alert = fired(stage, name)
        assert all(alert["annotations"].get(key) for key in ("summary", "description"))
        assert alert["annotations"]["runbook_url"].endswith(f"/docs/runbook.md#{name.lower()}")
        labels = alert["labels"]
        after = stage.webhook.seconds_to(alert, since=stage.began)
        table.append((name, labels["severity"], labels.get("target") or labels["job"], f"{after:.0f} s"))
    table += [(name, "-", "not here:", why) for name, why in ELSEWHERE.items()]
    findings.extend(("alerts that arrived:", *("  {:31} {:9} {:22} {}".format(*row) for row in table)))


def test_what_was_mended_is_forgotten(stage: Stage) -> None:
    """The fast burn of the desktop that was black resolves too, once its short window is clean."""
    resolved(stage, "VDIProbeAvailabilityBurnFast")


def test_every_recording_rule_has_data(stage: Stage, findings: list[str]) -> None:
    """Each rule is evaluated without an error, and each record has samples."""
    rules = stage.prometheus.rules()
    assert not [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"]
    samples = {name: len(stage.prometheus.query(name)) for name in dict.fromkeys(record.name for record in RECORDS)}
    findings.extend(("recording rules and their samples:", *(f"  {name:60} {n}" for name, n in samples.items())))
    assert not [name for name, number in samples.items() if not number]


def test_every_panel_has_data(stage: Stage, findings: list[str]) -> None:
    """Each query of each dashboard returns data from this Prometheus."""
    table = [(query, len(stage.prometheus.query(query.expr))) for query in asked()]
    findings.append("panels of the dashboards, their queries, and the samples that these returned:")
    findings.extend(_row(query, number) for query, number in table)
    assert not [query for query, number in table if not number]


def _row(query: Asked, samples: int) -> str:
    return f"  {query.dashboard:9} {query.panel:36.36} {query.expr:90.90} {samples:>5}"


def test_every_query_of_the_runbook_has_data(stage: Stage) -> None:
    """What the runbook asks in the part of an alert that fires here is answered for what it fires for."""
    asked_there = list(queries())
    assert {alert for alert, _ in asked_there} == FIRING.keys()
    unanswered = {(alert, query) for alert, query in asked_there if not stage.prometheus.query(query)}
    assert unanswered <= {NEVER_RAN}
