"""Whether another route of an ingress answers in the place of a session's own.

Rules are Traefik's: `Host(...)` with further conditions, on some entry points, with a priority that is the rule's
length where none is given. Of two routes for the same requests the one with the higher priority answers; which one of
equals does is left open.
"""

import re
from dataclasses import dataclass

_HOSTS = re.compile(r"\bHost\(([^)]*)\)", re.IGNORECASE)
_NAME = re.compile(r"[`\"']([^`\"']+)[`\"']")
_AND_OR = re.compile(r"&&|\|\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRule:
    """For which requests a route is.

    Attributes:
        match: The rule.
        entry_points: The ingress's entry points; empty is all that it has by default.
        priority: What decides between routes; 0 is the rule's length.
    """

    match: str
    entry_points: frozenset[str] = frozenset()
    priority: int = 0

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that it names."""
        lists = _HOSTS.findall(self.match)
        return frozenset(name.lower() for names in lists for name in _NAME.findall(names))

    @property
    def conditions(self) -> frozenset[str]:
        """What it asks for beside the host."""
        rest = _AND_OR.split(_HOSTS.sub("", self.match))
        return frozenset(condition for part in rest if (condition := "".join(part.split()).strip("()")))


def of_host(host: str) -> RouteRule:
    """Returns the rule of everything at a host."""
    return RouteRule(match=f"Host(`{host}`)")


def answers_for(theirs: RouteRule, mine: RouteRule) -> bool:
    """Tells whether another route may answer requests that are meant for ours."""
    apart = bool(theirs.entry_points and mine.entry_points) and theirs.entry_points.isdisjoint(mine.entry_points)
    if apart or _weight(theirs) < _weight(mine):
        return False
    if "!" in theirs.match or "!" in mine.match:
        return theirs.match == mine.match
    return not theirs.hosts.isdisjoint(mine.hosts) and theirs.conditions == mine.conditions


def _weight(rule: RouteRule) -> int:
    return rule.priority or len(rule.match)
