"""Grafana's JSON: what every panel, variable and dashboard has, schema version 38 (Grafana 10 and later)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

TAG = "vdi-prober"
"""On every dashboard; the links between them are found by it."""

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}

_WIDTH = 24
_DOCS = "https://github.com/vdi-prober/vdi-prober/blob/main/docs/dashboards.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question to Prometheus.

    Attributes:
        expr: The question.
        legend: The name of each series, with labels in double braces.
        instant: Whether only the value of now is asked for.
        exemplar: Whether exemplars are asked for; buckets of a histogram have them, and failures.
        shape: How Grafana reads the answer: `time_series`, `table` or `heatmap`.
    """

    expr: str
    legend: str = ""
    instant: bool = False
    exemplar: bool = False
    shape: str = "time_series"


def target(query: Query, ref: str) -> Json:
    """Returns a query as a panel's target, named by its letter."""
    return {
        "datasource": DATASOURCE,
        "editorMode": "code",
        "exemplar": query.exemplar,
        "expr": query.expr,
        "format": query.shape,
        "instant": query.instant,
        "legendFormat": query.legend,
        "range": not query.instant,
        "refId": ref,
    }


def row(title: str, *panels: Json) -> list[Json]:
    """Returns a titled row with its panels, to be placed by `dashboard`."""
    head = {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"w": _WIDTH, "h": 1}}
    return [head, *panels]


def link_to_target(name: str) -> Json:
    """Returns a link from a value to the dashboard of its target; `name` is what gives the target's name in a link."""
    url = f"/d/vdi-prober-target?var-datasource=${{datasource}}&var-target=${{{name}}}&${{__url_time_range}}"
    return {"title": "Show the target", "url": url, "targetBlank": False}


def leading_to_targets(panels: Sequence[Json]) -> list[Json]:
    """Returns the panels, those whose series are named by their target with a link to it."""
    return [_leading(panel) if _names_targets(panel) else panel for panel in panels]


def datasource_variable() -> Json:
    """Returns the variable that chooses the Prometheus."""
    return {
        **_variable("datasource", "Data source", "The Prometheus that scrapes the probers."),
        "type": "datasource",
        "query": "prometheus",
        "current": {},
        "multi": False,
        "includeAll": False,
        "options": [],
        "regex": "",
        "refresh": 1,
    }


def label_variable(name: str, label: str, text: str, query: str, *, every: str = "") -> Json:
    """Returns a variable of a label's values, several at once or all.

    Args:
        name: The variable.
        label: What stands beside it.
        text: What it is for.
        query: What gives the values.
        every: What "All" matches; by default each value that the query gives.
    """
    whole = {"allValue": every} if every else {}
    return {
        **_variable(name, label, text),
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": f"Variable-{name}"},
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "multi": True,
        "includeAll": True,
        **whole,
        "options": [],
        "regex": "",
        "sort": 1,
        "refresh": 2,
    }


def choice_variable(name: str, label: str, text: str, choices: Sequence[str], chosen: str) -> Json:
    """Returns a variable of durations to choose one of."""
    return {
        **_variable(name, label, text),
        "type": "interval",
        "query": ",".join(choices),
        "current": {"selected": True, "text": chosen, "value": chosen},
        "options": [{"selected": choice == chosen, "text": choice, "value": choice} for choice in choices],
        "auto": False,
        "refresh": 2,
    }


def dashboard(uid: str, title: str, text: str, *, variables: Sequence[Json], panels: Sequence[Json]) -> Json:
    """Returns a dashboard whose panels stand in reading order."""
    return {
        "uid": uid,
        "title": title,
        "description": text,
        "tags": [TAG],
        "editable": False,
        "graphTooltip": 1,
        "schemaVersion": 38,
        "timezone": "browser",
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "links": [_links_to_the_others(), _link_to_the_docs()],
        "templating": {"list": list(variables)},
        "annotations": {"list": []},
        "panels": _placed(panels),
    }


def _placed(panels: Sequence[Json]) -> list[Json]:
    """Gives each panel its id and its place: from left to right, a new line where one is full or a row begins."""
    placed, x, y, height = [], 0, 0, 0
    for number, panel in enumerate(panels, start=1):
        size = panel["gridPos"]
        if panel["type"] == "row" or x + size["w"] > _WIDTH:
            x, y, height = 0, y + height, 0
        placed.append({"id": number, **panel, "gridPos": {"x": x, "y": y, **size}})
        x, height = x + size["w"], max(height, size["h"])
    return placed


def _names_targets(panel: Json) -> bool:
    return any(asked["legendFormat"].startswith("{{target}}") for asked in panel.get("targets", ()))


def _leading(panel: Json) -> Json:
    fields = panel["fieldConfig"]
    link = link_to_target("__field.labels.target")
    return {**panel, "fieldConfig": {**fields, "defaults": {**fields["defaults"], "links": [link]}}}


def _variable(name: str, label: str, text: str) -> Json:
    return {"name": name, "label": label, "description": text, "hide": 0, "skipUrlSync": False}


def _links_to_the_others() -> Json:
    return {
        "title": "VDI prober",
        "type": "dashboards",
        "icon": "external link",
        "tooltip": "The other dashboards of the prober",
        "url": "",
        "tags": [TAG],
        "asDropdown": False,
        "targetBlank": False,
        "includeVars": True,
        "keepTime": True,
    }


def _link_to_the_docs() -> Json:
    return {
        "title": "What the panels mean",
        "type": "link",
        "icon": "doc",
        "tooltip": "The documentation of these dashboards",
        "url": _DOCS,
        "tags": [],
        "asDropdown": False,
        "targetBlank": True,
        "includeVars": False,
        "keepTime": False,
    }
