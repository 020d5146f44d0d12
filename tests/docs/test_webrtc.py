"""docs/webrtc.md explains every WebRTC figure, and explains none that does not exist."""

import re
from dataclasses import fields
from pathlib import Path

from prober.adapters.metrics import Metrics
from prober.domain.report import WebrtcSummary
from tests.adapters.metrics.scraping import text_families

_PAGE = Path(__file__).parents[2] / "docs" / "webrtc.md"
_PREFIX = "vdi_probe_webrtc_"


def _rows() -> list[list[str]]:
    lines = [line for line in _PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _names(cell: str) -> set[str]:
    return set(re.findall(r"`([a-z0-9_]+)", cell))


def test_every_figure_of_a_report_has_a_row() -> None:
    """A reader of a report finds each of its WebRTC figures, and no row that explains another."""
    explained = {name for row in _rows() for name in _names(row[0])}
    assert explained == {field.name for field in fields(WebrtcSummary)}


def test_every_webrtc_metric_is_named() -> None:
    """A reader of a dashboard finds each metric, and no row that names another."""
    families = text_families(Metrics(version="1"))
    exposed = {family.name.removeprefix(_PREFIX) for family in families if family.name.startswith(_PREFIX)}
    # Tables with a column for metrics have five columns.
    cells = [line.split("|")[2] for line in _PAGE.read_text(encoding="utf-8").splitlines() if line.count("|") == 6]
    named = {name.removesuffix("_total") for cell in cells for name in _names(cell)} - {_PREFIX}
    assert named == exposed


def test_every_row_is_whole() -> None:
    """Each row says source, unit, and when the figure is absent."""
    assert all(row[-1] and row[-3] for row in _rows())
