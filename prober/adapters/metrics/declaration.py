"""What there is to say of a metric, once."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The exposition formats' metric types that are used here."""

    COUNTER = "counter"
    """Only grows, from 0 at the prober's start."""
    GAUGE = "gauge"
    """The value of now, or of the last run; absent where there is none."""
    HISTOGRAM = "histogram"
    """Observations in cumulative buckets."""
    INFO = "info"
    """Facts as labels, the value is always 1."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """A histogram's buckets: each costs a series for each combination of labels, so each must earn its place.

    Attributes:
        bounds: Upper bounds in the metric's unit; the infinite one is implied.
        why: What they are for, in a sentence or two.
    """

    bounds: tuple[float, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One metric.

    Attributes:
        name: As exposed, suffixes `_total` and `_info` included.
        kind: Its type.
        help: One sentence for the exposition and the docs.
        absent: When a series that one might look for is not there, in one sentence.
        labels: Label names, `target` first where it is a target's.
        facts: An info metric's further label names.
        buckets: A histogram's buckets.
    """

    name: str
    kind: Kind
    help: str
    absent: str
    labels: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    buckets: Buckets | None = None

    @property
    def unit(self) -> str:
        """The base unit, read from the name; empty where there is none."""
        return next((unit for unit in _UNITS if self.name.endswith(f"_{unit}")), "")


_UNITS = ("bits_per_second", "frames_per_second", "seconds", "ratio", "pixels", "bytes")
"""Longest first, for `bits_per_second` ends in a unit's name too."""

NEVER = "Never."
"""Of what is there from the prober's start on."""

WITH_TARGET = "Before its target is known and after it is removed."
"""Of what is there as long as its target is."""


def counter(name: str, text: str, *labels: str, absent: str = WITH_TARGET) -> Declaration:
    """Declares a counter."""
    return Declaration(name=name, kind=Kind.COUNTER, help=text, labels=labels, absent=absent)


def gauge(name: str, text: str, *labels: str, absent: str) -> Declaration:
    """Declares a gauge."""
    return Declaration(name=name, kind=Kind.GAUGE, help=text, labels=labels, absent=absent)


def histogram(name: str, text: str, *labels: str, buckets: Buckets, absent: str = WITH_TARGET) -> Declaration:
    """Declares a histogram."""
    return Declaration(name=name, kind=Kind.HISTOGRAM, help=text, labels=labels, buckets=buckets, absent=absent)


def info(name: str, text: str, *labels: str, facts: tuple[str, ...], absent: str) -> Declaration:
    """Declares an info metric."""
    return Declaration(name=name, kind=Kind.INFO, help=text, labels=labels, facts=facts, absent=absent)
