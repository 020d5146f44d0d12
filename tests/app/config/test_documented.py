"""What the documentation shows of the configuration loads."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from prober.app.config.load import load

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
SECTIONS = frozenset(
    {
        "clusters",
        "targets",
        "clients",
        "defaults",
        "web",
        "browser",
        "concurrency",
        "evidence_store",
        "history",
        "tracing",
    }
)
"""Keys of the whole file; a snippet with none of them is about a target."""


def _snippets() -> list[tuple[str, dict[str, Any]]]:
    """Returns the YAML of each page that says something of targets, after the page's name."""
    found = [
        (page.stem, yaml.safe_load(text))
        for page in PAGES
        for text in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ]
    known = SECTIONS | {
        "checks",
        "client",
        "expect",
        "network",
        "objectives",
        "stream",
        "access",
        "session",
        "evidence",
        "correlation",
    }
    return [(stem, data) for stem, data in found if isinstance(data, dict) and data.keys() <= known]


def _completed(snippet: dict[str, Any]) -> dict[str, Any]:
    """Returns a whole file with the snippet in it."""
    target = {
        "name": "ubuntu",
        "schedule": {"every": "15m"},
        "session": {"cluster": "staging", "namespace": "vdi", "user": "probe@example.com", "template": "ubuntu"},
    }
    whole: dict[str, Any] = {"clusters": {"staging": {"in_cluster": True}}, "targets": [{}]}
    whole |= snippet if snippet.keys() & SECTIONS else {"targets": [snippet]}
    whole["targets"] = [target | said for said in whole["targets"]]
    return whole


@pytest.mark.parametrize(
    "snippet",
    [pytest.param(data, id=f"{stem} {'-'.join(data)}") for stem, data in _snippets()],
)
def test_a_documented_snippet_loads(snippet: dict[str, Any], tmp_path: Path) -> None:
    """Each snippet, completed with what it leaves out, is a configuration without a problem."""
    path = tmp_path / "prober.yaml"
    path.write_text(yaml.safe_dump(_completed(snippet)), encoding="utf-8")
    assert load(path, environ={}).targets


def test_the_pages_about_configuration_have_snippets() -> None:
    """The search for snippets finds those that are known to be there."""
    assert {stem for stem, _ in _snippets()} >= {"README", "clients", "evidence"}
