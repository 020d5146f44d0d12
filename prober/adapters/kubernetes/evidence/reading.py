"""Parses what the API server shows into evidence.

Pure, and patient: what is absent, or of another type than expected, is absent in the evidence, for a status is written
by whoever may. Every text passes `texts`; every list has an end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from prober.adapters.kubernetes.resources import Resource, StatusPaths
from prober.adapters.kubernetes.views import deleted_at, metadata_of
from prober.domain.masking import message
from prober.domain.routes import RouteRule
from prober.domain.seen import (
    Condition,
    ContainerSeen,
    ContainerState,
    EventSeen,
    NamedObject,
    NodeSeen,
    ObjectSeen,
    PodSeen,
    SessionSeen,
)

MOST_PARTS = 16
"""How many conditions, containers, ports, keys are kept of one object."""

_STATES = ("waiting", "running", "terminated")

Raw = Mapping[str, Any]


def read_session(raw: Raw, *, paths: StatusPaths) -> SessionSeen:
    """Reads a session."""
    return SessionSeen(
        name=_name(raw),
        phase=text_at(raw, *paths.phase),
        message=text_at(raw, *paths.message),
        pod_name=text_at(raw, *paths.pod_name),
        conditions=_conditions(raw),
        **_life(raw),
        finalizers=_finalizers(raw),
    )


def read_pod(raw: Raw) -> PodSeen:
    """Reads a Pod."""
    inits = [_container(part, init=True) for part in _parts(raw, "status", "initContainerStatuses")]
    others = [_container(part, init=False) for part in _parts(raw, "status", "containerStatuses")]
    return PodSeen(
        name=_name(raw),
        phase=text_at(raw, "status", "phase"),
        reason=text_at(raw, "status", "reason"),
        message=text_at(raw, "status", "message"),
        node=text_at(raw, "spec", "nodeName"),
        conditions=_conditions(raw),
        containers=(*inits, *others),
        **_life(raw),
    )


def read_event(raw: Raw) -> EventSeen:
    """Reads an Event, of the old kind (`count`, `lastTimestamp`) or the new one (`series`, `eventTime`)."""
    times = (("series", "lastObservedTime"), ("lastTimestamp",), ("eventTime",), ("metadata", "creationTimestamp"))
    kind, name = (text_at(raw, "involvedObject", key) or "" for key in ("kind", "name"))
    return EventSeen(
        about=f"{kind}/{name}",
        type=text_at(raw, "type"),
        reason=text_at(raw, "reason"),
        message=text_at(raw, "message"),
        count=_number(raw, "series", "count") or _number(raw, "count") or 1,
        seen_at=next(filter(None, (time_at(raw, *path) for path in times)), None),
    )


def read_volume_claim(raw: Raw, *, kind: Resource) -> ObjectSeen:
    """Reads a PersistentVolumeClaim."""
    facts = {
        "phase": text_at(raw, "status", "phase"),
        "storage_class": text_at(raw, "spec", "storageClassName"),
        "requested": text_at(raw, "spec", "resources", "requests", "storage"),
        "volume": text_at(raw, "spec", "volumeName"),
    }
    return _object(raw, kind=kind, facts=facts)


def read_service(raw: Raw, *, kind: Resource) -> ObjectSeen:
    """Reads a Service."""
    ports = [f"{_number(port, 'port')}/{text_at(port, 'protocol') or 'TCP'}" for port in _parts(raw, "spec", "ports")]
    return _object(raw, kind=kind, facts={"type": text_at(raw, "spec", "type"), "ports": ", ".join(ports)})


def read_route(raw: Raw, *, kind: Resource) -> ObjectSeen:
    """Reads an IngressRoute."""
    routes = list(_parts(raw, "spec", "routes"))
    services = [
        f"{text_at(service, 'name')}:{_number(service, 'port') or text_at(service, 'port')}"
        for route in routes
        for service in _parts(route, "services")
    ]
    matches = [match for route in routes if (match := text_at(route, "match"))]
    return _object(raw, kind=kind, facts={"match": ", ".join(matches), "services": ", ".join(services)})


def read_rival(raw: Raw, *, kind: Resource) -> ObjectSeen:
    """Reads somebody else's IngressRoute, with its owner."""
    route = read_route(raw, kind=kind)
    owner = next(_parts(raw, "metadata", "ownerReferences"), None)
    named = None if owner is None else f"{text_at(owner, 'kind')}/{text_at(owner, 'name')}"
    return route if named is None else replace(route, facts={**route.facts, "owner": named})


