"""The dashboards are what Grafana's published schema describes."""

import json
from copy import deepcopy
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as sdk

from tests.dashboards.reading import committed, panels
from tests.dashboards.schema import problems

STEMS = ("overview", "target", "prober")


@pytest.mark.parametrize("stem", STEMS)
def test_a_dashboard_is_valid(stem: str) -> None:
    """No key that the schema lacks, no value of another type, none outside its enum."""
    assert problems(committed()[stem]) == []


@pytest.mark.parametrize("stem", STEMS)
def test_a_dashboard_survives_the_sdk(stem: str) -> None:
    """The SDK reads it and writes it again, with all that was in it."""
    register_default_plugins()
    ours = committed()[stem]
    written = json.loads(json.dumps(sdk.Dashboard.from_json(deepcopy(ours)), cls=JSONEncoder))
    assert _lost(ours, written, "dashboard") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("fieldConfig", "defaults", "custom", "drawStyle"), "crayon"),
        (("fieldConfig", "defaults", "custom", "drawstyle"), "line"),
        (("fieldConfig", "defaults", "thresholds", "mode"), "relative"),
        (("options", "legend", "showLegend"), "yes"),
        (("options", "legends"), {}),
        (("gridPos", "w"), "12"),
        (("targets", 0, "exemplars"), True),
        (("title",), 5),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_slip_is_found(path: tuple[str | int, ...], value: Any) -> None:
    """A misspelled key, a wrong type, a word outside its enum: each is a problem."""
    dashboard = deepcopy(committed()["overview"])
    place: Any = next(panel for panel in panels(dashboard) if panel["type"] == "timeseries")
    *parents, last = path
    for parent in parents:
        place = place[parent]
    place[last] = value
    assert len(problems(dashboard)) == 1


def _lost(ours: Any, written: Any, where: str) -> list[str]:
    if isinstance(ours, dict):
        if not isinstance(written, dict) or not set(ours) <= set(written):
            return [where]
        return [lost for key, value in ours.items() for lost in _lost(value, written[key], f"{where}.{key}")]
    if isinstance(ours, list):
        if not isinstance(written, list) or len(written) != len(ours):
            return [where]
        return [
            lost
            for place, pair in enumerate(zip(ours, written, strict=True))
            for lost in _lost(*pair, f"{where}[{place}]")
        ]
    return [] if ours == written else [where]
