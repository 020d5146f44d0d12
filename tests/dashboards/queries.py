"""Every query of the dashboards, ready to be put to a Prometheus."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.dashboards.reading import committed, panels

ANY = ".+"
"""Matches every label value, as "All" does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One query of a panel.

    Attributes:
        dashboard: The stem of the dashboard's file.
        panel: The panel's title.
        ref: The query's letter in its panel.
        expr: PromQL, without variables.
        instant: Whether only the value of now is asked for.
    """

    dashboard: str
    panel: str
    ref: str
    expr: str
    instant: bool


def asked(
    *, target: str = ANY, step: str = ANY, window: str = "1h", span: str = "24h", cell: str = "15m", rate: str = "1m"
) -> Iterator[Asked]:
    """Yields every query with its variables substituted.

    Args:
        target: A regular expression of target names.
        step: A regular expression of steps.
        window: How far shares and means look back (`$window`).
        span: The shown time (`$__range`).
        cell: The width of a bar or cell (`$__interval`); the panels that use it make it 15 minutes at least.
        rate: What is looked at of that which is counted all the time (`$__rate_interval`); four scrapes at least.
    """
    values = {
        "__rate_interval": rate,
        "__interval": cell,
        "__range": span,
        "cluster": ANY,
        "instance": ANY,
        "job": ANY,
        "step": step,
        "target": target,
        "window": window,
    }
    for stem, dashboard in committed().items():
        for panel in panels(dashboard):
            for query in panel["targets"]:
                expr = query["expr"]
                for name, value in values.items():
                    expr = expr.replace(f"${name}", value)
                if "$" in expr:
                    raise LookupError(f"{stem}, {panel['title']}: a variable without a value: {expr}")
                yield Asked(
                    dashboard=stem, panel=panel["title"], ref=query["refId"], expr=expr, instant=query["instant"]
                )
