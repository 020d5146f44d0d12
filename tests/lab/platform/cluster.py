"""A Kubernetes API without an operator; the calls of whoever plays the operator can be made to fail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from prober.lab.furnishing import furnish
from prober.lab.kube.http import USER
from prober.lab.kube.server import KubeApi
from prober.lab.operator.client import KubeClient, connection_info

OPERATOR = "operator"
OBSERVER = "observer"


class Outage:
    """Answers 503 to the operator's next calls of some methods.

    Attributes:
        left: How many calls are still to fail, by method.
    """

    def __init__(self) -> None:
        self.left: dict[str, int] = {}

    @web.middleware
    async def strike(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Fails the call, or lets it pass."""
        if request[USER] == OPERATOR and self.left.get(request.method, 0) > 0:
            self.left[request.method] -= 1
            return web.json_response({"message": "outage"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
        return await handler(request)

    async def over(self) -> bool:
        """Whether all calls that were to fail have failed."""
        return not any(self.left.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster with the platform's definitions, the namespace `vdi`, a template.

    Attributes:
        operator: Whose calls may fail.
        observer: Whose calls never fail.
        outage: Makes calls fail.
    """

    operator: KubeClient
    observer: KubeClient
    outage: Outage


@asynccontextmanager
async def running_cluster(tls_dir: Path) -> AsyncIterator[Cluster]:
    """Runs the API of a cluster."""
    outage = Outage()
    tokens = {name: name for name in (OPERATOR, OBSERVER)}
    async with (
        KubeApi(tokens=tokens, tls_dir=tls_dir, middlewares=[outage.strike]) as kube,
        KubeClient(connection_info(kube.kubeconfig(token=OPERATOR))) as operator,
        KubeClient(connection_info(kube.kubeconfig(token=OBSERVER))) as observer,
    ):
        await furnish(observer, namespace="vdi", templates=["ubuntu-desktop"])
        yield Cluster(operator=operator, observer=observer, outage=outage)
