"""What is asked of the store: which object is meant, in what way."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prober.lab.kube.errors import ConflictError
from prober.lab.kube.resources import Obj, Resource


class Propagation(StrEnum):
    """What becomes of the objects that a deleted one owns."""

    BACKGROUND = "Background"
    """They go after their owner."""

    FOREGROUND = "Foreground"
    """They go first; the owner waits for those that block its deletion."""

    ORPHAN = "Orphan"
    """They stay, without owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The answer to a list.

    Attributes:
        items: the objects, by namespace then name.
        version: the resourceVersion from which a watch goes on.
    """

    items: list[Obj]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Where one object is; the namespace is empty for cluster-scoped resources."""

    resource: Resource
    name: str
    namespace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """How a write is meant.

    Attributes:
        dry_run: everything is checked, nothing is kept.
        strict: unknown fields are an error instead of being dropped.
    """

    dry_run: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteOptions:
    """How a deletion is meant.

    Attributes:
        propagation: what becomes of owned objects.
        uid: the object must have this uid, unless empty.
        resource_version: the object must be at this version, unless empty.
        dry_run: nothing is deleted.
    """

    propagation: Propagation = Propagation.BACKGROUND
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


DEFAULT_WRITE = WriteOptions()
DEFAULT_DELETE = DeleteOptions()


def check_preconditions(obj: Mapping[str, Any], *, key: Key, options: DeleteOptions) -> None:
    """Check that a deletion is meant for the object as it is now.

    Raises:
        ConflictError: it is meant for another object, or for another state.
    """
    expected = {"uid": options.uid, "resourceVersion": options.resource_version}
    for field, value in expected.items():
        present = obj["metadata"][field]
        if value and value != present:
            raise ConflictError(
                f'Operation cannot be fulfilled on {key.resource.id} "{key.name}": Precondition'
                f" failed: {field} in precondition: {value}, {field} in object meta: {present}",
                details=key.resource.details(key.name),
            )
