"""The rules as Prometheus reads them: a rule file, or the operator's PrometheusRule around the same groups."""

from collections.abc import Iterable, Mapping
from typing import Any

from prober.app.monitoring.links import Links
from prober.app.monitoring.pace import USUAL, hastened
from prober.app.monitoring.rules import GROUPS
from prober.app.monitoring.seen import FAILURES
from prober.app.monitoring.words import TARGET, Alert, Group, Record, Rule
from prober.app.monitoring.writing import dump

_HEAD = "# Made by `prober rules --format {kind}`; do not edit. What the rules mean: docs/slo.md, docs/runbook.md.\n"

_SELECTOR = ", ".join(f"{label}='%s'" for label in TARGET.split(", "))
_VALUES = " ".join(f"$labels.{label}" for label in TARGET.split(", "))
_BLAME = (
    f" {{{{ with printf \"topk(1, {FAILURES}{{layer!='prober', {_SELECTOR}}})\" {_VALUES} | query }}}}"
    "{{ with . | first }}Most failures: layer {{ .Labels.layer }}, reason {{ .Labels.reason }}.{{ end }}{{ end }}"
)
"""Asks Prometheus for the layer and reason that most recent failures of the alert's target have. It is no label, for an
alert whose labels change is a new alert."""


def rule_file(links: Links, *, records: bool = True, alerts: bool = True, pace: int = USUAL) -> str:
    """Returns a rule file for `rule_files`.

    Args:
        links: Where alerts lead.
        records: Whether recording rules are in it.
        alerts: Whether alerting rules are in it.
        pace: How many times faster than is meant their time runs.
    """
    groups = hastened(GROUPS, pace=pace)
    return _HEAD.format(kind="prometheus") + dump({"groups": _groups(groups, links, records=records, alerts=alerts)})


def prometheus_rule(
    links: Links, *, name: str, labels: Mapping[str, str], records: bool = True, alerts: bool = True
) -> str:
    """Returns a PrometheusRule for the Prometheus operator.

    Args:
        links: Where alerts lead.
        name: The object's name.
        labels: The object's labels, by which a Prometheus selects it.
        records: Whether recording rules are in it.
        alerts: Whether alerting rules are in it.
    """
    body = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": name, **({"labels": dict(labels)} if labels else {})},
        "spec": {"groups": _groups(GROUPS, links, records=records, alerts=alerts)},
    }
    return _HEAD.format(kind="operator") + dump(body)


def _groups(groups: Iterable[Group], links: Links, *, records: bool, alerts: bool) -> list[dict[str, Any]]:
    def wanted(group: Group) -> list[dict[str, Any]]:
        return [_rule(rule, links) for rule in group.rules if (records if isinstance(rule, Record) else alerts)]

    return [
        {"name": group.name, "interval": group.interval, "rules": rules} for group in groups if (rules := wanted(group))
    ]


def _rule(rule: Rule, links: Links) -> dict[str, Any]:
    if isinstance(rule, Record):
        labels = {"labels": dict(rule.labels)} if rule.labels else {}
        return {"record": rule.name, "expr": rule.expr, **labels}
    return {
        "alert": rule.name,
        "expr": rule.expr,
        "for": rule.lasting,
        "labels": {"severity": rule.severity.value},
        "annotations": _annotations(rule, links),
    }


def _annotations(alert: Alert, links: Links) -> dict[str, str]:
    return {
        "summary": alert.summary,
        "description": alert.description + (_BLAME if alert.blames else ""),
        **links.annotations(alert),
    }
