"""The committed dashboards, as the tests read them."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "dashboards"

_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"')
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)")


def committed() -> Mapping[str, Json]:
    """Returns each dashboard by the stem of its file's name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def panels(dashboard: Json) -> list[Json]:
    """Returns the panels that show something: all but the rows."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def variables(dashboard: Json) -> Mapping[str, Json]:
    """Returns the variables by name."""
    return {variable["name"]: variable for variable in dashboard["templating"]["list"]}


def expressions() -> Iterator[tuple[str, Json, str]]:
    """Yields each query as it stands in its file: the dashboard's stem, the panel, the expression."""
    for stem, dashboard in committed().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield stem, panel, target["expr"]


def selectors(expression: str) -> list[tuple[str, list[str]]]:
    """Returns each metric that an expression reads, with the labels of its matchers.

    A selector without braces is not seen: `test_queries` holds that there is none.
    """
    return [
        (metric, [label for label, _ in _MATCHER.findall(matchers)])
        for metric, matchers in _SELECTOR.findall(expression)
    ]


def grouping(expression: str) -> set[str]:
    """Returns the labels that an expression groups or matches by."""
    return {label.strip() for labels in _GROUPING.findall(expression) for label in labels.split(",") if label.strip()}
