"""Scrapes, read by the library's own parsers."""

from typing import Protocol

from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as _openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as _text_families

from prober.adapters.metrics import Metrics

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Scrape(Protocol):
    """Reads one series."""

    def __call__(self, name: str, **labels: str) -> float | None:
        """Returns a series' value by the sample's name and labels, `None` where it does not exist."""


def text_families(metrics: Metrics) -> list[Metric]:
    """Scrapes in the Prometheus text format."""
    return list(_text_families(metrics.render("text/plain")[0].decode()))


def openmetrics_families(metrics: Metrics) -> list[Metric]:
    """Scrapes in OpenMetrics; the parser is strict."""
    text = metrics.render(OPENMETRICS)[0].decode()
    return list(_openmetrics_families(text))  # type: ignore[no-untyped-call] # the library forgot its annotations


def value_of(metrics: Metrics, name: str, **labels: str) -> float | None:
    """Returns a series' value by the sample's name and labels, `None` where it does not exist."""
    found = [
        sample.value
        for family in text_families(metrics)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    assert len(found) <= 1
    return found[0] if found else None
