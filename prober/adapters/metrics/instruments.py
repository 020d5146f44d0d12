"""The library's objects behind the catalog's declarations.

With `series` the only module that knows prometheus_client. A value of `None` means that nothing is known: a gauge's
series is removed then, an observation is left out. Rendering may happen in another thread.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram, Info, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

from prober.adapters.metrics.declaration import Declaration, Kind
from prober.adapters.metrics.series import OPENMETRICS, PLAIN, Instrument, Series

_AnyInstrument = TypeVar("_AnyInstrument", Counter, Gauge, Histogram, Info)


class Instruments:
    """One family of series per declaration."""

    def __init__(self, catalog: Sequence[Declaration]) -> None:
        # The `_created` series would add a fourth to what a target costs, and Prometheus reads none of them.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library forgot its annotation
        self._process = ProcessCollector(registry=None)
        self._families = {declaration.name: _Family(declaration) for declaration in catalog}

    def count(
        self, metric: Declaration, *labels: str, by: float = 1, exemplar: Mapping[str, str] | None = None
    ) -> None:
        """Counts; `by` 0 makes the series exist."""
        series = self._families[metric.name].series(*labels)
        _child(series, Counter).inc(by, exemplar=dict(exemplar) if exemplar else None)
        series.changed()

    def set(self, metric: Declaration, value: float | None, *labels: str) -> None:
        """Sets a gauge, or removes its series where nothing is known."""
        if value is None:
            self.remove(metric, *labels)
            return
        series = self._families[metric.name].series(*labels)
        _child(series, Gauge).set(value)
        series.changed()

    def observe(
        self, metric: Declaration, value: float | None, *labels: str, exemplar: Mapping[str, str] | None = None
    ) -> None:
        """Observes a histogram's value, in the metric's unit."""
        if value is None:
            return
        series = self._families[metric.name].series(*labels)
        _child(series, Histogram).observe(value, exemplar=dict(exemplar) if exemplar else None)
        series.changed()

    def describe(self, metric: Declaration, facts: Mapping[str, str], *labels: str) -> None:
        """Sets an info metric's facts; there is one series per label values, so new facts replace the old ones.

        Raises:
            ValueError: They are not the facts that the metric is declared with.
        """
        if set(facts) != set(metric.facts):
            raise ValueError(f"{metric.name} has the facts {', '.join(metric.facts)}")
        series = self._families[metric.name].series(*labels)
        _child(series, Info).info(dict(facts))
        series.changed()

    def reveal(self, metric: Declaration, *labels: str) -> None:
        """Makes a counter's or histogram's series exist, at zero."""
        self._families[metric.name].series(*labels)

    def remove(self, metric: Declaration, *labels: str) -> None:
        """Removes one series; one that does not exist is no fault."""
        self._families[metric.name].remove(*labels)

    def forget(self, **labels: str) -> None:
        """Removes every series that has these labels."""
        for family in self._families.values():
            family.forget(labels)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Returns OpenMetrics where the Accept header names it, the Prometheus text format otherwise.

        Any thread may call it.

        Returns:
            The exposition with its content type.
        """
        # The library's own choice raises TypeError at a version that is no number: a header must not do that.
        form = OPENMETRICS if "application/openmetrics-text" in accept else PLAIN
        parts = [form.text(self._process.collect())]
        for family in self._families.values():
            parts.append(family.headers[form])
            parts.extend(series.text(form) for series in family.all())
        return b"".join((*parts, form.end)), form.content_type


class _Family:
    """The series of one declaration, by their label values; without labels there is one, for a gauge once it is set."""

    def __init__(self, metric: Declaration) -> None:
        self._metric = metric
        self._parent = _made(metric)
        self.headers = {form: form.text(self._parent.describe()) for form in (PLAIN, OPENMETRICS)}
        self._series: dict[tuple[str, ...], Series] = {}
        if not metric.labels and metric.kind in {Kind.COUNTER, Kind.HISTOGRAM}:
            self.series()

    def all(self) -> list[Series]:
        """Returns the series of now; any thread may ask."""
        return list(self._series.values())

    def series(self, *labels: str) -> Series:
        """Returns a series, which exists from then on."""
        known = self._series.get(labels)
        if known is None:
            child = self._parent.labels(*labels) if self._metric.labels else self._parent
            named = dict(zip(self._metric.labels, map(str, labels), strict=True))
            known = self._series[labels] = Series(child, labels=named)
        return known

    def remove(self, *labels: str) -> None:
        """Removes a series."""
        if self._series.pop(labels, None) is not None and self._metric.labels:
            self._parent.remove(*labels)

    def forget(self, labels: Mapping[str, str]) -> None:
        """Removes the series that have these labels."""
        if labels.keys() <= set(self._metric.labels):
            wanted = {self._metric.labels.index(name): value for name, value in labels.items()}
            for values in list(self._series):
                if all(values[place] == value for place, value in wanted.items()):
                    self.remove(*values)


def _child(series: Series, kind: type[_AnyInstrument]) -> _AnyInstrument:
    if not isinstance(series.child, kind):
        raise TypeError(f"{series.child} is no {kind.__name__}")
    return series.child


def _made(metric: Declaration) -> Instrument:
    match metric.kind:
        case Kind.COUNTER:
            return Counter(metric.name, metric.help, metric.labels, registry=None)
        case Kind.GAUGE:
            return Gauge(metric.name, metric.help, metric.labels, unit=metric.unit, registry=None)
        case Kind.HISTOGRAM:
            bounds = () if metric.buckets is None else metric.buckets.bounds
            return Histogram(metric.name, metric.help, metric.labels, unit=metric.unit, buckets=bounds, registry=None)
        case Kind.INFO:
            return Info(metric.name.removesuffix("_info"), metric.help, metric.labels, registry=None)
