"""The text of a series, made when it is asked for and kept until the series changes.

Two hundred targets have some sixty thousand lines, of which a run changes a few hundred. The library makes them all in
a second, which no scrape may take, so the lines of samples are made here; a test holds them against the library's own.
"""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import Counter, Gauge, Histogram, Info
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar, Sample
from prometheus_client.utils import floatToGoString

Instrument = Counter | Gauge | Histogram | Info

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


class Format:
    """One exposition format.

    Args:
        content_type: How HTTP names it.
        generate: Makes the exposition of all that a collector collects.
        exemplars: Whether it has them.
        end: What its last line is.
    """

    def __init__(
        self, content_type: str, generate: Callable[[Collector], bytes], *, exemplars: bool, end: bytes = b""
    ) -> None:
        self.content_type = content_type
        self.exemplars = exemplars
        self.end = end
        self._generate = generate

    def text(self, families: Iterable[Metric]) -> bytes:
        """Returns the families' lines as the library makes them, headers included, the exposition's end not."""
        return self._generate(_Given(families)).removesuffix(self.end)


class _Given(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


PLAIN = Format(CONTENT_TYPE_PLAIN_0_0_4, generate_latest, exemplars=False)
"""The Prometheus text format."""

OPENMETRICS = Format(openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest, exemplars=True, end=b"# EOF\n")
"""OpenMetrics."""


class Series:
    """One instrument's child: its samples have the labels in common.

    Args:
        child: The library's object.
        labels: What the child does not know of itself.
    """

    def __init__(self, child: Instrument, *, labels: Mapping[str, str]) -> None:
        self.child = child
        self._labels = labels
        self._version = 0
        self._begins: list[str] = []
        self._texts: dict[Format, tuple[int, bytes]] = {}

    def changed(self) -> None:
        """Is to be called after each change of the child."""
        self._version += 1

    def text(self, form: Format) -> bytes:
        """Returns the series' lines; any thread may ask."""
        # Read before the samples are: a change that comes between is found at the next time.
        version = self._version
        known = self._texts.get(form)
        if known is None or known[0] != version:
            known = self._texts[form] = version, self._made(form)
        return known[1]

    def _made(self, form: Format) -> bytes:
        (family,) = self.child.collect()
        begins = self._begins
        if not begins or isinstance(self.child, Info):  # of the others only values change
            begins = self._begins = [_begin(sample, self._labels) for sample in family.samples]
        return "".join(
            f"{begin} {_number(sample.value)}"
            f"{_exemplar(sample.exemplar) if form.exemplars and sample.exemplar else ''}\n"
            for begin, sample in zip(begins, family.samples, strict=True)
        ).encode()


def _begin(sample: Sample, labels: Mapping[str, str]) -> str:
    """Returns what stands before the value."""
    named = _labels({**labels, **sample.labels})
    return f"{sample.name}{named}" if named != "{}" else sample.name


def _exemplar(exemplar: Exemplar) -> str:
    return f" # {_labels(exemplar.labels)} {_number(exemplar.value)} {exemplar.timestamp}"


def _number(value: float) -> str:
    text: str = floatToGoString(value)  # type: ignore[no-untyped-call] # the library forgot its annotations
    return text


def _labels(labels: Mapping[str, str]) -> str:
    pairs = (f'{name}="{value.translate(_ESCAPES)}"' for name, value in sorted(labels.items()))
    return f"{{{','.join(pairs)}}}"
