"""The words in which rules are written: records, alerts, groups, and the labels that they are kept apart by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PROBER = "cluster, namespace, job"
"""What tells probers apart: the labels that a scrape adds, without those of one Pod (instance, pod), so that a prober
that is restarted or moved stays the same one."""
TARGET = f"{PROBER}, target"
"""What tells targets apart."""


class Severity(StrEnum):
    """What an alert asks of people."""

    CRITICAL = "critical"
    """Wakes somebody: users are without desktops, or nobody would know if they were."""
    WARNING = "warning"
    """Work for the next day."""
    INFO = "info"
    """Worth knowing when something else is looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A recording rule.

    Attributes:
        name: `level:metric:operations`.
        expr: PromQL.
        about: What it is, as a phrase for the docs; rules of one name share it.
        labels: Put on every series.
    """

    name: str
    expr: str
    about: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alerting rule.

    Attributes:
        name: Unique; the heading of its part of the runbook.
        expr: PromQL that yields a series for each thing to alert about.
        severity: What it asks of people.
        lasting: How long the expression must hold, as PromQL writes durations.
        summary: One line; a template of labels and value, as Prometheus has them.
        description: What it means and what to look at first; a template too.
        blames: Whether a target's failures explain it, so that Prometheus adds the layer and the reason that most of
            them have.
    """

    name: str
    expr: str
    severity: Severity
    lasting: str
    summary: str
    description: str
    blames: bool = False


Rule = Record | Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rules that are evaluated one after another.

    Attributes:
        name: Unique.
        interval: How often, as PromQL writes durations.
        rules: In the order in which they need one another.
    """

    name: str
    interval: str
    rules: tuple[Rule, ...]
