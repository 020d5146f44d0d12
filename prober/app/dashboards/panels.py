"""The kinds of panel that the dashboards use, each with the looks that it always has.

Every panel has a title, a description, a unit and thresholds. Widths are in the grid's 24 columns, heights in its
rows.
"""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from prober.app.dashboards.limits import PLAIN
from prober.app.dashboards.parts import DATASOURCE, Json, Query, target

RARE = "15m"
"""Bars and cells are at least this wide, so that each holds a run of the slowest usual schedule."""


def stat(
    title: str,
    text: str,
    query: Query,
    *,
    unit: str,
    limits: Json = PLAIN,
    mappings: Sequence[Json] = (),
    width: int = 4,
    height: int = 4,
) -> Json:
    """Returns one number of now, coloured by its thresholds."""
    options = {
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": _LAST,
        "textMode": "auto",
    }
    look = fields_of(unit, limits, mappings=mappings)
    return panel_of("stat", title, text, [query], fields=look, options=options, size=(width, height))


def graph(
    title: str,
    text: str,
    queries: Query | Sequence[Query],
    *,
    unit: str,
    limits: Json = PLAIN,
    stacked: bool = False,
    width: int = 12,
    height: int = 8,
    at_least: float | None = 0,
    at_most: float | None = None,
) -> Json:
    """Returns lines over time, or areas on top of one another."""
    custom = {
        "drawStyle": "line",
        "lineInterpolation": "stepAfter",
        "lineWidth": 1,
        "fillOpacity": 70 if stacked else 5,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "off" if len(limits["steps"]) == 1 else "dashed"},
    }
    fields = fields_of(unit, limits, custom=custom, at_least=at_least, at_most=at_most, palette=True)
    return panel_of("timeseries", title, text, queries, fields=fields, options=_LEGEND, size=(width, height))


def bars(
    title: str, text: str, queries: Query | Sequence[Query], *, limits: Json = PLAIN, width: int = 12, height: int = 8
) -> Json:
    """Returns counts over time, one bar per stretch of at least `RARE`, on top of one another."""
    custom = {
        "drawStyle": "bars",
        "lineWidth": 0,
        "fillOpacity": 80,
        "showPoints": "never",
        "stacking": {"mode": "normal", "group": "A"},
        "thresholdsStyle": {"mode": "off"},
    }
    fields = fields_of("short", limits, custom=custom, at_least=0, palette=True)
    panel = panel_of("timeseries", title, text, queries, fields=fields, options=_LEGEND, size=(width, height))
    return {**panel, "interval": RARE}


def heatmap(title: str, text: str, query: Query, *, width: int = 12, height: int = 8, interval: str = RARE) -> Json:
    """Returns a histogram's buckets over time, with exemplars; the rows are seconds."""
    options = {
        "calculate": False,
        "cellGap": 1,
        "color": {
            "mode": "scheme",
            "scheme": "Oranges",
            "fill": "dark-orange",
            "scale": "exponential",
            "exponent": 0.5,
            "steps": 64,
            "reverse": False,
        },
        "exemplars": {"color": "rgba(31, 120, 193, 0.9)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "showValue": "never",
        "tooltip": {"show": True, "yHistogram": False},
        "yAxis": {"axisPlacement": "left", "reverse": False, "unit": "s"},
    }
    fields = fields_of("s", PLAIN, custom={"scaleDistribution": {"type": "linear"}})
    panel = panel_of("heatmap", title, text, query, fields=fields, options=options, size=(width, height))
    return {**panel, "interval": interval}


def timeline(
    title: str, text: str, query: Query, *, mappings: Sequence[Json], width: int = 24, height: int = 8
) -> Json:
    """Returns a stripe per series that shows what was true when."""
    options = {
        "alignValue": "left",
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
        "mergeValues": True,
        "rowHeight": 0.85,
        "showValue": "never",
        "tooltip": {"mode": "single", "sort": "none"},
    }
    fields = fields_of("none", PLAIN, mappings=mappings, custom={"fillOpacity": 80, "lineWidth": 0})
    return panel_of("state-timeline", title, text, query, fields=fields, options=options, size=(width, height))


def gauges(
    title: str,
    text: str,
    queries: Query | Sequence[Query],
    *,
    unit: str,
    limits: Json = PLAIN,
    width: int = 12,
    height: int = 8,
    at_most: float | None = None,
) -> Json:
    """Returns a horizontal bar per series, of now."""
    options = {
        "displayMode": "basic",
        "minVizHeight": 10,
        "minVizWidth": 0,
        "orientation": "horizontal",
        "reduceOptions": _LAST,
        "showUnfilled": True,
        "valueMode": "color",
    }
    fields = fields_of(unit, limits, at_least=0, at_most=at_most)
    return panel_of("bargauge", title, text, queries, fields=fields, options=options, size=(width, height))


_LAST: Json = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_LEGEND: Json = {
    "legend": {"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": True},
    "tooltip": {"mode": "multi", "sort": "desc"},
}


def fields_of(
    unit: str,
    limits: Json,
    *,
    mappings: Sequence[Json] = (),
    custom: Json | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    palette: bool = False,
) -> Json:
    """Returns how a panel's values look.

    Args:
        unit: Grafana's name of the unit.
        limits: The thresholds.
        mappings: What values are called.
        custom: What only this kind of panel knows.
        at_least: Where the axis begins; by default the data says.
        at_most: Where it ends.
        palette: Whether each series has a colour of its own, or that of its value.
    """
    defaults: dict[str, Any] = {
        "color": {"mode": "palette-classic" if palette else "thresholds"},
        "thresholds": limits,
        "unit": unit,
    }
    optional = {"mappings": list(mappings) or None, "custom": custom, "min": at_least, "max": at_most}
    return {"defaults": defaults | {k: v for k, v in optional.items() if v is not None}, "overrides": []}


def panel_of(
    kind: str,
    title: str,
    text: str,
    queries: Query | Sequence[Query],
    *,
    fields: Json,
    options: Json,
    size: tuple[int, int],
) -> Json:
    """Returns a panel without its place.

    Args:
        kind: Grafana's name of the visualization.
        title: The title.
        text: The description.
        queries: What is asked; the letters in order name the answers.
        fields: How the values look.
        options: What only this kind of panel knows.
        size: Width and height.
    """
    asked = [queries] if isinstance(queries, Query) else queries
    width, height = size
    return {
        "type": kind,
        "title": title,
        "description": text,
        "datasource": DATASOURCE,
        "fieldConfig": fields,
        "options": options,
        "targets": [target(query, letter) for letter, query in zip(ascii_uppercase, asked, strict=False)],
        "gridPos": {"w": width, "h": height},
    }
