"""What is asked of the store: which object is meant, in what way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prober.lab.kube.errors import ConflictError
from prober.lab.kube.paging import Place, place
from prober.lab.kube.resources import Resource


class Propagation(StrEnum):
    """What becomes of the objects that a deleted one owns."""

    BACKGROUND = "Background"
    """They go after their owner."""

    FOREGROUND = "Foreground"
    """They go first; the owner waits for those that block its deletion."""

    ORPHAN = "Orphan"
    """They stay, without owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Where one object is; the namespace is empty for cluster-scoped resources."""

    resource: Resource
    name: str
    namespace: str = ""

    @property
    def place(self) -> Place:
        """Where it stands in lists."""
        return place(self.name, namespace=self.namespace)


def _unheard(_: str) -> None:
    """Take a warning that nobody wants to hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """How a write is meant.

    Attributes:
        dry_run: everything is checked, nothing is kept.
        strict: unknown fields are an error instead of being dropped.
        warn: is told what is dropped.
    """

    dry_run: bool = False
    strict: bool = False
    warn: Callable[[str], None] = _unheard


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
    present = obj["metadata"]
    if options.uid and options.uid != present["uid"]:
        why = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({present['uid']})."
            " The object might have been deleted and then recreated"
        )
        raise _unmet(key, why=why)
    if options.resource_version and options.resource_version != present["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({options.resource_version}) does not match the ResourceVersion"
            f" in record ({present['resourceVersion']}). The object might have been modified"
        )
        raise _unmet(key, why=why)


def _unmet(key: Key, *, why: str) -> ConflictError:
    resource = key.resource
    about = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    details = resource.details(key.name) | {"kind": resource.kind}
    return ConflictError(f'Operation cannot be fulfilled on {about} "{key.name}": {why}', details=details)
