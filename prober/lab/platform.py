"""The lab as one thing: a cluster, an operator, desktops, started and stopped together.

This is the lab's composition root. The cluster is one of the lab's own, or a real one. Everything runs in
the caller's event loop but the operator, which has a thread. Every server listens on loopback, on ports chosen
free; media on a direct path does not: as everywhere, ICE offers it on each of the machine's addresses, on UDP
ports of one session each. Leaving the context ends the sessions first, while there is still somebody to end them.
"""

import asyncio
import logging
import secrets
import ssl
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from prober.domain.transport import NetworkPolicy
from prober.lab.abilities import faults_of
from prober.lab.cluster.choice import Cluster, Embedded, OpenCluster
from prober.lab.cluster.tenancy import Tenancy
from prober.lab.desktop.access import Credentials
from prober.lab.desktop.host import LOOPBACK, DesktopHost
from prober.lab.faults import HEALTHY, FaultSwitch, path_for
from prober.lab.furnishing import furnish, vacate
from prober.lab.hosting import Hosting, hosting
from prober.lab.kinds import DesktopKind
from prober.lab.kube.tls import CertificateAuthority
from prober.lab.lock import StateLock
from prober.lab.operator.client import ApiError, KubeClient, connection_info
from prober.lab.operator.runtime import Operator
from prober.lab.operator.session import sessions_of
from prober.lab.racing import first_of
from prober.lab.state import DESKTOP_CERTIFICATE, DESKTOP_USER, StateFiles, prober_config
from prober.lab.turn.relay import Relay

logger = logging.getLogger(__name__)

SECRET_BYTES = 24
"""Of randomness in the desktops' password."""

_ODD_SIGNS = '/+"&<%\\'
"""What ends the desktops' password: signs that every encoding writes its own way, as people's passwords have."""

NAMESPACE = "vdi"
"""Where sessions are made, unless somebody chooses otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What runs while the lab does."""

    cluster: OpenCluster
    relay: Relay
    hosting: Hosting
    operator: Operator
    client: KubeClient
    tenancy: Tenancy | None


