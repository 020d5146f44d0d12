"""Rules whose time runs faster than is meant, to try alerts out in minutes.

At a pace of 30 a target that is probed every 20 seconds is to the rules what one is that is probed every 10 minutes:
all windows, and how long an alert must hold, are 30 times shorter, and intervals count 30 times. Numbers of runs,
shares and the dates of certificates are what they are, and so are the clock times by which the rules judge targets that
are due less than every six hours: those are not for a trial.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from prober.app.monitoring.intervals import INTERVAL, seconds
from prober.app.monitoring.words import Alert, Group, Rule

USUAL = 1
"""The pace of time."""

_DURATIONS = re.compile(r"(?<=[\[:])[0-9]+[mhd](?=[\]:])|(?<=offset )[0-9]+[mhd]")
"""Those of PromQL: in a range, in a subquery, after `offset`. Names have some as well, which stay."""


def hastened(groups: Iterable[Group], *, pace: int) -> tuple[Group, ...]:
    """Returns the groups with their time running so many times faster."""
    if pace == USUAL:
        return tuple(groups)
    return tuple(
        Group(
            name=group.name,
            interval=_shorter(group.interval, pace),
            rules=tuple(_hastened(rule, pace) for rule in group.rules),
        )
        for group in groups
    )


def _hastened(rule: Rule, pace: int) -> Rule:
    expr = _DURATIONS.sub(lambda found: _shorter(found[0], pace), rule.expr)
    if isinstance(rule, Alert):
        return replace(rule, expr=expr, lasting=_shorter(rule.lasting, pace))
    return replace(rule, expr=f"{pace} * {expr}" if rule.name == INTERVAL else expr)


def _shorter(duration: str, pace: int) -> str:
    return f"{round(seconds(duration) * 1000 / pace)}ms"
