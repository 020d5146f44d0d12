"""Metrics with a way to read them."""

import pytest

from prober.adapters.metrics import Metrics
from tests.adapters.metrics.scraping import Scrape, value_of


@pytest.fixture
def metrics() -> Metrics:
    """Metrics without any target."""
    return Metrics(version="1.2.3")


@pytest.fixture
def value(metrics: Metrics) -> Scrape:
    """Returns the reader of a series."""

    def look(name: str, **labels: str) -> float | None:
        return value_of(metrics, name, **labels)

    return look
