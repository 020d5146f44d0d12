"""What an object goes through before it is stored: cleaned, defaulted, checked.

The order is that of a real API server: what the writer may not set is put back, unknown fields of
custom objects are pruned, defaults are filled in, then everything is validated at once.
"""

import base64
import copy
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from prober.lab.kube import metadata, schema
from prober.lab.kube.catalog import establish, misnamed
from prober.lab.kube.errors import BadRequestError, Cause, ConflictError, InvalidError
from prober.lab.kube.operations import WriteOptions
from prober.lab.kube.resources import DEFINITIONS, EVENTS, SECRETS, Obj, Resource


class Part(Enum):
    """Which part of an object a write is about."""

    MAIN = "main"
    """All but the status, where status is a subresource."""

    STATUS = "status"
    """Nothing but the status."""


def admit_new(obj: Obj, *, resource: Resource, uid: str, now: datetime, options: WriteOptions) -> None:
    """Turn in place what a client sent into what is stored.

    Raises:
        BadRequestError: the body is not an object to be created, or strict and with unknown fields.
        InvalidError: fields break their rules.
    """
    metadata.stamp_new(obj, resource=resource, uid=uid, now=now)
    if resource.status:
        obj.pop("status", None)
    _shape(obj, resource=resource, options=options)
    _check(obj, resource=resource, old=None)
    if resource is DEFINITIONS:
        establish(obj)


def admit_update(
    body: Obj, *, old: Obj, resource: Resource, part: Part, conditional: bool, options: WriteOptions
) -> Obj:
    """Return the object that is to replace an old one.

    Args:
        body: what the client wants.
        old: what is stored.
        resource: of both.
        part: what the write is about; the rest of the body is ignored.
        conditional: whether the resource's rule about a missing resourceVersion counts; patches
            need none.
        options: how the write is meant.

    Raises:
        BadRequestError: the body is not about this object, or strict and with unknown fields.
        ConflictError: the body is based on another state.
        InvalidError: fields break their rules.
    """
    _check_identity(body, old=old, resource=resource, conditional=conditional)
    new = _restored(body, old=old, resource=resource, part=part)
    metadata.stamp_update(new, old=old)
    _shape(new, resource=resource, options=options)
    new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
    if resource.generation and _wanted(new, resource) != _wanted(old, resource):
        new["metadata"]["generation"] = old["metadata"]["generation"] + 1
    _check(new, resource=resource, old=old)
    return new


def _check_identity(body: Mapping[str, Any], *, old: Mapping[str, Any], resource: Resource, conditional: bool) -> None:
    wanted, present = body["metadata"], old["metadata"]
    name = present["name"]
    if wanted.get("name", name) != name:
        raise BadRequestError(f"the name of the object ({wanted['name']}) does not match the name on the URL ({name})")
    version = wanted.get("resourceVersion")
    if not version and conditional and not resource.unconditional_update:
        cause = Cause.invalid("metadata.resourceVersion", value="0", why="must be specified for an update")
        raise InvalidError.of([cause], kind=resource.plural, group=resource.group, name=name)
    if version and version != present["resourceVersion"]:
        raise ConflictError(
            f'Operation cannot be fulfilled on {resource.id} "{name}": the object has been modified;'
            " please apply your changes to the latest version and try again",
            details=resource.details(name),
        )
    if wanted.get("uid") and wanted["uid"] != present["uid"]:
        if not conditional:
            cause = Cause.invalid("metadata.uid", value=f'"{wanted["uid"]}"', why="field is immutable")
            raise InvalidError.of([cause], kind=resource.kind, group=resource.group, name=name)
        raise ConflictError(
            f'Operation cannot be fulfilled on {resource.id} "{name}": Precondition failed: UID in'
            f" precondition: {wanted['uid']}, UID in object meta: {present['uid']}",
            details=resource.details(name),
        )


def _restored(body: Obj, *, old: Obj, resource: Resource, part: Part) -> Obj:
    """Put back what the write is not about."""
    taken, kept = (old, body) if part is Part.STATUS else (body, old)
    new = copy.deepcopy(taken)
    if resource.status:
        new.pop("status", None)
        if kept.get("status") is not None:
            new["status"] = copy.deepcopy(kept["status"])
    new["metadata"]["name"] = old["metadata"]["name"]
    return new


def _shape(obj: Obj, *, resource: Resource, options: WriteOptions) -> None:
    if resource is SECRETS:
        _encode_strings(obj)
    if resource.custom:
        unknown = [f'unknown field "{field}"' for field in schema.prune(obj, schema=resource.schema)]
        if unknown and options.strict:
            cannot = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}'
            raise BadRequestError(f"{cannot}: strict decoding error: {', '.join(unknown)}")
        for complaint in unknown:
            options.warn(complaint)
    schema.apply_defaults(obj, schema=resource.schema)


def _encode_strings(secret: Obj) -> None:
    """Move a Secret's `stringData`, which is for writing only, into its `data`.

    Raises:
        BadRequestError: one of the two is no map, or a value is no string.
    """
    plain, data = secret.pop("stringData", None) or {}, secret.get("data") or {}
    if not isinstance(data, dict) or not isinstance(plain, dict):
        raise BadRequestError("cannot decode a Secret whose data or stringData is no map")
    if not all(isinstance(value, str) for value in plain.values()):
        raise BadRequestError("cannot decode a Secret's stringData from what is no string")
    if plain:
        encoded = {name: base64.b64encode(value.encode()).decode() for name, value in plain.items()}
        secret["data"] = data | encoded


def _misplaced(event: Mapping[str, Any]) -> list[Cause]:
    """Return a cause if an Event is about an object of another namespace than its own."""
    about = event["involvedObject"].get("namespace")
    if about in (None, event["metadata"]["namespace"]):
        return []
    return [Cause.invalid("involvedObject.namespace", value=f'"{about}"', why="does not match event.namespace")]


def _check(obj: Obj, *, resource: Resource, old: Mapping[str, Any] | None) -> None:
    causes = metadata.violations(obj["metadata"], old=old["metadata"] if old else None)
    causes += schema.violations(obj, schema=resource.schema)
    if resource is DEFINITIONS and not causes:
        causes += misnamed(obj)
    if resource is EVENTS and not causes:
        causes += _misplaced(obj)
    if causes:
        name = obj["metadata"].get("name", "")
        raise InvalidError.of(causes, kind=resource.kind, group=resource.group, name=name)


def _wanted(obj: Mapping[str, Any], resource: Resource) -> dict[str, Any]:
    """Return what counts for the generation: all but metadata, and but the status subresource."""
    ignored = {"metadata", "status"} if resource.status else {"metadata"}
    return {key: value for key, value in obj.items() if key not in ignored}
