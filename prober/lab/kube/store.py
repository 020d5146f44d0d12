"""The store: the objects of the cluster, and what may be done with them; knows nothing of HTTP.

Stored objects are never changed in place: a write replaces them, so that the history can keep the
old ones. What goes in or comes out is a copy. Everything that follows from a write (garbage
collection, namespaces, CRDs) has happened when the write returns.
"""

import copy
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from prober.lab.kube import garbage, metadata
from prober.lab.kube.admission import Part, admit_new, admit_update
from prober.lab.kube.catalog import Catalog
from prober.lab.kube.errors import (
    AlreadyExistsError,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
)
from prober.lab.kube.history import Change, History, Scope
from prober.lab.kube.operations import (
    DEFAULT_DELETE,
    DEFAULT_WRITE,
    DeleteOptions,
    Key,
    Propagation,
    WriteOptions,
    check_preconditions,
)
from prober.lab.kube.paging import WHOLE, Page, Paging, Place, place, place_of
from prober.lab.kube.resources import DEFINITIONS, EVENTS, NAMESPACES, Obj, Resource, ResourceId
from prober.lab.kube.selectors import EVERYTHING, Selector

WATCH_WINDOW = 10_000
"""How many changes a watch may lag behind before its resourceVersion is expired."""

_TERMINATING = {"reason": "NamespaceTerminating", "field": "metadata.namespace"}
_ENDING = "namespace {} is being terminated"
_NAME_ATTEMPTS = 8  # as kube-apiserver's RetryGenerateName


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """The objects of the cluster.

    Args:
        clock: tells the time in UTC.
        window: how many changes watches can look back.

    Attributes:
        catalog: the resources that are served now.
        history: the recent changes.
    """

    def __init__(self, *, clock: Callable[[], datetime] = _utc_now, window: int = WATCH_WINDOW) -> None:
        self.catalog = Catalog()
        self.history = History(window=window)
        self._clock = clock
        self._settled = True
        self._objects: defaultdict[ResourceId, dict[Place, Obj]] = defaultdict(dict)

    def now(self) -> datetime:
        """Return the time (UTC) by which the store stamps its objects."""
        return self._clock()

    def get(self, key: Key) -> Obj:
        """Return an object.

        Raises:
            NotFoundError: there is none.
        """
        return copy.deepcopy(self._stored(key))

    def select(
        self, resource: Resource, *, namespace: str = "", selector: Selector = EVERYTHING, paging: Paging = WHOLE
    ) -> Page:
        """Return the selected objects of one namespace, or of all if it is empty.

        Raises:
            ExpiredError: a state is meant that the history no longer knows.
        """
        scope = Scope(resource=resource.id, namespace=namespace, selector=selector)
        version = self.history.version if paging.version is None else paging.version
        places = self.history.rewind(self._objects[resource.id], resource=resource.id, version=version)
        chosen = [places[at] for at in sorted(places) if at > paging.after and scope.covers(places[at])]
        shown = chosen[: paging.limit or None]
        return Page(items=copy.deepcopy(shown), version=version, remaining=len(chosen) - len(shown))

    def create(
        self,
        resource: Resource,
        *,
        body: Obj,
        namespace: str = "",
        options: WriteOptions = DEFAULT_WRITE,
    ) -> Obj:
        """Store a new object; return it as stored.

        Raises:
            AlreadyExistsError: the name is taken.
            BadRequestError: the body cannot be understood.
            ForbiddenError: the namespace is being deleted.
            InvalidError: fields break their rules.
            NotFoundError: the namespace does not exist.
        """
        obj = copy.deepcopy(body)
        metadata.identify(obj, resource=resource, namespace=namespace)
        self._check_namespace(resource, namespace=namespace, name=obj["metadata"].get("name", ""))
        self._name(obj, resource=resource, namespace=namespace)
        admit_new(
            obj,
            resource=resource,
            uid=str(uuid.uuid4()),
            now=self.now(),
            options=options,
        )
        if place_of(obj) in self._objects[resource.id]:
            raise _already_exists(resource, name=obj["metadata"]["name"])
        if not options.dry_run:
            self._write(resource, before=None, after=obj)
            if resource is EVENTS:
                self._expire_events()
            self._settle()
        return copy.deepcopy(obj)

    def replace(
        self,
        key: Key,
        *,
        body: Obj,
        part: Part = Part.MAIN,
        options: WriteOptions = DEFAULT_WRITE,
    ) -> Obj:
        """Replace an object, or its status; return it as stored.

        Raises:
            BadRequestError: the body is not about this object.
            ConflictError: the body is based on another state.
            InvalidError: fields break their rules.
            NotFoundError: there is no such object.
        """
        old = self._stored(key)
        return self._update(key, old=old, body=body, part=part, options=options, conditional=True)

    def patch(
        self,
        key: Key,
        *,
        change: Callable[[Obj], Any],
        part: Part = Part.MAIN,
        options: WriteOptions = DEFAULT_WRITE,
    ) -> Obj:
        """Replace an object, or its status, by what a function makes of it; return it as stored.

        Raises:
            As `replace`.
        """
        old = self._stored(key)
        body = change(copy.deepcopy(old))
        return self._update(key, old=old, body=body, part=part, options=options, conditional=False)

    def delete(self, key: Key, *, options: DeleteOptions = DEFAULT_DELETE) -> tuple[Obj, bool]:
        """Delete an object, or mark it if finalizers hold it.

        Returns:
            Its last state, with whether it is gone.

        Raises:
            ConflictError: a precondition does not hold.
            NotFoundError: there is no such object.
        """
        old = self._stored(key)
        check_preconditions(old, key=key, options=options)
        if options.dry_run:
            return copy.deepcopy(old), not garbage.is_held(old)
        last = self._begin_delete(key.resource, old=old, propagation=options.propagation)
        self._settle()
        present = self._objects[key.resource.id].get(key.place)
        if present is None or present["metadata"]["uid"] != old["metadata"]["uid"]:
            return copy.deepcopy(last), True
        return copy.deepcopy(present), False

    def _stored(self, key: Key) -> Obj:
        obj = self._objects[key.resource.id].get(key.place)
        if obj is None:
            raise NotFoundError(f'{key.resource.id} "{key.name}" not found', details=key.resource.details(key.name))
        return obj

    def _check_namespace(self, resource: Resource, *, namespace: str, name: str) -> None:
        if not resource.namespaced:
            return
        found = self._stored(Key(resource=NAMESPACES, name=namespace))
        if garbage.is_terminating(found):
            raise ForbiddenError(
                f'{resource.id} "{name}" is forbidden: unable to create new content in namespace'
                f" {namespace} because it is being terminated",
                details=resource.details(name) | {"causes": [_TERMINATING | {"message": _ENDING.format(namespace)}]},
            )

    def _name(self, obj: Obj, *, resource: Resource, namespace: str) -> None:
        prefix = obj["metadata"].get("generateName")
        if obj["metadata"].get("name") or not prefix:
            return
        for _ in range(_NAME_ATTEMPTS):
            name = metadata.generated_name(prefix)
            if place(name, namespace=namespace) not in self._objects[resource.id]:
                obj["metadata"]["name"] = name
                return
        raise _already_exists(resource, name=prefix)

    def _update(self, key: Key, *, old: Obj, body: Any, part: Part, options: WriteOptions, conditional: bool) -> Obj:
        if not isinstance(body, dict):
            raise BadRequestError("the body must be an object")
        body = copy.deepcopy(body)
        metadata.identify(body, resource=key.resource, namespace=key.namespace)
        new = admit_update(
            body,
            old=old,
            resource=key.resource,
            part=part,
            conditional=conditional,
            options=options,
        )
        if new != old and not options.dry_run:
            new = self._write(key.resource, before=old, after=new)
            self._settle()
        return copy.deepcopy(new)

    def _begin_delete(self, resource: Resource, *, old: Obj, propagation: Propagation) -> Obj:
        """Remove an object, or mark it as terminating if something holds it."""
        if garbage.is_terminating(old):
            return old
        new = copy.deepcopy(old)
        if finalizer := _POLICY_FINALIZERS.get(propagation):
            new["metadata"].setdefault("finalizers", []).append(finalizer)
        held = garbage.is_held(new)
        if held:
            metadata.stamp_deletion(new, resource=resource, now=self.now())
        if held and resource is NAMESPACES:
            new["status"]["phase"] = "Terminating"
        return self._write(resource, before=old, after=new, removed=not held)

    def _write(self, resource: Resource, *, before: Obj | None, after: Obj, removed: bool = False) -> Obj:
        """Keep a new state, or remove the object; one that waits for deletion goes once nothing holds it."""
        version = self.history.version + 1
        after["metadata"]["resourceVersion"] = str(version)
        where = place_of(after)
        removed = removed or (garbage.is_terminating(after) and not garbage.is_held(after))
        if removed:
            del self._objects[resource.id][where]
        else:
            self._objects[resource.id][where] = after
        if garbage.concerned(before=before, after=after, removed=removed):
            self._settled = False
        if resource is DEFINITIONS:
            (self.catalog.withdraw if removed else self.catalog.serve)(after)
        self.history.append(Change(version=version, resource=resource.id, before=before, after=after, removed=removed))
        return after

    def _settle(self) -> None:
        """Do what follows from the last write, until nothing more follows."""
        while not self._settled:
            self._settled = True  # the writes below say otherwise
            for finding in garbage.findings(self._everything()):
                held = finding.held
                if finding.desired is None:
                    self._begin_delete(held.resource, old=held.obj, propagation=Propagation.BACKGROUND)
                else:
                    self._write(held.resource, before=held.obj, after=finding.desired)

    def _expire_events(self) -> None:
        for event in garbage.expired(self._objects[EVENTS.id].values(), now=self.now()):
            self._begin_delete(EVENTS, old=event, propagation=Propagation.BACKGROUND)

    def _everything(self) -> list[garbage.Held]:
        return [
            garbage.Held(resource=resource, obj=obj)
            for resource in self.catalog
            for obj in self._objects[resource.id].values()
        ]


_POLICY_FINALIZERS = {
    Propagation.FOREGROUND: garbage.FOREGROUND,
    Propagation.ORPHAN: garbage.ORPHAN,
}


def _already_exists(resource: Resource, *, name: str) -> AlreadyExistsError:
    return AlreadyExistsError(f'{resource.id} "{name}" already exists', details=resource.details(name))
