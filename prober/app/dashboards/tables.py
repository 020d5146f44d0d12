"""The table panel: answers to several questions of now, joined by the labels that they share."""

from collections.abc import Mapping, Sequence
from string import ascii_uppercase

from prober.app.dashboards.limits import PLAIN
from prober.app.dashboards.panels import fields_of, panel_of
from prober.app.dashboards.parts import Json, Query, link_to_target


def table(
    title: str,
    text: str,
    queries: Sequence[Query],
    *,
    columns: Mapping[str, str],
    looks: Mapping[str, Json] | None = None,
    nothing: str = "",
    width: int = 24,
    height: int = 8,
) -> Json:
    """Returns the answers of now, joined by the labels that they share.

    Args:
        title: The title.
        text: The description.
        queries: The questions; the letter of each names its value, as in `Value #A`.
        columns: Which fields are shown, in which order, and how each is called.
        looks: Unit, thresholds, mappings of columns, by what they are called.
        nothing: What is said where there is no answer.
        width: The width.
        height: The height.
    """
    letters = ascii_uppercase[: len(queries)]
    values = ["Value"] if len(queries) == 1 else [f"Value #{letter}" for letter in letters]
    order = {
        "excludeByName": {name: True for name in ("Time", *values) if name not in columns},
        "includeByName": {},
        "indexByName": {name: place for place, name in enumerate(columns)},
        "renameByName": dict(columns),
    }
    transformations: list[Json] = [{"id": "merge", "options": {}}, {"id": "organize", "options": order}]
    fields = fields_of("none", PLAIN, custom={"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False})
    fields["overrides"] = [_column(name, look) for name, look in (looks or {}).items()]
    if nothing:
        fields["defaults"]["noValue"] = nothing
    options = {
        "cellHeight": "sm",
        "footer": {"show": False, "reducer": ["sum"], "countRows": False},
        "frameIndex": 0,
        "showHeader": True,
    }
    panel = panel_of("table", title, text, queries, fields=fields, options=options, size=(width, height))
    return {**panel, "transformations": transformations}


def as_number(unit: str, limits: Json = PLAIN, mappings: Sequence[Json] = ()) -> Json:
    """Returns the looks of a column whose text takes the colour of its value."""
    look = {"unit": unit, "thresholds": limits, "custom.cellOptions": {"type": "color-text"}}
    return {**look, "mappings": list(mappings)} if mappings else look


LEADS_TO_ITS_TARGET: Json = {"links": [link_to_target("__value.text")]}
"""The looks of a column of target names."""


def _column(name: str, look: Json) -> Json:
    properties = [{"id": key, "value": value} for key, value in look.items()]
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}