class Lab:
    """A VDI platform that runs while its context is open."""

    def __init__(
        self,
        *,
        state: Path,
        fault: str = HEALTHY,
        templates: Sequence[str] = ("ubuntu-desktop",),
        namespace: str = NAMESPACE,
        every: str = "3m",
        cluster: Cluster | None = None,
        path: NetworkPolicy | None = None,
        desktop: DesktopKind = DesktopKind.SYNTHETIC,
        address: str = LOOPBACK,
        certificate: timedelta | None = None,
    ) -> None:
        """Describes a lab; nothing starts yet.

        Args:
            state: Where `kubeconfig` and `prober.yaml` are written; made where it is missing.
            fault: The fault of every session that chooses none itself; several with commas between.
            templates: The VDITemplates on offer; each becomes a target in `prober.yaml`.
            namespace: Where sessions are made.
            every: The interval between two runs of a target in `prober.yaml`.
            cluster: Where all this happens; `None` for a cluster of the lab's own, which is gone with it.
            path: Which network path the media takes; `None` for the one on which the fault is noticed.
            desktop: Of which kind the desktops are.
            address: Where synthetic desktops listen: an IPv4 address of this machine.
            certificate: For how long that of synthetic desktops is valid, which are served over HTTPS then; `None` for
                plain HTTP.

        Raises:
            FaultError: No fault has that name, or such a lab cannot play it, or not those at once.
            UnnoticedFaultError: On that path nobody would notice it.
        """
        self._files = StateFiles(state)
        self._faults = FaultSwitch(fault, among=faults_of(desktop, own_cluster=cluster is None))
        self._desktop = desktop
        self._address = address
        self._certificate = certificate
        self._templates = tuple(templates)
        self._namespace = namespace
        self._every = every
        self._path = path_for(fault, chosen=path)
        self._cluster = Embedded(faults=self._faults) if cluster is None else cluster
        self._password = secrets.token_urlsafe(SECRET_BYTES) + _ODD_SIGNS
        self._stack = AsyncExitStack()
        self._parts: _Parts | None = None

    async def __aenter__(self) -> Self:
        """Starts the platform.

        Raises:
            LabRunningError: Another lab uses the state directory.
            OSError: The state directory cannot be written, or nobody can listen on the address.
            ClusterError: The lab cannot work in the cluster that was chosen; the message says what to mend.
            OperatorError: The operator did not start.
            ApiError: The Kubernetes API refused what the lab needs.
            TurnError: The TURN server did not start; the message says what to mend.
            MissingProgramsError: The programs of such desktops are not installed; the message says how to get them.
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
        """The synthetic desktops, with the ground truth about them."""
        host = self._running().hosting.synthetic
        if host is None:
            raise RuntimeError("nobody but a synthetic desktop knows what really happened")
        return host

    @property
    def kubeconfig(self) -> Mapping[str, Any]:
        """What the kubeconfig file says."""
        return self._running().cluster.kubeconfig

    @property
    def place(self) -> str:
        """Says which cluster it is, where that is not the lab's own: address, version, namespace; else empty."""
        parts = self._running()
        if parts.tenancy is None:
            return ""
        return f"{parts.tenancy.server}, Kubernetes {parts.tenancy.version}, namespace {self._namespace}"

    async def ready(self) -> bool:
        """Whether a session could be served now: the operator serves, the API answers."""
        parts = self._running()
        try:
            await parts.client.list(sessions_of(self._namespace))
        except ApiError as error:
            logger.warning("the lab's Kubernetes API does not answer: %s", error)
            return False
        return parts.operator.running

    async def broken(self) -> None:
        """Waits until a part of the lab ended by itself, which none should.

        Raises:
            OperatorError: The operator broke.
            TurnError: The TURN server ended.
            NamespaceTakenError: Another lab took the namespace over, while we could not reach the API server.
        """
        parts = self._running()
        guards = {"operator_guard": parts.operator.ended(), "turn_guard": parts.relay.broken()}
        if parts.tenancy is not None:
            guards["tenancy_guard"] = parts.tenancy.lost()
        await first_of(**guards)

    def _running(self) -> _Parts:
        if self._parts is None:
            raise RuntimeError("the lab is not running")
        return self._parts

    async def _start(self) -> None:
        enter = self._stack.enter_async_context
        await self._move_in()
        cluster = await enter(self._cluster.opened(namespace=self._namespace, tls=self._files.tls))
        relay = await enter(Relay(directory=self._files.turn, always=self._path is NetworkPolicy.RELAY))
        credentials = Credentials(username=DESKTOP_USER, password=self._password)
        place = hosting(
            self._desktop,
            credentials=credentials,
            directory=self._files.desktops,
            relay=relay,
            address=self._address,
            tls=await asyncio.to_thread(self._tls),
        )
        hosts = await enter(place)
        client = await enter(KubeClient(connection_info(cluster.operator)))
        tenancy = await self._settle(client, shared=cluster.shared)
        operator = Operator(
            cluster.operator,
            desktops=hosts.desktops,
            faults=self._faults,
            namespace=self._namespace if cluster.shared else None,
        )
        await enter(operator)
        self._parts = _Parts(
            cluster=cluster, relay=relay, hosting=hosts, operator=operator, client=client, tenancy=tenancy
        )
        self._stack.push_async_callback(self._vacate, client=client, operator=operator)
        await asyncio.to_thread(self._write_files)

    async def _settle(self, client: KubeClient, *, shared: bool) -> Tenancy | None:
        """Brings into the cluster what the lab needs; what it brought into somebody else's goes at the end."""
        if not shared:
            await furnish(client, namespace=self._namespace, templates=self._templates)
            return None
        tenancy = Tenancy(client, namespace=self._namespace, templates=self._templates)
        return await self._stack.enter_async_context(tenancy)

    async def _move_in(self) -> None:
        """Makes the state directory ours."""
        await asyncio.to_thread(self._files.make_directory)
        lock = StateLock(self._files.directory)
        self._stack.push_async_callback(asyncio.to_thread, lock.release)
        await asyncio.to_thread(lock.acquire)
        self._stack.push_async_callback(asyncio.to_thread, self._files.remove)
        await asyncio.to_thread(self._files.prepare)

    def _tls(self) -> ssl.SSLContext | None:
        """Returns what synthetic desktops are served over HTTPS with, if they are."""
        if self._certificate is None:
            return None
        authority = CertificateAuthority(name="vdi-prober lab desktops")
        return authority.issue(self._files.tls, name=DESKTOP_CERTIFICATE, lifetime=self._certificate).context()

    def _write_files(self) -> None:
        config = prober_config(
            self._files,
            namespace=self._namespace,
            templates=self._templates,
            every=self._every,
            path=self._path,
            desktop=self._desktop,
            https=self._certificate is not None,
        )
        self._files.write(kubeconfig=self.kubeconfig, config=config, password=self._password)

    async def _vacate(self, *, client: KubeClient, operator: Operator) -> None:
        self._faults.disarm()
        try:
            await vacate(client, namespace=self._namespace, operator=operator)
        except ApiError as error:
            logger.warning("sessions may be left in the lab's cluster: %s", error)
