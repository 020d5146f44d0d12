"""dashboards/ is what the generator makes, and hangs together."""

import re
from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from prober.app.dashboards import dashboards
from prober.app.dashboards.__main__ import main
from tests.dashboards.reading import FOLDER, committed, panels, variables

STEMS = ("overview", "target", "prober")

UIDS = {"overview": "vdi-prober-overview", "target": "vdi-prober-target", "prober": "vdi-prober-itself"}
"""Bookmarks, links and alerts rely on them: changing one is breaking."""


def test_the_files_are_made_by_the_generator(tmp_path: Any) -> None:
    """`make docs` was run since the last change, and no file lies there that nothing makes."""
    main(tmp_path)
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert set(made) == set(dashboards())


@pytest.mark.parametrize("stem", STEMS)
def test_a_dashboard_keeps_its_identity(stem: str) -> None:
    """The uid, the tag and what is refused to be edited stay; no id of one Grafana is in it."""
    dashboard = committed()[stem]
    assert dashboard["uid"] == UIDS[stem]
    assert dashboard["tags"] == ["vdi-prober"]
    assert dashboard["title"].startswith("VDI prober / ")
    assert "id" not in dashboard


@pytest.mark.parametrize("stem", STEMS)
def test_a_panel_can_be_named(stem: str) -> None:
    """No two panels of a dashboard share a title or an id."""
    found = panels(committed()[stem])
    assert [title for title, times in Counter(panel["title"] for panel in found).items() if times > 1] == []
    ids = [panel["id"] for panel in committed()[stem]["panels"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("stem", STEMS)
def test_panels_lie_beside_one_another(stem: str) -> None:
    """No panel covers another one, or leaves the grid of 24 columns."""
    places = [panel["gridPos"] for panel in committed()[stem]["panels"]]
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


@pytest.mark.parametrize("stem", STEMS)
def test_every_panel_says_what_it_shows(stem: str) -> None:
    """Title, description in sentences, unit and thresholds: on every kind of panel."""
    for panel in panels(committed()[stem]):
        text, defaults = panel["description"], panel["fieldConfig"]["defaults"]
        assert panel["title"], panel
        assert text[0].isupper(), panel["title"]
        assert text.endswith("."), panel["title"]
        assert defaults["unit"], panel["title"]
        assert defaults["thresholds"]["steps"], panel["title"]


@pytest.mark.parametrize("stem", STEMS)
def test_thresholds_rise(stem: str) -> None:
    """The first step has no value; those after it grow: Grafana would show the wrong colour otherwise."""
    for panel in panels(committed()[stem]):
        overrides = panel["fieldConfig"]["overrides"]
        limits = [
            panel["fieldConfig"]["defaults"]["thresholds"],
            *(look["value"] for column in overrides for look in column["properties"] if look["id"] == "thresholds"),
        ]
        for limit in limits:
            first, *others = [step["value"] for step in limit["steps"]]
            assert first is None, panel["title"]
            assert others == sorted(others), panel["title"]


def test_dashboards_lead_to_each_other() -> None:
    """Each links to all others by their tag and to the docs; a link to a target names a dashboard that there is."""
    for dashboard in committed().values():
        by_tag, docs = dashboard["links"]
        assert by_tag["type"] == "dashboards"
        assert by_tag["tags"] == ["vdi-prober"]
        assert docs["url"].endswith("/docs/dashboards.md")
        text = str(dashboard["panels"])
        assert set(re.findall(r"/d/([\w-]+)", text)) <= set(UIDS.values())


def test_what_is_seen_of_a_target_leads_to_it() -> None:
    """On the overview, each series that is named by its target links to that target's dashboard, as do the tables."""
    for panel in panels(committed()["overview"]):
        named = any(target["legendFormat"].startswith("{{target}}") for target in panel["targets"])
        links = panel["fieldConfig"]["defaults"].get("links", [])
        assert [link["url"].split("?")[0] for link in links] == (["/d/vdi-prober-target"] if named else [])
        if panel["type"] == "table":
            assert "${__value.text}" in str(panel["fieldConfig"]["overrides"]), panel["title"]


@pytest.mark.parametrize("stem", STEMS)
def test_every_variable_is_used(stem: str) -> None:
    """A variable that no query reads would be a choice without effect."""
    dashboard = committed()[stem]
    for name in variables(dashboard):
        others = [variable for other, variable in variables(dashboard).items() if other != name]
        assert f"${name}" in str([dashboard["panels"], others]) or f"${{{name}}}" in str(dashboard), name


def test_a_table_shows_only_columns_that_it_has() -> None:
    """Each renamed field is a label by which a query groups, or the value of a query; each look has its column."""
    for stem, dashboard in committed().items():
        for panel in panels(dashboard):
            if panel["type"] != "table":
                continue
            shown = panel["transformations"][1]["options"]["renameByName"]
            letters = [target["refId"] for target in panel["targets"]]
            values = {"Value"} if len(letters) == 1 else {f"Value #{letter}" for letter in letters}
            grouped = {label for target in panel["targets"] for label in _labels(target["expr"])}
            assert set(shown) <= values | grouped, (stem, panel["title"])
            looks = {column["matcher"]["options"] for column in panel["fieldConfig"]["overrides"]}
            assert looks <= set(shown.values()), (stem, panel["title"])


def _labels(expression: str) -> set[str]:
    return {label.strip() for labels in re.findall(r"\bby \(([^)]*)\)", expression) for label in labels.split(",")}
