"""Object metadata: names, stamps, what a write may change of them.

The rules are those of k8s.io/apimachinery/pkg/api/validation/objectmeta.go.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from prober.lab.kube.errors import BadRequestError, Cause, InvalidError
from prober.lab.kube.resources import Obj, Resource

_SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # no vowels: no words by chance
_SUFFIX_LENGTH = 5
_NAME_MAX = 63  # generated names are cut so that they fit a DNS label
_SUBDOMAIN_MAX = 253
_LABEL_VALUE_MAX = 63

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED_NAME = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")

_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
    " and must start and end with an alphanumeric character"
)
_LABEL_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
    " and must start and end with an alphanumeric character, at most 63 characters"
)
_KEY_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end"
    " with an alphanumeric character"
)
_SET_BY_SERVER = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
_TYPES: Mapping[str, type] = {
    "annotations": dict,
    "finalizers": list,
    "generateName": str,
    "labels": dict,
    "name": str,
    "namespace": str,
    "ownerReferences": list,
    "resourceVersion": str,
    "uid": str,
}
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_NEVER_KEPT = ("managedFields", "selfLink")


def timestamp(moment: datetime) -> str:
    """Return a moment (UTC) as objects carry it, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def generated_name(prefix: str) -> str:
    """Return a prefix with five random characters behind it."""
    suffix = "".join(secrets.choice(_SUFFIX_ALPHABET) for _ in range(_SUFFIX_LENGTH))
    return f"{prefix[: _NAME_MAX - _SUFFIX_LENGTH]}{suffix}"


def identify(obj: Obj, *, resource: Resource, namespace: str) -> None:
    """Settle in place what an object says about its kind and namespace.

    Raises:
        BadRequestError: it contradicts the path, or a custom object does not name its kind.
        InvalidError: a custom object names another kind.
    """
    if not resource.custom:
        obj.setdefault("kind", resource.kind)
        obj.setdefault("apiVersion", resource.api_version)
    _check_type(obj, resource=resource)
    metadata = obj["metadata"] = _well_formed(obj.get("metadata"))
    if metadata.get("namespace", namespace) != namespace:
        raise BadRequestError("the namespace of the provided object does not match the namespace sent on the request")
    if namespace:
        metadata["namespace"] = namespace
    for field in _NEVER_KEPT:
        metadata.pop(field, None)


def stamp_new(obj: Obj, *, resource: Resource, uid: str, now: datetime) -> None:
    """Set in place what the server alone decides about a new object.

    Raises:
        BadRequestError: the object carries a resourceVersion.
    """
    metadata = obj["metadata"]
    if metadata.get("resourceVersion"):
        raise BadRequestError("resourceVersion should not be set on objects to be created")
    for field in (*_SET_BY_SERVER, "generation"):
        metadata.pop(field, None)
    metadata.update({"uid": uid, "creationTimestamp": timestamp(now)})
    if resource.generation:
        metadata["generation"] = 1


def stamp_update(obj: Obj, *, old: Mapping[str, Any]) -> None:
    """Restore in place what an update cannot change."""
    for field in (*_SET_BY_SERVER, "generation"):
        obj["metadata"].pop(field, None)
        if field in old["metadata"]:
            obj["metadata"][field] = old["metadata"][field]


def stamp_deletion(obj: Obj, *, resource: Resource, now: datetime) -> None:
    """Set in place what says that an object waits for its deletion."""
    obj["metadata"] |= {"deletionTimestamp": timestamp(now), "deletionGracePeriodSeconds": 0}
    if resource.generation:
        obj["metadata"]["generation"] += 1


def violations(metadata: Mapping[str, Any], *, old: Mapping[str, Any] | None) -> list[Cause]:
    """Return a cause for each bad field of an object's metadata.

    Args:
        metadata: of the object to write.
        old: the metadata before an update, `None` for a new object.
    """
    causes = [*_bad_name(metadata), *_bad_maps(metadata), *_bad_owners(metadata)]
    if old is not None and "deletionTimestamp" in old:
        added = set(metadata.get("finalizers") or ()) - set(old.get("finalizers") or ())
        if added:
            listed = ", ".join(f'"{name}"' for name in sorted(added))
            why = (
                "no new finalizers can be added if the object is being deleted,"
                f" found new finalizers []string{{{listed}}}"
            )
            causes.append(Cause.forbidden("metadata.finalizers", why=why))
    return causes


