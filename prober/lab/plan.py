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


class Ailment(StrEnum):
    """What keeps a session's Pod from running."""

    UNSCHEDULABLE = "unschedulable"
    """No node has the CPU that it asks for."""
    NO_GPU = "no_gpu"
    """No node has the GPU that it asks for."""
    IMAGE_PULL = "image_pull"
    """Its image is not there."""
    CRASH_LOOP = "crash_loop"
    """Its container ends by itself, again and again."""
    OUT_OF_MEMORY = "out_of_memory"
    """Its container is killed for the memory that it takes, again and again."""
    VOLUME_PENDING = "volume_pending"
    """Its volume claim names a storage class that there is not."""
    INIT_STUCK = "init_stuck"
    """Its init container runs for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the operator treats one session.

    Attributes:
        startup_s: The time from Creating to Running, in seconds: the image pull of a real platform.
        takes_up: Whether the operator notices the session at all.
        becomes_running: Whether the Pod ever leaves Pending.
        ailment: What the Pod suffers from, while the session stays Creating; `None` for a sound one.
        becomes_ready: Whether the phase waits for the Pod, which is never ready otherwise.
        url: The URL that the status names, with `{route}` for the session's route; `None` for the desktop's own.
        failure: The message of phase Failed; `None` where nothing fails.
        removal_pause_s: How long the operator rests before it removes each of a deleted session's objects, in seconds.
        releases: Whether the finalizer is removed on deletion.
        rival: Whether another session's route has the session's host too.
        left_behind: The kinds of child that are made without an owner and survive the session.
    """

    startup_s: float = 0.3
    takes_up: bool = True
    becomes_running: bool = True
    ailment: Ailment | None = None
    becomes_ready: bool = True
    url: str | None = None
    failure: str | None = None
    removal_pause_s: float = 0.0
    releases: bool = True
    rival: bool = False
    left_behind: frozenset[ChildKind] = field(default_factory=frozenset)
