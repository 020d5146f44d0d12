"""What a lab brings into its cluster at the start, with what it takes out again at the end.

Both go through the Kubernetes API, so they serve an embedded and a real cluster alike. A real one has
other people's sessions in it: only what the lab's own operator took up is taken out.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import Any, Protocol

from prober.lab.operator.client import ApiError, KubeClient, NotFound
from prober.lab.operator.lifecycle import TEMPLATES
from prober.lab.operator.manifests import MADE_BY_LAB, SESSION_LABEL, collection
from prober.lab.operator.session import API_VERSION, FINALIZER, GROUP, Session, sessions_of
from prober.lab.plan import ChildKind

logger = logging.getLogger(__name__)

LEAVE_LIMIT_S = 10.0
"""How long the operator may take to end the sessions that are left, in seconds."""

LEAVE_CHECK_S = 0.1
"""How often that is looked at, in seconds."""


class Server(Protocol):
    """Who serves the sessions: the lab's operator."""

    @property
    def running(self) -> bool:
        """Whether it serves; without it, finalizers are removed at once."""

    @property
    def taken_up(self) -> tuple[Session, ...]:
        """The sessions that it took up, those that are gone included."""


async def furnish(api: KubeClient, *, namespace: str, templates: Iterable[str]) -> None:
    """Makes the namespace and the templates, where they are missing.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    await api.ensure("/api/v1/namespaces", body)
    for template in templates:
        await api.ensure(TEMPLATES, template_body(template))


async def vacate(api: KubeClient, *, namespace: str, operator: Server) -> None:
    """Ends the sessions of the namespace that the operator took up, then removes what they left behind there.

    Args:
        api: The cluster.
        namespace: Where the lab's own sessions live.
        operator: Ends them.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """
    ours = tuple(session for session in operator.taken_up if session.namespace == namespace)
    for body in await _left(api, ours, namespace=namespace):
        await api.discard(_path(body))
    if not await _all_gone(api, ours, namespace=namespace, operator=operator):
        for body in await _left(api, ours, namespace=namespace):
            await _release(api, body)
    living = {body["metadata"]["name"] for body in await api.list(sessions_of(namespace))}
    for kind in ChildKind:
        await _clear(api, collection(kind, namespace=namespace), living=living)


def template_body(name: str) -> dict[str, object]:
    """Returns a VDITemplate of the lab's own."""
    return {
        "apiVersion": API_VERSION,
        "kind": "VDITemplate",
        "metadata": {"name": name},
        "spec": {"image": f"{GROUP}/{name}:lab"},
    }


async def _left(api: KubeClient, sessions: Collection[Session], *, namespace: str) -> list[dict[str, Any]]:
    """Those of the sessions that are still there, as the API returns them."""
    uids = {session.uid for session in sessions}
    bodies = await api.list(sessions_of(namespace))
    return [body for body in bodies if body["metadata"]["uid"] in uids]


async def _all_gone(api: KubeClient, sessions: Collection[Session], *, namespace: str, operator: Server) -> bool:
    try:
        async with asyncio.timeout(LEAVE_LIMIT_S):
            while await _left(api, sessions, namespace=namespace):
                if not operator.running:
                    return False
                await asyncio.sleep(LEAVE_CHECK_S)
    except TimeoutError:
        return False
    return True


async def _release(api: KubeClient, body: dict[str, Any]) -> None:
    """Lets a session go without its operator; other finalizers than the operator's stay."""
    metadata = body["metadata"]
    logger.warning("session %s is removed without its operator", metadata["name"])
    kept = [name for name in metadata.get("finalizers", ()) if name != FINALIZER]
    try:
        await api.patch(_path(body), {"metadata": {"finalizers": kept}})
    except NotFound:
        return
    except ApiError as error:
        logger.warning("session %s stays: %s", metadata["name"], error)


async def _clear(api: KubeClient, path: str, *, living: Collection[str]) -> None:
    """Removes from a collection what a lab's operator made for sessions that are gone, a killed lab's included."""
    for body in await api.list(path, labels=MADE_BY_LAB):
        metadata = body["metadata"]
        if metadata["labels"].get(SESSION_LABEL) not in living:
            await api.discard(f"{path}/{metadata['name']}")


def _path(body: dict[str, Any]) -> str:
    metadata = body["metadata"]
    return f"{sessions_of(metadata['namespace'])}/{metadata['name']}"
