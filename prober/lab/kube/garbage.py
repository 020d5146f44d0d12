"""Deletion that follows from deletion: what is to be removed or released next.

Pure functions from all objects to findings; the store applies them until none is left. A real
cluster does the same in controllers a moment later; here it is done within the write that caused it:

- an object whose owners are all gone is deleted, one with some owners gone loses those references;
- `foregroundDeletion` and `orphan` finalizers are worked off (`propagationPolicy`);
- a terminating namespace loses its objects, then itself; so does a terminating CRD;
- an Event is deleted an hour after it was written, the default of kube-apiserver's `--event-ttl`.

https://kubernetes.io/docs/concepts/architecture/garbage-collection/
"""

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from prober.lab.kube.catalog import CRD_FINALIZER
from prober.lab.kube.metadata import timestamp
from prober.lab.kube.resources import DEFINITIONS, NAMESPACES, Obj, Resource

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
EVENT_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An object of the store with its resource."""

    resource: Resource
    obj: Obj


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is to be done to one object.

    Attributes:
        held: the object.
        desired: the state to write; `None` asks for deletion.
    """

    held: Held
    desired: Obj | None = None


def findings(everything: Sequence[Held]) -> list[Finding]:
    """Return what the present objects call for; empty when all is settled."""
    owned = [held for held in everything if owners_of(held.obj)]
    terminating = [held for held in everything if is_terminating(held.obj)]
    by_uid = {held.obj["metadata"]["uid"]: held for held in everything} if owned else {}
    children: defaultdict[str, list[Held]] = defaultdict(list)
    for held in owned:
        for owner in owners_of(held.obj):
            children[owner["uid"]].append(held)
    found: list[Finding] = []
    for held in owned:
        found.extend(_ownership(held, by_uid=by_uid))
    for held in terminating:
        found.extend(_policies(held, children=children[held.obj["metadata"]["uid"]]))
        found.extend(_containers(held, everything=everything))
    return _unique(found)


def expired(events: Iterable[Obj], *, now: datetime) -> list[Obj]:
    """Return the Events whose time is over, of Events in the order of their creation."""
    limit = timestamp(now - EVENT_LIFETIME)
    return list(takewhile(lambda event: event["metadata"]["creationTimestamp"] < limit, events))


def concerned(*, before: Mapping[str, Any] | None, after: Mapping[str, Any], removed: bool) -> bool:
    """Tell whether something may follow from a write."""
    owners_changed = owners_of(after) != (owners_of(before) if before else [])
    return removed or owners_changed or is_terminating(after)


def owners_of(obj: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the references to an object's owners."""
    return obj["metadata"].get("ownerReferences") or []


def is_terminating(obj: Mapping[str, Any]) -> bool:
    """Tell whether deletion was asked for."""
    return "deletionTimestamp" in obj["metadata"]


def is_held(obj: Mapping[str, Any]) -> bool:
    """Tell whether finalizers keep the object, a namespace's `spec.finalizers` among them."""
    namespace_finalizers = obj["kind"] == NAMESPACES.kind and obj["spec"].get("finalizers")
    return bool(_finalizers(obj) or namespace_finalizers)


def _ownership(held: Held, *, by_uid: Mapping[str, Held]) -> Iterator[Finding]:
    owners = owners_of(held.obj)
    alive = [owner for owner in owners if _is_alive(owner, child=held, by_uid=by_uid)]
    if len(alive) == len(owners):
        return
    if alive:
        yield Finding(held=held, desired=_changed(held.obj, field="ownerReferences", values=alive))
    elif not is_terminating(held.obj):
        yield Finding(held=held)


def _is_alive(owner: Mapping[str, Any], *, child: Held, by_uid: Mapping[str, Held]) -> bool:
    """Tell whether an owner exists where the child may refer to it: same namespace, or none."""
    found = by_uid.get(owner["uid"])
    if found is None or found.obj["metadata"]["name"] != owner["name"]:
        return False
    namespace = found.obj["metadata"].get("namespace", "")
    return namespace in ("", child.obj["metadata"].get("namespace", ""))


def _policies(owner: Held, *, children: Sequence[Held]) -> Iterator[Finding]:
    """Work off the two finalizers that stand for a propagation policy."""
    finalizers = _finalizers(owner.obj)
    if ORPHAN in finalizers:
        for child in children:
            others = [other for other in owners_of(child.obj) if other["uid"] != owner.obj["metadata"]["uid"]]
            yield Finding(held=child, desired=_changed(child.obj, field="ownerReferences", values=others))
        if not children:
            yield _released(owner, finalizer=ORPHAN)
    elif FOREGROUND in finalizers:
        for child in children:
            if not is_terminating(child.obj):
                yield Finding(held=child)
        if not any(_blocks(child, uid=owner.obj["metadata"]["uid"]) for child in children):
            yield _released(owner, finalizer=FOREGROUND)


def _blocks(child: Held, *, uid: str) -> bool:
    owners = child.obj["metadata"]["ownerReferences"]
    return any(owner["uid"] == uid and owner.get("blockOwnerDeletion") for owner in owners)


def _containers(held: Held, *, everything: Sequence[Held]) -> Iterator[Finding]:
    """Empty a terminating namespace or CRD, then let it go."""
    if held.resource is NAMESPACES and held.obj["spec"].get("finalizers"):
        name = held.obj["metadata"]["name"]
        inside = [one for one in everything if one.obj["metadata"].get("namespace") == name]
        emptied = copy.deepcopy(held.obj)
        emptied["spec"]["finalizers"] = []
        release = Finding(held=held, desired=emptied)
    elif held.resource is DEFINITIONS and CRD_FINALIZER in _finalizers(held.obj):
        name = held.obj["metadata"]["name"]
        inside = [one for one in everything if one.resource.custom and one.resource.id == name]
        release = _released(held, finalizer=CRD_FINALIZER)
    else:
        return
    yield from (Finding(held=one) for one in inside if not is_terminating(one.obj))
    if not inside:
        yield release


def _finalizers(obj: Mapping[str, Any]) -> Sequence[str]:
    return obj["metadata"].get("finalizers") or ()


def _released(held: Held, *, finalizer: str) -> Finding:
    kept = [name for name in _finalizers(held.obj) if name != finalizer]
    return Finding(held=held, desired=_changed(held.obj, field="finalizers", values=kept))


def _changed(obj: Obj, *, field: str, values: Sequence[Any]) -> Obj:
    """Return the object with another list in its metadata; what is empty is left out, as on the wire."""
    desired = copy.deepcopy(obj)
    del desired["metadata"][field]
    if values:
        desired["metadata"][field] = values
    return desired


def _unique(found: Sequence[Finding]) -> list[Finding]:
    """Keep the first finding for each object: a second one would start from an outdated state."""
    first: dict[str, Finding] = {}
    for finding in found:
        first.setdefault(finding.held.obj["metadata"]["uid"], finding)
    return list(first.values())
