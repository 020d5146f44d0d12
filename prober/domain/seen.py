"""What one look at a session shows, kind by kind.

Values only. What the cluster did not say is absent; words are the cluster's own, cut to a bearable length and with
what looks like a secret masked, which is the business of whoever makes these values. Values of Secrets are in none of
them: names of keys are all that is looked at.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One of an object's conditions; `type` is `type` on the wire."""

    type: str
    status: str
    reason: str | None = None
    message: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSeen:
    """An object of which little is known but that it exists.

    Attributes:
        kind: Its kind.
        name: Its name.
        created_at: When it was made.
        deleted_at: When its deletion was asked for.
        finalizers: What keeps it.
        facts: What else is worth knowing, by a short name: the phase of a volume, the hosts of a route.
    """

    kind: str
    name: str
    created_at: datetime | None = None
    deleted_at: datetime | None = None
    finalizers: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSeen:
    """The session; `phase` is the platform's word, known to us or not."""

    name: str
    phase: str | None = None
    message: str | None = None
    pod_name: str | None = None
    conditions: tuple[Condition, ...] = ()
    finalizers: tuple[str, ...] = ()
    created_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """What a container is in, or was in last.

    Attributes:
        state: waiting, running or terminated.
        reason: Kubernetes' word (`ImagePullBackOff`, `OOMKilled`).
        message: Its sentence.
        exit_code: Of one that terminated.
        since_at: When it began to run, or terminated.
    """

    state: str
    reason: str | None = None
    message: str | None = None
    exit_code: int | None = None
    since_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSeen:
    """One container; `init` ones run before the others, `last` is how its previous instance ended."""

    name: str
    init: bool = False
    ready: bool | None = None
    restarts: int | None = None
    now: ContainerState | None = None
    last: ContainerState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSeen:
    """A Pod; `reason` and `message` are its own, such as those of an eviction."""

    name: str
    phase: str | None = None
    reason: str | None = None
    message: str | None = None
    node: str | None = None
    conditions: tuple[Condition, ...] = ()
    containers: tuple[ContainerSeen, ...] = ()
    created_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """What a part of the cluster said about an object (`Pod/probe-x`), so many times, last at some time."""

    about: str
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    count: int = 1
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTail:
    """The last lines of a container, of its previous instance where that is said; `None` is the Pod's only one."""

    pod: str
    container: str | None = None
    previous: bool = False
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedObject:
    """An object that the configuration names; a Secret shows its keys, a Lease its holder.

    Attributes:
        kind: `Secret` or `Lease`.
        name: Its name.
        namespace: Its namespace.
        exists: Whether it is there.
        keys: Which keys a Secret has.
        holder: Who holds a Lease.
        renewed_at: When the holder last gave a sign of life.
        created_at: When it was made.
    """

    kind: str
    name: str
    namespace: str
    exists: bool = True
    keys: tuple[str, ...] = ()
    holder: str | None = None
    renewed_at: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSeen:
    """A node that a Pod of the session is on.

    Attributes:
        name: Its name.
        conditions: Its conditions: ready, under pressure of memory, disk or processes.
        unschedulable: Whether it is closed to new Pods.
        taints: What keeps Pods away from it, as `key=value:effect`.
        created_at: When it joined.
    """

    name: str
    conditions: tuple[Condition, ...] = ()
    unschedulable: bool = False
    taints: tuple[str, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """An object as the API server returned it, as JSON, with what looks like a secret masked.

    A text and not data: reports are remembered, and data takes ten times as much memory.
    """

    kind: str
    name: str
    text: str
