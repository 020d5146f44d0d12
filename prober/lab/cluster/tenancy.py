"""A lab's stay in a cluster that belongs to others: what it does at arrival, then undoes at departure.

Arrival asks first whether the lab may do what it does, then makes sure that it alone serves its namespace,
before it touches anything that labs share: so one that is refused has disturbed nobody. Departure is the
reverse, leaves what was there before, and what others have come to need.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Self

from prober.lab.cluster.belongings import claim, give_back, is_going, until_gone
from prober.lab.cluster.definitions import install_crds, remove_crds
from prober.lab.cluster.errors import ClusterError, ClusterUnreachableError, NameRefusedError, PermissionMissingError
from prober.lab.cluster.lease import NamespaceLease
from prober.lab.cluster.occupancy import check_free, leave, occupy, path_of, warn_of_an_operator
from prober.lab.cluster.permissions import check_permissions
from prober.lab.furnishing import template_body
from prober.lab.operator.client import ApiError, Forbidden, KubeClient, NotFound
from prober.lab.operator.lifecycle import TEMPLATES

logger = logging.getLogger(__name__)

LEAVE_LIMIT_S = 15.0
"""How long the lab waits for what it had deleted to be gone, in seconds; an empty namespace takes about 5."""


class Tenancy:
    """Keeps a place in a cluster while the context is open.

    Attributes:
        server: The API server's address.
        version: The API server's version, such as "v1.34.4"; empty before the context is open.
    """

    def __init__(self, api: KubeClient, *, namespace: str, templates: Iterable[str]) -> None:
        """Describes a stay; nothing is asked for yet.

        Args:
            api: The cluster.
            namespace: Where sessions are served; made where it is missing.
            templates: The VDITemplates on offer; made where they are missing.
        """
        self._api = api
        self._namespace = namespace
        self._templates = tuple(templates)
        self._lease = NamespaceLease(api, namespace=namespace)
        self._stack = AsyncExitStack()
        self._unreachable = False
        self.server = api.server
        self.version = ""

    async def __aenter__(self) -> Self:
        """Moves in.

        Raises:
            ClusterError: Something has to be mended first: the way in, permissions, the place is taken.
            ApiError: The API server refused otherwise.
        """
        try:
            await self._arrive()
        except BaseException as error:
            await self._stack.aclose()
            if isinstance(error, ApiError) and (explained := self._explained(error)) is not None:
                raise explained from error
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def lost(self) -> None:
        """Waits until the place was lost to another lab.

        Raises:
            NamespaceTakenError: It was.
        """
        await self._lease.lost()

    async def _arrive(self) -> None:
        api, namespace = self._api, self._namespace
        self.version = str((await api.get("/version")).get("gitVersion", "unknown"))
        await check_permissions(api, namespace=namespace)
        await occupy(api, namespace=namespace)
        self._at_departure(self._await_namespace)
        await self._stack.enter_async_context(self._lease)
        self._at_departure(partial(leave, api, namespace=namespace))
        self._at_departure(partial(remove_crds, api, tenant=namespace))
        await install_crds(api, tenant=namespace)
        if not self._lease.inherited:
            await check_free(api, namespace=namespace)
        await warn_of_an_operator(api)
        for template in self._templates:
            self._at_departure(partial(give_back, api, f"{TEMPLATES}/{template}", tenant=namespace))
            await claim(api, TEMPLATES, template_body(template), tenant=namespace)

    def _explained(self, error: ApiError) -> ClusterError | None:
        """What whoever started the lab has to mend; `None` where that is not known."""
        match error.status:
            case 0:
                return ClusterUnreachableError(
                    f"the API server {self.server} cannot be reached ({error}); check its address in the kubeconfig"
                )
            case HTTPStatus.UNAUTHORIZED:
                return ClusterUnreachableError(
                    f"the API server {self.server} does not accept the kubeconfig's credentials; have them renewed"
                )
            case HTTPStatus.FORBIDDEN:
                return PermissionMissingError(
                    f"the kubeconfig's user may not make what the lab needs: {error}; let an administrator make it, "
                    "or use the kubeconfig of one"
                )
            case HTTPStatus.UNPROCESSABLE_ENTITY:
                return NameRefusedError(
                    f"the cluster does not accept what the lab makes: {error}; choose another name with --namespace"
                )
        return None

    def _at_departure(self, call: Callable[[], Awaitable[None]]) -> None:
        """Has something done at the end; where it fails the rest is done all the same, if somebody still answers."""

        async def done() -> None:
            if self._unreachable:
                return
            try:
                await call()
            except ApiError as error:
                self._unreachable = error.status == 0
                logger.warning("something of the lab is left in the cluster: %s", error)

        self._stack.push_async_callback(done)

    async def _await_namespace(self) -> None:
        """Waits until the namespace is gone, if it goes: its name cannot be used again before."""
        path = path_of(self._namespace)
        try:
            going = is_going(await self._api.get(path))
        except (NotFound, Forbidden):
            return
        if going and not await until_gone(self._api, path, within_s=LEAVE_LIMIT_S):
            logger.warning("namespace %s is still being deleted", self._namespace)
