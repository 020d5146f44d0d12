"""The lab's namespace in a cluster that belongs to others: made where it is missing, left to whoever else needs it."""

import logging
from collections.abc import Mapping
from typing import Any

from prober.lab.cluster.belongings import claim, give_back, is_going, made_by_lab
from prober.lab.cluster.definitions import DEFINITIONS
from prober.lab.cluster.errors import NamespaceTakenError
from prober.lab.operator.client import Forbidden, KubeClient, NotFound
from prober.lab.operator.session import sessions_of

logger = logging.getLogger(__name__)

NAMESPACES = "/api/v1/namespaces"

EVERYBODYS = frozenset({"kube-root-ca.crt"})
"""Names of objects that the cluster itself puts into each namespace."""


async def occupy(api: KubeClient, *, namespace: str) -> None:
    """Makes the namespace where it is missing; one that is being deleted is waited for.

    Raises:
        Forbidden: It is missing, and we may not make it.
        ApiError: The API server refused otherwise, could not be reached, or an older namespace does not go.
    """
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    try:
        await api.get(path_of(namespace))
    except Forbidden:
        return  # whoever may use a namespace need not be allowed to look at it
    except NotFound:
        pass
    await claim(api, NAMESPACES, body, tenant=namespace)


async def check_free(api: KubeClient, *, namespace: str) -> None:
    """Makes sure that no other operator serves the sessions of a namespace.

    A session that nobody has taken up yet proves nothing, for there was no operator.

    Raises:
        NamespaceTakenError: There are sessions that some operator took up.
        ApiError: The API server refused, or could not be reached.
    """
    sessions = await api.list(sessions_of(namespace))
    served = [session["metadata"]["name"] for session in sessions if _is_served(session)]
    if served:
        raise NamespaceTakenError(
            f"namespace {namespace!r} has sessions that no lab took up ({', '.join(sorted(served))}): an operator of "
            "the platform's own seems to serve it; choose another one with --namespace"
        )


async def warn_of_an_operator(api: KubeClient) -> None:
    """Says so where the platform's kinds came from others, whose operator shows in nothing while it is idle.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """
    try:
        theirs = not made_by_lab(await api.get(f"{DEFINITIONS}/vdisessions.vdi.kasm.io"))
    except Forbidden:
        theirs = True  # a lab that may not even read it did not make it
    if theirs:
        logger.warning("the cluster defines VDISessions already: an operator of its own may serve this namespace too")


async def leave(api: KubeClient, *, namespace: str) -> None:
    """Has the namespace deleted, if a lab made it, unless others put something into it.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """

    async def needed() -> bool:
        return await _holds_anything(api, namespace=namespace)

    await give_back(api, path_of(namespace), tenant=namespace, needed=needed)


def path_of(namespace: str) -> str:
    """Returns the namespace's own path in the API."""
    return f"{NAMESPACES}/{namespace}"


async def _holds_anything(api: KubeClient, *, namespace: str) -> bool:
    core = f"{NAMESPACES}/{namespace}"
    kinds = ("pods", "services", "persistentvolumeclaims", "configmaps", "secrets")
    collections = [f"{core}/{kind}" for kind in kinds]
    collections += [f"/apis/apps/v1/namespaces/{namespace}/deployments", sessions_of(namespace)]
    for collection in collections:
        try:
            bodies = await api.list(collection)
        except (NotFound, Forbidden):
            continue
        if any(body["metadata"]["name"] not in EVERYBODYS and not is_going(body) for body in bodies):
            return True
    return False


def _is_served(session: Mapping[str, Any]) -> bool:
    return bool(session["metadata"].get("finalizers") or session.get("status", {}).get("phase"))
