"""docs/metrics.md shows every metric, and is what the code says."""

from pathlib import Path

from prober.adapters.metrics.catalog import CATALOG
from prober.adapters.metrics.declaration import Kind
from prober.adapters.metrics.page import page

_PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_page_is_made_from_the_catalog() -> None:
    """`make docs` was run since the last change."""
    assert _PAGE.read_text(encoding="utf-8") == page()


def test_every_metric_has_its_row() -> None:
    """Each is there once with all that is declared of it, histograms once more with their buckets."""
    rows = [line for line in page().splitlines() if line.startswith("| `") and "_" in line.split("`")[1]]
    named = [row.split("`")[1] for row in rows]
    histograms = [metric.name for metric in CATALOG if metric.kind is Kind.HISTOGRAM]
    assert sorted(named) == sorted([*(metric.name for metric in CATALOG), *histograms])
    for metric in CATALOG:
        (row,) = [row for row in rows if f"`{metric.name}`" in row and f" {metric.kind.value} " in row]
        assert all(f"`{label}`" in row for label in (*metric.labels, *metric.facts))
        assert metric.help in row
        assert metric.absent in row


def test_every_label_is_explained() -> None:
    """Each label of a metric has a row with its values."""
    explained = {line.split("`")[1] for line in page().splitlines() if line.startswith("| `")}
    assert {label for metric in CATALOG for label in metric.labels} <= explained
