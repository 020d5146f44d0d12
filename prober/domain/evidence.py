"""What a cluster shows of one session: the evidence beside a fault.

It comes from several sources that are independent of one another. `None` for a source means that it was not asked or
could not be seen, which a gap states then; empty means that it was seen, with nothing in it. What a
source shows is in `seen`. The objects themselves are beside that: they are kept, and never published.

Times are the API server's; the published form has their age in seconds (`created_at` becomes `created_age_s`).
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from prober.domain.seen import (
    EventSeen,
    LogTail,
    Manifest,
    NamedObject,
    NodeSeen,
    ObjectSeen,
    PodSeen,
    SessionSeen,
)
from prober.domain.steps import StepName


class Source(StrEnum):
    """Where evidence comes from."""

    SESSION = "session"
    """The VDISession itself: phase, message, conditions, finalizers."""
    PODS = "pods"
    """Its Pods: phase, conditions, what each container waits for or died of."""
    EVENTS = "events"
    """What the cluster's parts said about the session, its Pod, its volume."""
    LOGS = "logs"
    """The last lines of the Pod's containers, the previous instance's too after a restart."""
    VOLUME_CLAIMS = "persistentvolumeclaims"
    """Its volumes: bound or pending."""
    SERVICES = "services"
    """Its Services."""
    INGRESS_ROUTES = "ingressroutes"
    """Its routes: hosts and services."""
    NODES = "nodes"
    """The nodes of its Pods; asked only where the configuration says so, since it takes a permission in the whole
    cluster."""
    SECRETS = "secrets"
    """Secrets that the configuration names: whether they exist, with which keys."""
    LEASES = "leases"
    """Leases that the configuration names: who leads the operator, and since when it is silent."""


NAMED_SOURCES = (Source.SECRETS, Source.LEASES)
"""The sources that need names."""

PLAIN_SOURCES = tuple(source for source in Source if source not in {*NAMED_SOURCES, Source.NODES})
"""The sources that need no further configuration: those that are asked by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseName:
    """Which Lease: that of the operator's leader is usually in the operator's namespace, not in the session's."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePlan:
    """What is looked at when a run has met a fault of its target.

    Attributes:
        sources: Which plain sources.
        secrets: Names of Secrets in the session's namespace, `{session}` for the session's name.
        leases: Leases.
        limit_s: How long all of it may take, in seconds.
    """

    sources: tuple[Source, ...] = PLAIN_SOURCES
    secrets: tuple[str, ...] = ()
    leases: tuple[LeaseName, ...] = ()
    limit_s: float = 5.0

    def asked(self) -> tuple[Source, ...]:
        """Returns all sources that are asked."""
        named = {Source.SECRETS: self.secrets, Source.LEASES: self.leases}
        return tuple(source for source in Source if named.get(source, source in self.sources))


class GapCause(StrEnum):
    """Why something could not be seen."""

    FORBIDDEN = "forbidden"
    """We have no permission."""
    NOT_SERVED = "not served"
    """The API server does not know the kind."""
    NOT_THERE = "not there"
    """The object does not exist, or has nothing to show."""
    NO_ANSWER = "no answer"
    """The API server did not answer, or not in time."""
    REFUSED = "refused"
    """The API server refused for another cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that could not be seen; stated, and no fault.

    Attributes:
        source: What it is missing from; `None` is all of it.
        cause: Why.
        detail: Which request, or what the API server said.
    """

    source: Source | None
    cause: GapCause
    detail: str

    def __str__(self) -> str:
        """Says it in a line: `pods: forbidden (needs list on pods in namespace vdi)`."""
        return f"{self.source or 'everything'}: {self.cause} ({self.detail})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that a cluster showed of one session at one time.

    Attributes:
        taken_at: When.
        took_s: How long looking took, in seconds.
        after: The last step before.
        session: The session.
        pods: Its Pods.
        events: Events, the newest first.
        logs: Logs.
        persistentvolumeclaims: Its volumes.
        services: Its Services.
        ingressroutes: Its routes.
        rival_routes: Routes of others that may answer at the session's host.
        named_objects: The Secrets and Leases that the configuration names. The word avoids those by which values are
            masked in logs: it would be a loss, since there are none in it.
        nodes: The nodes of its Pods.
        manifests: The objects themselves: for a file of the evidence, too long for a report.
        gaps: What could not be seen.
        truncated: What there was more of.
    """

    taken_at: datetime | None = None
    took_s: float | None = None
    after: StepName | None = None
    session: SessionSeen | None = None
    pods: tuple[PodSeen, ...] | None = None
    events: tuple[EventSeen, ...] | None = None
    logs: tuple[LogTail, ...] | None = None
    persistentvolumeclaims: tuple[ObjectSeen, ...] | None = None
    services: tuple[ObjectSeen, ...] | None = None
    ingressroutes: tuple[ObjectSeen, ...] | None = None
    rival_routes: tuple[ObjectSeen, ...] | None = None
    named_objects: tuple[NamedObject, ...] | None = None
    nodes: tuple[NodeSeen, ...] | None = None
    manifests: tuple[Manifest, ...] = ()
    gaps: tuple[Gap, ...] = ()
    truncated: tuple[str, ...] = ()


def published(evidence: Evidence) -> dict[str, Any]:
    """Returns the published form, ready for JSON, without its own time.

    What is absent is left out; a source that was seen and had nothing to show is an empty list.
    """
    evidence = replace(evidence, manifests=())
    shown = {name: value for name, value in _members(evidence, now=evidence.taken_at).items() if value is not None}
    shown.pop("manifests")
    return {**shown, "gaps": [str(gap) for gap in evidence.gaps], "truncated": list(evidence.truncated)}


def _members(value: Any, *, now: datetime | None) -> dict[str, Any]:
    """Returns a value's fields; a time becomes its age."""
    members: dict[str, Any] = {}
    for member in fields(value):
        inner = getattr(value, member.name)
        if isinstance(inner, datetime):
            members[f"{member.name.removesuffix('_at')}_age_s"] = _age_s(inner, now=now)
        else:
            members[member.name] = _plain(inner, now=now)
    members.pop("taken_age_s", None)
    return members


def _plain(value: Any, *, now: datetime | None) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item, now=now) for item in value]
    if is_dataclass(value):
        return {name: inner for name, inner in _members(value, now=now).items() if inner not in (None, [], {})}
    return value


def _age_s(moment: datetime, *, now: datetime | None) -> float | None:
    return None if now is None else round((now - moment).total_seconds(), 3)
