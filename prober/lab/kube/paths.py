"""Paths and query parameters: what a URL asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from prober.lab.kube.admission import Part
from prober.lab.kube.catalog import Catalog
from prober.lab.kube.discovery import UNKNOWN_PATH
from prober.lab.kube.errors import BadRequestError, Cause, InvalidError, NotFoundError, PageNotFoundError
from prober.lab.kube.operations import DeleteOptions, Key, Propagation, WriteOptions
from prober.lab.kube.paging import Paging, continued
from prober.lab.kube.resources import Resource
from prober.lab.kube.selectors import Selector, parse_selector
from prober.lab.kube.watches import DEFAULT_TIMEOUT_S, WatchRequest

_Kind = TypeVar("_Kind")
_TRUE = frozenset({"true", "1", ""})  # `?watch` alone counts as true, as in Go's form decoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a path leads to; the name is empty for a collection."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    part: Part = Part.MAIN

    @property
    def is_main(self) -> bool:
        """Whether the path leads to no subresource."""
        return self.part is Part.MAIN

    @property
    def key(self) -> Key:
        """Where the object of the path is."""
        return Key(resource=self.resource, name=self.name, namespace=self.namespace)


def parse_path(path: str, *, catalog: Catalog) -> Target:
    """Return what a path below `/api/v1` or `/apis/GROUP/VERSION` leads to.

    Raises:
        NotFoundError: nothing is served there; `PageNotFoundError` if not even by a built-in group.
    """
    match path.strip("/").split("/"):
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            raise PageNotFoundError(UNKNOWN_PATH)
    namespace = ""
    match rest:
        case ["namespaces", _, "status"]:
            pass
        case ["namespaces", namespace, plural, *more]:
            rest = [plural, *more]
    return _target(rest, group=group, version=version, namespace=namespace, catalog=catalog)


def _target(rest: Sequence[str], *, group: str, version: str, namespace: str, catalog: Catalog) -> Target:
    resource = catalog.find(rest[0], group=group, version=version) if rest else None
    if resource is None and not catalog.has_built_in(group):
        raise PageNotFoundError(UNKNOWN_PATH)
    if resource is None or (namespace and not resource.namespaced):
        raise NotFoundError(UNKNOWN_PATH)
    if resource.namespaced and not namespace and len(rest) > 1:
        raise NotFoundError(UNKNOWN_PATH)
    match rest[1:]:
        case []:
            return Target(resource=resource, namespace=namespace)
        case [name]:
            return Target(resource=resource, namespace=namespace, name=name)
        case [name, "status"] if resource.status:
            return Target(resource=resource, namespace=namespace, name=name, part=Part.STATUS)
        case _:
            raise NotFoundError(UNKNOWN_PATH)


def selector_of(query: Mapping[str, str], *, resource: Resource) -> Selector:
    """Return the selector of a list or watch.

    Raises:
        BadRequestError: it is malformed.
    """
    return parse_selector(
        query.get("labelSelector", ""),
        fields=query.get("fieldSelector", ""),
        known=resource.selectable_fields,
    )


def wants_watch(query: Mapping[str, str]) -> bool:
    """Tell whether a list is meant as a watch."""
    return "watch" in query and query["watch"].lower() in _TRUE


def minimum_version(query: Mapping[str, str]) -> int:
    """Return the resourceVersion that a list must have reached; 0 if it does not matter.

    Raises:
        BadRequestError: it is not a number.
    """
    text = query.get("resourceVersion", "")
    if text and not text.isdecimal():
        raise BadRequestError(f'resourceVersion: Invalid value: "{text}": must be a number')
    return int(text or 0)


def paging_of(query: Mapping[str, str]) -> Paging:
    """Return which part of a list is meant.

    Raises:
        BadRequestError: a parameter is malformed, or two contradict each other.
    """
    limit, token = query.get("limit", ""), query.get("continue", "")
    if limit and not limit.isdecimal():
        raise BadRequestError(f'limit: Invalid value: "{limit}": must be a number')
    if token and query.get("resourceVersion"):
        raise BadRequestError("specifying resource version is not allowed when using continue")
    if token:
        return continued(token, limit=int(limit or 0))
    exact = query.get("resourceVersionMatch") == "Exact"
    return Paging(version=minimum_version(query) if exact else None, limit=int(limit or 0))


def watch_request(query: Mapping[str, str], *, target: Target) -> WatchRequest:
    """Return what a watch asks for.

    Raises:
        BadRequestError: a parameter is malformed.
        InvalidError: the parameters of a streaming list do not fit together.
    """
    initial = query.get("sendInitialEvents") == "true"
    bookmarks = query.get("allowWatchBookmarks") == "true"
    if "sendInitialEvents" in query and query.get("resourceVersionMatch") != "NotOlderThan":
        cause = Cause.forbidden(
            "resourceVersionMatch",
            why="sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        )
        raise InvalidError.of([cause], kind="ListOptions", group="meta.k8s.io", name="")
    timeout = query.get("timeoutSeconds", "")
    if timeout and not timeout.isdecimal():
        raise BadRequestError(f'timeoutSeconds: Invalid value: "{timeout}": must be a number')
    return WatchRequest(
        resource=target.resource,
        namespace=target.namespace,
        selector=selector_of(query, resource=target.resource),
        since=None if initial else minimum_version(query) or None,
        bookmarks=bookmarks,
        initial_events=initial and bookmarks,
        timeout_s=float(timeout) if timeout and int(timeout) else DEFAULT_TIMEOUT_S,
    )


def write_options(query: Mapping[str, str], *, warn: Callable[[str], None]) -> WriteOptions:
    """Return how a write is meant.

    Args:
        query: of the request.
        warn: is told what is dropped, unless the client does not care.

    Raises:
        InvalidError: a parameter has an unknown value.
    """
    dry_run, validation = query.get("dryRun", ""), query.get("fieldValidation", "Warn")
    options = WriteOptions(dry_run=_is_dry_run([dry_run] if dry_run else []), strict=validation == "Strict")
    return options if validation == "Ignore" else replace(options, warn=warn)


def delete_options(query: Mapping[str, str], *, body: Mapping[str, Any]) -> DeleteOptions:
    """Return how a deletion is meant: what its body says, else what its query says.

    Raises:
        BadRequestError: a parameter is of a type that could not be decoded.
        InvalidError: a parameter has an unknown value.
    """
    preconditions = _member(body, "preconditions", kind=dict)
    policy = _member(body, "propagationPolicy", kind=str) or query.get("propagationPolicy")
    if _member(body, "orphanDependents", kind=bool):
        policy = Propagation.ORPHAN
    if policy and policy not in set(Propagation):
        raise _unsupported("propagationPolicy", value=policy, supported=list(Propagation))
    dry_run = query.get("dryRun", "")
    return DeleteOptions(
        propagation=Propagation(policy) if policy else Propagation.BACKGROUND,
        uid=_member(preconditions, "uid", kind=str),
        resource_version=_member(preconditions, "resourceVersion", kind=str),
        dry_run=_is_dry_run(_member(body, "dryRun", kind=list) or ([dry_run] if dry_run else [])),
    )


def _member(body: Mapping[str, Any], field: str, *, kind: type[_Kind]) -> _Kind:
    """Return a field, its kind's empty value where it is absent."""
    value = body.get(field)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise BadRequestError(f"cannot decode {field} from {type(value).__name__}")
    return value


def _is_dry_run(values: Sequence[str]) -> bool:
    for value in values:
        if value != "All":
            raise _unsupported("dryRun", value=value, supported=["All"])
    return bool(values)


def _unsupported(field: str, *, value: str, supported: Sequence[str]) -> InvalidError:
    cause = Cause.unsupported(field, value=f'"{value}"', supported=supported)
    return InvalidError.of([cause], kind="Options", group="meta.k8s.io", name="")
