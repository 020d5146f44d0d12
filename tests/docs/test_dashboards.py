"""docs/dashboards.md tells of every dashboard, row and variable."""

import re
from pathlib import Path

from tests.dashboards.reading import committed, variables

_PAGE = (Path(__file__).parents[2] / "docs" / "dashboards.md").read_text(encoding="utf-8")


def _part(title: str) -> str:
    """Returns what the page says of one dashboard: up to the next one, or the next heading."""
    return re.split(r"\n\*\*VDI prober|\n## ", _PAGE.split(f"**{title}**")[1])[0]


def test_every_row_is_told_of() -> None:
    """Each dashboard has its part in the page, with each of its rows in italics; a row that is gone is told no more."""
    for dashboard in committed().values():
        rows = {panel["title"] for panel in dashboard["panels"] if panel["type"] == "row"}
        told = set(re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", _part(dashboard["title"])))
        assert told == rows, dashboard["title"]


def test_every_variable_is_told_of() -> None:
    """The table of variables has each, with the dashboards that it is on."""
    lines = [line.split("|") for line in _PAGE.splitlines() if line.startswith("| `")]
    told = {name: where.strip() for _, names, where, *_ in lines for name in re.findall(r"`(\w+)`", names)}
    found: dict[str, list[str]] = {}
    for stem in ("overview", "target", "prober"):
        for name in variables(committed()[stem]):
            found.setdefault(name, []).append(stem.capitalize())
    everywhere = ["Overview", "Target", "Prober"]
    assert set(told) == set(found)
    for name, where in found.items():
        assert told[name] in {", ".join(where), "all" if where == everywhere else ""}, name


def test_every_uid_is_told() -> None:
    """Each uid stands there, since links rely on it."""
    assert all(f"`{dashboard['uid']}`" in _PAGE for dashboard in committed().values())