def route_rules(raw: Raw) -> tuple[RouteRule, ...]:
    """Returns the rules of an IngressRoute."""
    given = _at(raw, "spec", "entryPoints")
    entry_points = frozenset(point for point in (given if isinstance(given, list) else ()) if isinstance(point, str))
    return tuple(
        RouteRule(match=match, entry_points=entry_points, priority=_number(route, "priority") or 0)
        for route in _parts(raw, "spec", "routes")
        if (match := text_at(route, "match"))
    )


def read_node(raw: Raw) -> NodeSeen:
    """Reads a node."""
    taints = [
        f"{text_at(taint, 'key')}={text_at(taint, 'value') or ''}:{text_at(taint, 'effect')}"
        for taint in _parts(raw, "spec", "taints")
    ]
    return NodeSeen(
        name=_name(raw),
        conditions=_conditions(raw),
        unschedulable=_at(raw, "spec", "unschedulable") is True,
        taints=tuple(taints),
        created_at=time_at(raw, "metadata", "creationTimestamp"),
    )


def read_secret(raw: Raw, *, name: str, namespace: str) -> NamedObject:
    """Reads which keys a Secret has, and nothing else of it."""
    data = _at(raw, "data")
    keys = sorted(message(key) for key in data) if isinstance(data, dict) else []
    created = time_at(raw, "metadata", "creationTimestamp")
    return NamedObject(kind="Secret", name=name, namespace=namespace, keys=tuple(keys[:MOST_PARTS]), created_at=created)


def read_lease(raw: Raw, *, name: str, namespace: str) -> NamedObject:
    """Reads who holds a Lease, with the time of the last sign of life."""
    return NamedObject(
        kind="Lease",
        name=name,
        namespace=namespace,
        holder=text_at(raw, "spec", "holderIdentity"),
        renewed_at=time_at(raw, "spec", "renewTime"),
        created_at=time_at(raw, "metadata", "creationTimestamp"),
    )


def text_at(raw: Raw, *path: str) -> str | None:
    """Returns the text at a path, fit to be kept."""
    value = _at(raw, *path)
    return message(value) if isinstance(value, str) and value.strip() else None


def time_at(raw: Raw, *path: str) -> datetime | None:
    """Returns the time at a path."""
    value = _at(raw, *path)
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return parsed if parsed is not None and parsed.tzinfo else None


def _at(raw: Any, *path: str) -> Any:
    for key in path:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def _number(raw: Raw, *path: str) -> int | None:
    value = _at(raw, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _parts(raw: Raw, *path: str) -> Iterator[Raw]:
    value = _at(raw, *path)
    found = (part for part in (value if isinstance(value, list) else ()) if isinstance(part, dict))
    return islice(found, MOST_PARTS)


def _name(raw: Raw) -> str:
    return text_at(raw, "metadata", "name") or ""


def _life(raw: Raw) -> dict[str, datetime | None]:
    return {
        "created_at": time_at(raw, "metadata", "creationTimestamp"),
        "deleted_at": deleted_at(metadata_of(raw)),
    }


def _finalizers(raw: Raw) -> tuple[str, ...]:
    value = _at(raw, "metadata", "finalizers")
    named = (message(item) for item in (value if isinstance(value, list) else ()) if isinstance(item, str))
    return tuple(islice(named, MOST_PARTS))


def _object(raw: Raw, *, kind: Resource, facts: Mapping[str, str | None]) -> ObjectSeen:
    said = {name: fact for name, fact in facts.items() if fact}
    return ObjectSeen(kind=kind.kind, name=_name(raw), finalizers=_finalizers(raw), facts=said, **_life(raw))


def _conditions(raw: Raw) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            type=text_at(part, "type") or "",
            status=text_at(part, "status") or "",
            reason=text_at(part, "reason"),
            message=text_at(part, "message"),
            changed_at=time_at(part, "lastTransitionTime"),
        )
        for part in _parts(raw, "status", "conditions")
    )


def _container(raw: Raw, *, init: bool) -> ContainerSeen:
    ready = _at(raw, "ready")
    return ContainerSeen(
        name=text_at(raw, "name") or "",
        init=init,
        ready=ready if isinstance(ready, bool) else None,
        restarts=_number(raw, "restartCount"),
        now=_state(_at(raw, "state")),
        last=_state(_at(raw, "lastState")),
    )


def _state(raw: Any) -> ContainerState | None:
    state = next((word for word in _STATES if isinstance(_at(raw, word), dict)), None)
    if state is None:
        return None
    inner = _at(raw, state)
    return ContainerState(
        state=state,
        reason=text_at(inner, "reason"),
        message=text_at(inner, "message"),
        exit_code=_number(inner, "exitCode"),
        since_at=time_at(inner, "finishedAt") or time_at(inner, "startedAt"),
    )