def _check_type(obj: Mapping[str, Any], *, resource: Resource) -> None:
    for field in ("kind", "apiVersion"):
        if field not in obj:
            raise BadRequestError(f"Object '{field[0].upper()}{field[1:]}' is missing in the body")
    kind, version = obj["kind"], obj["apiVersion"]
    if version != resource.api_version:
        raise BadRequestError(
            f"the API version in the data ({version}) does not match the expected API version ({resource.api_version})"
        )
    if kind != resource.kind and not resource.custom:
        raise BadRequestError(f'{kind} in version "{version}" cannot be handled as a {resource.kind}')
    if kind != resource.kind:
        cause = Cause.invalid("kind", value=f'"{kind}"', why=f"must be {resource.kind}")
        name = str((obj.get("metadata") or {}).get("name", ""))
        raise InvalidError.of([cause], kind=kind, group=resource.group, name=name)


def _well_formed(metadata: Any) -> dict[str, Any]:
    """Return metadata without its empty fields, which the wire leaves out.

    Raises:
        BadRequestError: a field is of a type that could not be decoded.
    """
    if not isinstance(metadata, dict | None):
        raise BadRequestError("metadata must be an object")
    present = {field: value for field, value in (metadata or {}).items() if value not in _EMPTY}
    for field, value in present.items():
        if not isinstance(value, _TYPES.get(field, object)):
            raise BadRequestError(f"cannot decode metadata.{field} from {type(value).__name__}")
    if not all(isinstance(owner, dict) for owner in present.get("ownerReferences", ())):
        raise BadRequestError("metadata.ownerReferences must be objects")
    for field in ("labels", "annotations"):
        if not all(isinstance(value, str) for value in present.get(field, {}).values()):
            raise BadRequestError(f"cannot decode metadata.{field} from what is no string")
    return present


def _bad_name(metadata: Mapping[str, Any]) -> Iterator[Cause]:
    prefix, name = metadata.get("generateName"), metadata.get("name")
    if prefix:
        # What follows a trailing dash or dot makes it a name (apimachinery's `maskTrailingDash`).
        yield from _bad_subdomain(prefix, field="metadata.generateName", name=re.sub(r"[-.]$", "a", prefix))
    if name:
        yield from _bad_subdomain(name, field="metadata.name", name=name)
    else:
        yield Cause.required("metadata.name", why="name or generateName is required")


def _bad_subdomain(value: str, *, field: str, name: str) -> Iterator[Cause]:
    if len(name) > _SUBDOMAIN_MAX:
        yield Cause.invalid(field, value=f'"{value}"', why=f"must be no more than {_SUBDOMAIN_MAX} characters")
    elif not _SUBDOMAIN.fullmatch(name):
        yield Cause.invalid(field, value=f'"{value}"', why=_SUBDOMAIN_RULE)


def _bad_maps(metadata: Mapping[str, Any]) -> Iterator[Cause]:
    for field in ("labels", "annotations"):
        for key, value in (metadata.get(field) or {}).items():
            place = f"metadata.{field}"
            if not _QUALIFIED_NAME.fullmatch(key):
                yield Cause.invalid(place, value=f'"{key}"', why=_KEY_RULE)
            elif field == "labels" and not _is_label_value(value):
                yield Cause.invalid(place, value=f'"{value}"', why=_LABEL_RULE)


def _is_label_value(value: str) -> bool:
    return len(value) <= _LABEL_VALUE_MAX and _LABEL_VALUE.fullmatch(value) is not None


def _bad_owners(metadata: Mapping[str, Any]) -> Iterator[Cause]:
    for index, owner in enumerate(metadata.get("ownerReferences") or ()):
        for field in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(field):
                place = f"metadata.ownerReferences[{index}].{field}"
                yield Cause.invalid(place, value='""', why="must not be empty")
