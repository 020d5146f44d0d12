"""The alerts as Grafana-managed rules, in a file for its provisioning folder.

Grafana evaluates alerts itself then and needs no Alertmanager; the recording rules still belong to Prometheus, for the
alerts read them. The shape of a rule is the one that Grafana gives to an imported Prometheus rule: a query that
yields a series for each thing to alert about, an expression that makes 1 of whatever value it has, a threshold. A query
that yields nothing is a rule at rest, not missing data.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from prober.app.monitoring.intervals import seconds
from prober.app.monitoring.links import Links
from prober.app.monitoring.rules import GROUPS
from prober.app.monitoring.words import Alert, Group
from prober.app.monitoring.writing import dump

_HEAD = "# Made by `prober rules --format grafana`; do not edit. What the rules mean: docs/slo.md, docs/runbook.md.\n"

QUERY, PRESENT, CONDITION = "A", "B", "C"
"""The refIds: what is asked, whether there is an answer, whether that fires."""

_ANY_VALUE = f"is_number(${QUERY}) || is_nan(${QUERY}) || is_inf(${QUERY})"
"""True of every answer, also of none that is a number: a rule fires for each series that its query has."""
_EXPRESSIONS = "__expr__"
"""Grafana's name of the data source that computes expressions."""
_RANGE_S = 600
"""How far back an instant query's time range is said to reach; what is read depends on the query alone."""


def rule_file(links: Links, *, datasource: str, folder: str) -> str:
    """Returns a file for Grafana's `provisioning/alerting`.

    Args:
        links: Where alerts lead.
        datasource: The uid of the Prometheus data source.
        folder: The title of the folder that the rules are put into.
    """
    groups = [_group(group, links, datasource=datasource, folder=folder) for group in GROUPS if any(_alerts(group))]
    return _HEAD + dump({"apiVersion": 1, "groups": groups})


def _alerts(group: Group) -> Iterator[Alert]:
    return (rule for rule in group.rules if isinstance(rule, Alert))


def _group(group: Group, links: Links, *, datasource: str, folder: str) -> dict[str, Any]:
    return {
        "orgId": 1,
        "name": group.name,
        "folder": folder,
        "interval": group.interval,
        "rules": [_rule(alert, links, datasource=datasource) for alert in _alerts(group)],
    }


def _rule(alert: Alert, links: Links, *, datasource: str) -> dict[str, Any]:
    texts = {"summary": alert.summary, "description": alert.description, **links.annotations(alert)}
    return {
        "uid": alert.name.lower(),
        "title": alert.name,
        "condition": CONDITION,
        "data": [
            _query(alert.expr, datasource),
            _expression(PRESENT, type="math", expression=_ANY_VALUE),
            _expression(
                CONDITION,
                type="threshold",
                expression=PRESENT,
                conditions=[{"evaluator": {"type": "gt", "params": [0]}}],
            ),
        ],
        "noDataState": "OK",
        "execErrState": "Error",
        "for": alert.lasting,
        "annotations": {name: _translated(text) for name, text in texts.items()},
        "labels": {"severity": alert.severity.value},
        "isPaused": False,
    }


def _query(expr: str, datasource: str) -> dict[str, Any]:
    model = {
        "refId": QUERY,
        "datasource": {"type": "prometheus", "uid": datasource},
        "expr": expr,
        "instant": True,
        "range": False,
        "editorMode": "code",
        "intervalMs": seconds("1m") * 1000,
        "maxDataPoints": 43200,
    }
    return _data(QUERY, datasource, model, from_s=_RANGE_S)


def _expression(ref_id: str, **model: Any) -> dict[str, Any]:
    return _data(
        ref_id, _EXPRESSIONS, {"refId": ref_id, "datasource": {"type": _EXPRESSIONS, "uid": _EXPRESSIONS}, **model}
    )


def _data(ref_id: str, datasource: str, model: Mapping[str, Any], *, from_s: int = 0) -> dict[str, Any]:
    return {
        "refId": ref_id,
        "relativeTimeRange": {"from": from_s, "to": 0},
        "datasourceUid": datasource,
        "model": dict(model),
    }


def _translated(text: str) -> str:
    """Returns a Prometheus template as Grafana's: there `$value` is a text of all values, and a query's is a number."""
    return text.replace("$value", f"$values.{QUERY}.Value")
