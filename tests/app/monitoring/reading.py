"""What PromQL names: metrics of the catalog, records, label matchers."""

import re
from collections.abc import Iterator

from prober.adapters.metrics.catalog import CATALOG
from prober.adapters.metrics.declaration import Declaration, Kind

NOT_OURS = frozenset({"process_start_time_seconds", "process_cpu_seconds_total"})
"""What prometheus_client exposes of any process."""

_METRIC = re.compile(r"(?<![:\w])((?:vdi_probe|vdi_prober|probe|process)_\w+)(?![:\w])(?:{([^{}]*)})?")
_RECORD = re.compile(r"\b(target\w*:\w+:\w+)(?:{([^{}]*)})?")
_MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
_KNOWN = {metric.name: metric for metric in CATALOG} | {
    f"{metric.name}_{part}": metric
    for metric in CATALOG
    if metric.kind is Kind.HISTOGRAM
    for part in ("bucket", "sum", "count")
}


def metrics(text: str) -> set[str]:
    """Returns the names of the metrics in a text."""
    return {found[0] for found in _METRIC.findall(text)}


def declaration(name: str) -> Declaration | None:
    """Returns what the catalog has of a name, a histogram's parts included."""
    return _KNOWN.get(name)


def records(text: str) -> set[str]:
    """Returns the names of the records in a text."""
    return {found[0] for found in _RECORD.findall(text)}


def matchers(text: str) -> Iterator[tuple[str, str, str]]:
    """Yields each matcher of a metric or record: its name, the label, the value or values."""
    for name, inside in (*_METRIC.findall(text), *_RECORD.findall(text)):
        for label, value in _MATCHER.findall(inside):
            yield name, label, value
