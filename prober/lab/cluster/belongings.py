"""What labs bring into a cluster for all namespaces, shared among them.

Whatever a lab makes says so by a label. Two labs in two namespaces share a kind or a template; each notes
itself on it by an annotation, and the last one to leave takes the object away. The annotation carries the
lab's namespace, so one that was killed is the same tenant when it comes back. What carries no such
label belongs to somebody else and is never written to.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from prober.lab.operator.client import Conflict, Forbidden, KubeClient, NotFound

MADE_BY_LAB = {"app.kubernetes.io/managed-by": "vdi-prober-lab"}
"""The label of what a lab made."""

TENANT_PREFIX = "tenant.lab.vdi-prober.io/"
"""Before the namespace of each lab that uses an object."""

GOING_LIMIT_S = 60.0
"""How long an object that is being deleted may take to be gone, in seconds."""

GOING_CHECK_S = 0.2
"""How often that is looked at, in seconds."""


async def _never() -> bool:
    return False


async def claim(api: KubeClient, collection: str, body: Mapping[str, Any], *, tenant: str | None) -> dict[str, Any]:
    """Makes an object where it is missing, notes the tenant on one that a lab made; returns what is there.

    Args:
        api: The cluster.
        collection: Where the object is made.
        body: The object.
        tenant: The lab's namespace; `None` where the object is to stay.

    Raises:
        ApiError: The API server refused, could not be reached, or an older object of the name does not go.
    """
    path = f"{collection}/{body['metadata']['name']}"
    while True:
        try:
            found = await api.get(path)
        except NotFound:
            try:
                return await api.create(collection, _marked(body, tenant=tenant))
            except Conflict:
                continue
        if is_going(found):
            if not await until_gone(api, path):
                raise Conflict(f"{path} is being deleted, but does not go")
            continue
        if tenant is None or not made_by_lab(found):
            return found
        try:
            noted = await api.patch(path, {"metadata": {"annotations": {TENANT_PREFIX + tenant: ""}}})
        except NotFound:
            continue
        if not is_going(noted):
            return noted


async def give_back(api: KubeClient, path: str, *, tenant: str, needed: Callable[[], Awaitable[bool]] = _never) -> None:
    """Takes an object away, if a lab made it, no other lab uses it, and nothing needs it.

    Args:
        api: The cluster.
        path: The object.
        tenant: The lab that leaves.
        needed: Tells whether somebody else still needs it.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """
    try:
        found = await api.get(path)
        if not made_by_lab(found):
            return
        rest = await api.patch(path, {"metadata": {"annotations": {TENANT_PREFIX + tenant: None}}})
    except (NotFound, Forbidden):
        return  # gone, or none of our making: we could not even look at it
    if _tenants(rest) or await needed():
        return
    try:
        await api.discard(path, version=rest["metadata"]["resourceVersion"])
    except Conflict:
        return  # somebody came in the meantime


def made_by_lab(body: Mapping[str, Any]) -> bool:
    """Whether an object was made by a lab, this one or another."""
    labels = body["metadata"].get("labels") or {}
    return MADE_BY_LAB.items() <= labels.items()


async def until_gone(api: KubeClient, path: str, *, within_s: float = GOING_LIMIT_S) -> bool:
    """Waits until there is no object at a path; returns False when the limit in seconds came first.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """
    try:
        async with asyncio.timeout(within_s):
            while True:
                await api.get(path)
                await asyncio.sleep(GOING_CHECK_S)
    except NotFound:
        return True
    except TimeoutError:
        return False


def _marked(body: Mapping[str, Any], *, tenant: str | None) -> dict[str, Any]:
    if tenant is None:
        return dict(body)
    metadata = body["metadata"]
    labels = (metadata.get("labels") or {}) | MADE_BY_LAB
    annotations = (metadata.get("annotations") or {}) | {TENANT_PREFIX + tenant: ""}
    return {**body, "metadata": {**metadata, "labels": labels, "annotations": annotations}}


def is_going(body: Mapping[str, Any]) -> bool:
    """Whether an object's deletion was accepted."""
    return "deletionTimestamp" in body["metadata"]


def _tenants(body: Mapping[str, Any]) -> list[str]:
    annotations = body["metadata"].get("annotations") or {}
    return [name for name in annotations if name.startswith(TENANT_PREFIX)]
