"""What the operator does with one session, apart from what the session asks for.

The defaults are the platform in health; a fault of the lab is a plan with something changed.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class ChildKind(StrEnum):
    """The kinds of object that a session owns, in the order of their making."""

    VOLUME_CLAIM = "PersistentVolumeClaim"
    """The home directory, where persistence is asked for."""
    POD = "Pod"
    """The desktop itself."""
    SERVICE = "Service"
    """Gives the Pod a stable name within the cluster."""
    INGRESS_ROUTE = "IngressRoute"
    """The way in from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the operator treats one session.

    Attributes:
        startup_s: The time from Creating to Running, in seconds: the image pull of a real platform.
        becomes_running: Whether the Pod ever leaves Pending.
        failure: The message of phase Failed; `None` where nothing fails.
        removal_pause_s: How long the operator rests before it removes each of a deleted session's objects, in seconds.
        releases: Whether the finalizer is removed on deletion.
        left_behind: The kinds of child that are made without an owner and survive the session.
    """

    startup_s: float = 0.3
    becomes_running: bool = True
    failure: str | None = None
    removal_pause_s: float = 0.0
    releases: bool = True
    left_behind: frozenset[ChildKind] = field(default_factory=frozenset)
