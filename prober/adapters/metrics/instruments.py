"""The library's objects behind the catalog's declarations, in a registry of their own.

The only module that knows prometheus_client. A value of `None` means that nothing is known: a gauge's series is removed
then, an observation is left out. Rendering may happen in another thread.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.process_collector import ProcessCollector

from prober.adapters.metrics.catalog import Declaration, Kind

_Instrument = Counter | Gauge | Histogram | Info
_AnyInstrument = TypeVar("_AnyInstrument", Counter, Gauge, Histogram, Info)


class Instruments:
    """One instrument per declaration."""

    def __init__(self, catalog: Sequence[Declaration]) -> None:
        # The `_created` series would add a fourth to what a target costs, and Prometheus reads none of them.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library forgot its annotation
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._instruments = {declaration.name: self._made(declaration) for declaration in catalog}
        self._catalog = tuple(catalog)

    def count(
        self, metric: Declaration, *labels: str, by: float = 1, exemplar: Mapping[str, str] | None = None
    ) -> None:
        """Counts; `by` 0 makes the series exist."""
        self._series(metric, Counter, labels).inc(by, exemplar=dict(exemplar) if exemplar else None)

    def set(self, metric: Declaration, value: float | None, *labels: str) -> None:
        """Sets a gauge, or removes its series where nothing is known."""
        if value is None:
            self.remove(metric, *labels)
        else:
            self._series(metric, Gauge, labels).set(value)

    def observe(
        self, metric: Declaration, value: float | None, *labels: str, exemplar: Mapping[str, str] | None = None
    ) -> None:
        """Observes a histogram's value, in the metric's unit."""
        if value is not None:
            self._series(metric, Histogram, labels).observe(value, exemplar=dict(exemplar) if exemplar else None)

    def describe(self, metric: Declaration, facts: Mapping[str, str], *labels: str) -> None:
        """Sets an info metric's facts; there is one series per label values, so new facts replace the old ones."""
        self._series(metric, Info, labels).info(dict(facts))

    def reveal(self, metric: Declaration, *labels: str) -> None:
        """Makes a counter's or histogram's series exist, at zero."""
        self._instruments[metric.name].labels(*labels)

    def remove(self, metric: Declaration, *labels: str) -> None:
        """Removes one series; one that does not exist is no fault."""
        self._instruments[metric.name].remove(*labels)

    def forget(self, **labels: str) -> None:
        """Removes every series that has these labels."""
        for declaration in self._catalog:
            if labels.keys() <= set(declaration.labels):
                self._instruments[declaration.name].remove_by_labels(labels)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Returns OpenMetrics where the Accept header names it, the Prometheus text format otherwise.

        Returns:
            The exposition with its content type.
        """
        # The library's own choice raises TypeError at a version that is no number: a header must not do that.
        if "application/openmetrics-text" in accept:
            return openmetrics.generate_latest(self._registry), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call] # the library forgot its annotations
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    def _series(self, metric: Declaration, kind: type[_AnyInstrument], labels: Sequence[str]) -> _AnyInstrument:
        instrument = self._instruments[metric.name]
        if not isinstance(instrument, kind):
            raise TypeError(f"{metric.name} is a {metric.kind}")
        return instrument.labels(*labels) if labels else instrument

    def _made(self, metric: Declaration) -> _Instrument:
        match metric.kind:
            case Kind.COUNTER:
                return Counter(metric.name, metric.help, metric.labels, registry=self._registry)
            case Kind.GAUGE:
                return Gauge(metric.name, metric.help, metric.labels, unit=metric.unit, registry=self._registry)
            case Kind.HISTOGRAM:
                return Histogram(
                    metric.name,
                    metric.help,
                    metric.labels,
                    unit=metric.unit,
                    buckets=metric.buckets,
                    registry=self._registry,
                )
            case Kind.INFO:
                return Info(metric.name.removesuffix("_info"), metric.help, metric.labels, registry=self._registry)
