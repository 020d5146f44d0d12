"""What a Pod's containers have written: nothing, since nobody runs them.

The answers are those of a real API server about a Pod that no node has taken (k8s.io/kubernetes/pkg/registry/core/pod,
`LogLocation`): no content for a container that it has, a Status for everything else.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from prober.lab.kube.errors import BadRequestError
from prober.lab.kube.operations import Key
from prober.lab.kube.resources import PODS
from prober.lab.kube.store import Store

ROUTE = "/api/v1/namespaces/{namespace}/pods/{name}/log"


class PodLogs:
    """Serves the logs of the Pods of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request for a Pod's log.

        Raises:
            BadRequestError: it does not name a container that the Pod has.
            NotFoundError: there is no such Pod.
        """
        place = request.match_info
        pod = self._store.get(Key(resource=PODS, name=place["name"], namespace=place["namespace"]))
        _check_container(request.query.get("container", ""), pod=pod)
        return web.Response(status=HTTPStatus.NO_CONTENT)


def _check_container(wanted: str, *, pod: Mapping[str, Any]) -> None:
    name, spec = pod["metadata"]["name"], pod["spec"]
    containers = [container["name"] for container in spec["containers"]]
    others = [container["name"] for container in spec.get("initContainers") or ()]
    if not wanted and len(containers) > 1:
        choices = " ".join(containers)
        raise BadRequestError(f"a container name must be specified for pod {name}, choose one of: [{choices}]")
    if wanted and wanted not in containers + others:
        raise BadRequestError(f"container {wanted} is not valid for pod {name}")
