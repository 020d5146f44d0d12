"""The lab as one thing: a Kubernetes API, an operator, desktops, started and stopped together.

This is the lab's composition root. Everything runs in the caller's event loop but the operator,
which has a thread; everything listens on loopback, on ports chosen free. Leaving the context ends
the sessions first, while there is still somebody to end them.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from prober.lab.desktop.access import Credentials
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.desktop.host import DesktopHost
from prober.lab.faults import HEALTHY, FaultSwitch
from prober.lab.furnishing import furnish, vacate
from prober.lab.kube.server import KubeApi
from prober.lab.lock import StateLock
from prober.lab.operator.client import ApiError, KubeClient, connection_info
from prober.lab.operator.runtime import Operator
from prober.lab.operator.session import ALL_SESSIONS, Session
from prober.lab.state import DESKTOP_USER, StateFiles, prober_config

logger = logging.getLogger(__name__)

SECRET_BYTES = 24
"""Of randomness in each password and token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What runs while the lab does."""

    kube: KubeApi
    host: DesktopHost
    operator: Operator
    client: KubeClient


class Lab:
    """An embedded VDI platform that runs while its context is open."""

    def __init__(
        self,
        *,
        state: Path,
        fault: str = HEALTHY,
        templates: Sequence[str] = ("ubuntu-desktop",),
        namespace: str = "vdi",
        every: str = "3m",
    ) -> None:
        """Describes a lab; nothing starts yet.

        Args:
            state: Where `kubeconfig` and `prober.yaml` are written; made where it is missing.
            fault: The fault of every session that chooses none itself.
            templates: The VDITemplates on offer; each becomes a target in `prober.yaml`.
            namespace: Where sessions are made.
            every: The interval between two runs of a target in `prober.yaml`.

        Raises:
            UnknownFaultError: No fault has that name.
        """
        self._files = StateFiles(state)
        self._faults = FaultSwitch(fault)
        self._templates = tuple(templates)
        self._namespace = namespace
        self._every = every
        self._user_token = secrets.token_urlsafe(SECRET_BYTES)
        self._operator_token = secrets.token_urlsafe(SECRET_BYTES)
        self._password = secrets.token_urlsafe(SECRET_BYTES)
        self._stack = AsyncExitStack()
        self._parts: _Parts | None = None

    async def __aenter__(self) -> Self:
        """Starts the platform.

        Raises:
            LabRunningError: Another lab uses the state directory.
            OSError: The state directory cannot be written.
            OperatorError: The operator did not start.
            ApiError: The Kubernetes API refused what the lab needs.
        """
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._parts = None
        await self._stack.aclose()

    @property
    def kubeconfig_path(self) -> Path:
        """Points kubectl at the lab."""
        return self._files.kubeconfig

    @property
    def config_path(self) -> Path:
        """Points the prober at the lab."""
        return self._files.config

    @property
    def password_path(self) -> Path:
        """Holds the desktops' password."""
        return self._files.password

    @property
    def namespace(self) -> str:
        """Where sessions are made."""
        return self._namespace

    @property
    def faults(self) -> FaultSwitch:
        """Chooses the fault of every session that chooses none itself."""
        return self._faults

    @property
    def host(self) -> DesktopHost:
        """The desktops, with the ground truth about them."""
        return self._running().host

    @property
    def kubeconfig(self) -> Mapping[str, Any]:
        """What the kubeconfig file says."""
        return self._running().kube.kubeconfig(token=self._user_token, namespace=self._namespace)

    async def ready(self) -> bool:
        """Whether a session could be served now: the operator serves, the API answers."""
        parts = self._running()
        try:
            await parts.client.list(ALL_SESSIONS)
        except ApiError as error:
            logger.warning("the lab's Kubernetes API does not answer: %s", error)
            return False
        return parts.operator.running

    async def broken(self) -> None:
        """Waits until a part of the lab ended by itself, which none should.

        Raises:
            OperatorError: The operator broke.
        """
        await self._running().operator.ended()

    def _running(self) -> _Parts:
        if self._parts is None:
            raise RuntimeError("the lab is not running")
        return self._parts

    async def _start(self) -> None:
        enter = self._stack.enter_async_context
        await self._move_in()
        tokens = {self._user_token: "probe", self._operator_token: "vdi-operator"}
        kube = await enter(KubeApi(tokens=tokens, tls_dir=self._files.tls))
        credentials = Credentials(username=DESKTOP_USER, password=self._password)
        host = await enter(DesktopHost(credentials=credentials))
        kubeconfig = kube.kubeconfig(token=self._operator_token, namespace=self._namespace)
        client = await enter(KubeClient(connection_info(kubeconfig)))
        await furnish(client, namespace=self._namespace, templates=self._templates)
        desktops = _HostedDesktops(host)
        operator = await enter(Operator(kubeconfig, desktops=desktops, faults=self._faults))
        self._parts = _Parts(kube=kube, host=host, operator=operator, client=client)
        self._stack.push_async_callback(self._vacate, client=client, operator=operator)
        await asyncio.to_thread(self._write_files)

    async def _move_in(self) -> None:
        """Makes the state directory ours."""
        await asyncio.to_thread(self._files.make_directory)
        lock = StateLock(self._files.directory)
        self._stack.push_async_callback(asyncio.to_thread, lock.release)
        await asyncio.to_thread(lock.acquire)
        self._stack.push_async_callback(asyncio.to_thread, self._files.remove)
        await asyncio.to_thread(self._files.prepare)

    def _write_files(self) -> None:
        config = prober_config(self._files, namespace=self._namespace, templates=self._templates, every=self._every)
        self._files.write(kubeconfig=self.kubeconfig, config=config, password=self._password)

    async def _vacate(self, *, client: KubeClient, operator: Operator) -> None:
        self._faults.disarm()
        try:
            await vacate(client, namespace=self._namespace, operator=operator)
        except ApiError as error:
            logger.warning("sessions may be left in the lab's cluster: %s", error)


class _HostedDesktops:
    """The host's desktops, as the operator knows them."""

    def __init__(self, host: DesktopHost) -> None:
        self._host = host

    async def open(self, session: Session, *, behaviour: Behaviour) -> str:
        """Serves a session's desktop; returns its URL."""
        self._host.open(session.uid, session.route, behaviour, name=session.name)
        return self._host.url_of(session.route)

    async def serves(self, session: Session) -> bool:
        """Whether a session's desktop is open."""
        return self._host.serves(session.uid)

    async def close(self, session: Session) -> None:
        """Ends a session's desktop, if there is one."""
        await self._host.close(session.uid)
