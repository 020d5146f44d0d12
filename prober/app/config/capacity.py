"""Room in a namespace for all sessions that may live there at once.

A target refuses to create a session where `session_cap` of ours are alive already, which is how leaks are noticed. A
cap that ordinary concurrent runs reach would report leaks that are none.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from prober.app.config.models.file import CONCURRENCY
from prober.app.config.models.session import DISCOVERY_LIMIT
from prober.app.config.models.target import SESSION_CAP
from prober.app.config.problems import Finding, KeyPath
from prober.app.config.raw import count_at, discovers, targets_in, text_at

_PlacedTarget = tuple[KeyPath, dict[str, Any]]
"""A target's data, after its path."""


def check_capacity(data: dict[str, Any]) -> list[Finding]:
    """Returns a finding for each target whose cap the runs of its namespace may exceed together.

    A target's own runs never overlap, so that no more sessions live at once than the namespace has targets; one that
    discovers counts as many as its limit allows.
    """
    concurrency = count_at(data, "concurrency", default=CONCURRENCY)
    if concurrency is None:
        return []
    return [
        finding
        for targets in _by_namespace(data)
        for finding in _too_low(targets, at_once=min(concurrency, sum(_most(target) for _, target in targets)))
    ]


def _by_namespace(data: dict[str, Any]) -> Iterable[list[_PlacedTarget]]:
    groups: dict[tuple[str, str], list[_PlacedTarget]] = defaultdict(list)
    for path, target in targets_in(data):
        cluster, namespace = (text_at(target, "session", key) for key in ("cluster", "namespace"))
        if cluster and namespace:
            groups[cluster, namespace].append((path, target))
    return groups.values()


def _most(target: dict[str, Any]) -> int:
    """Returns how many targets a target of the file may become."""
    if not discovers(target):
        return 1
    template = target["session"]["template"]
    limit = count_at(template, "limit", default=DISCOVERY_LIMIT) if isinstance(template, dict) else DISCOVERY_LIMIT
    return 1 if limit is None else limit


def _too_low(targets: Iterable[_PlacedTarget], *, at_once: int) -> Iterator[Finding]:
    for path, target in targets:
        cap = count_at(target, "session_cap", default=SESSION_CAP)
        if cap is not None and cap < at_once:
            problem = f"{cap} is less than the {at_once} runs that may be under way at once in this namespace"
            mend = f"raise it to at least {at_once}, or lower concurrency to {cap}"
            yield Finding(path=(*path, "session_cap"), problem=problem, mend=mend)
