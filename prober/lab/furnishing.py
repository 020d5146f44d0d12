"""What a lab brings into its cluster at the start, with what it takes out again at the end.

Both go through the Kubernetes API, so they serve an embedded and a real cluster alike.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from prober.lab.operator.client import ApiError, KubeClient
from prober.lab.operator.lifecycle import TEMPLATES
from prober.lab.operator.manifests import SESSION_LABEL, collection
from prober.lab.operator.plan import ChildKind
from prober.lab.operator.session import ALL_SESSIONS, API_VERSION, GROUP, parse_session

logger = logging.getLogger(__name__)

LEAVE_LIMIT_S = 10.0
"""How long the operator may take to end the sessions that are left, in seconds."""

LEAVE_CHECK_S = 0.1
"""How often that is looked at, in seconds."""


async def furnish(api: KubeClient, *, namespace: str, templates: Iterable[str]) -> None:
    """Makes the namespace and the templates, where they are missing.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    await api.ensure("/api/v1/namespaces", body)
    for template in templates:
        await api.ensure(TEMPLATES, _template(template))


async def vacate(api: KubeClient, *, namespace: str, served: Callable[[], bool]) -> None:
    """Ends every session, then removes every child that a session left behind in the namespace.

    Args:
        api: The cluster.
        namespace: Where the lab's own sessions live.
        served: Whether the operator still serves; without it, finalizers are removed at once.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """
    for body in await api.list(ALL_SESSIONS):
        await api.discard(parse_session(body).path)
    if not await _all_gone(api, served=served):
        await _release(api)
    for kind in ChildKind:
        path = collection(kind, namespace=namespace)
        for body in await api.list(path, labels=SESSION_LABEL):
            await api.discard(f"{path}/{body['metadata']['name']}")


async def _all_gone(api: KubeClient, *, served: Callable[[], bool]) -> bool:
    try:
        async with asyncio.timeout(LEAVE_LIMIT_S):
            while await api.list(ALL_SESSIONS):
                if not served():
                    return False
                await asyncio.sleep(LEAVE_CHECK_S)
    except TimeoutError:
        return False
    return True


async def _release(api: KubeClient) -> None:
    for body in await api.list(ALL_SESSIONS):
        session = parse_session(body)
        logger.warning("session %s is removed without its operator", session.name)
        try:
            await api.patch(session.path, {"metadata": {"finalizers": None}})
        except ApiError as error:
            logger.warning("session %s stays: %s", session.name, error)


def _template(name: str) -> dict[str, object]:
    return {
        "apiVersion": API_VERSION,
        "kind": "VDITemplate",
        "metadata": {"name": name},
        "spec": {"image": f"{GROUP}/{name}:lab"},
    }
