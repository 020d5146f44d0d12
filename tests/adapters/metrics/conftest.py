"""Metrics with a way to read them."""

import pytest

from prober.adapters.metrics import Metrics
from tests.adapters.metrics.scraping import Scrape, text_families


@pytest.fixture
def metrics() -> Metrics:
    """Metrics without any target."""
    return Metrics(version="1.2.3")


@pytest.fixture
def value(metrics: Metrics) -> Scrape:
    """Returns the reader of a series."""

    def look(name: str, **labels: str) -> float | None:
        found = [
            sample.value
            for family in text_families(metrics)
            for sample in family.samples
            if sample.name == name and sample.labels == labels
        ]
        assert len(found) <= 1
        return found[0] if found else None

    return look
