"""Lists in pages: which part of which state of a collection is meant.

A continue token is opaque to clients. It holds what a real API server's does (k8s.io/apiserver/pkg/storage,
`EncodeContinue`): the resourceVersion of the first page, so that all pages show one state, with the last key seen.
https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

from prober.lab.kube.errors import BadRequestError
from prober.lab.kube.resources import Obj

Place = NewType("Place", str)
"""`namespace/name` of an object; lists are in the order of these strings, as they are in etcd."""

_FORMAT = "meta.k8s.io/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which part of a list is meant.

    Attributes:
        version: the resourceVersion whose state is meant; `None` for the present one.
        after: objects up to this place are left out.
        limit: how many objects at most; 0 for all.
    """

    version: int | None = None
    after: Place = Place("")
    limit: int = 0


WHOLE = Paging()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The answer to a list.

    Attributes:
        items: the objects, in the order of their places.
        version: the resourceVersion from which a watch goes on.
        remaining: how many more objects there are after these.
    """

    items: list[Obj] = field(default_factory=list)
    version: int
    remaining: int = 0

    def metadata(self) -> dict[str, Any]:
        """Return the metadata of a list: its version, with the way to the next page where there is one."""
        metadata: dict[str, Any] = {"resourceVersion": str(self.version)}
        if self.remaining:
            last = place_of(self.items[-1])
            metadata |= {"continue": _token(self.version, after=last), "remainingItemCount": self.remaining}
        return metadata


def place(name: str, *, namespace: str) -> Place:
    """Return where an object of a name stands in lists."""
    return Place(f"{namespace}/{name}")


def place_of(obj: Mapping[str, Any]) -> Place:
    """Return where an object stands in lists."""
    return place(obj["metadata"]["name"], namespace=obj["metadata"].get("namespace", ""))


def continued(token: str, *, limit: int) -> Paging:
    """Return what a continue token asks for.

    Raises:
        BadRequestError: it is none of ours.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        content = json.loads(base64.urlsafe_b64decode(padded))
        after, version = Place(content["start"].removesuffix("\0")), int(content["rv"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequestError(f"invalid continue token: continue key is not valid: {error}") from error
    return Paging(version=version, after=after, limit=limit)


def _token(version: int, *, after: Place) -> str:
    content = {"v": _FORMAT, "rv": version, "start": f"{after}\0"}
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
