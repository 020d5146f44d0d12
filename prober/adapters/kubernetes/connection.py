"""Opens the API server of one cluster, with the identity that a Pod or a kubeconfig gives."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kubernetes_asyncio.client import ApiClient, Configuration
from kubernetes_asyncio.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_HOST_ENV_NAME,
    SERVICE_PORT_ENV_NAME,
    SERVICE_TOKEN_FILENAME,
)

from prober import __version__
from prober.adapters.kubernetes.access.faults import unusable
from prober.adapters.kubernetes.access.identity import Identity
from prober.adapters.kubernetes.access.kubeconfig import Entry, Kubeconfig, read_context, read_text
from prober.adapters.kubernetes.access.proxies import Proxy, environment_proxy, parse_proxy
from prober.adapters.kubernetes.access.tls import Trust
from prober.adapters.kubernetes.access.transport import Transport
from prober.adapters.kubernetes.access.users import token_file_identity, user_identity
from prober.adapters.kubernetes.api import ApiServer, Link

__all__ = ["InCluster", "Kubeconfig", "connect", "open_link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InCluster:
    """The cluster that we run in, as our Pod's service account.

    Attributes:
        environ: The environment, which names the API server's address and a proxy where there is one.
        token_file: The service account's token, which the kubelet rotates.
        ca_file: The cluster's certificate authority.
    """

    environ: Mapping[str, str] = field(repr=False)
    token_file: Path = Path(SERVICE_TOKEN_FILENAME)
    ca_file: Path = Path(SERVICE_CERT_FILENAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access:
    """All that it takes to speak with one API server."""

    server: str
    identity: Identity
    trust: Trust
    proxy: Proxy | None


@asynccontextmanager
async def connect(where: InCluster | Kubeconfig) -> AsyncIterator[ApiServer]:
    """Opens a cluster's API server; leaving the block closes its connections. No request is made to it yet.

    Raises:
        ProberFailed: `internal`, when the way or the identity that is described cannot be taken. A credentials plugin
            that fails is asked again by the first request, and is that one's fault.
    """
    async with open_link(where) as link:

        async def opened() -> Link:
            return link

        yield ApiServer(opened)


@asynccontextmanager
async def open_link(where: InCluster | Kubeconfig) -> AsyncIterator[Link]:
    """Opens the way to a cluster's API server, as `connect` does.

    Raises:
        ProberFailed: As `connect`.
    """
    access = await asyncio.to_thread(_access, where)
    first = await access.identity.prepare()
    # For its faults only: what is wrong with a certificate shall be told now.
    await asyncio.to_thread(access.trust.context, first.certificate if first else None)
    async with await _client(access) as client:
        yield Link(client=client, identity=access.identity.name)


async def _client(access: _Access) -> ApiClient:
    # A configuration of its own: the library's default one is the same for everybody in the process.
    configuration = Configuration()
    configuration.host = access.server
    client = ApiClient(configuration)
    client.user_agent = f"vdi-prober/{__version__}"
    # As far as the library's types go, only a session of its own will do.
    requests: Any = client.rest_client
    await requests.close()
    requests.pool_manager = Transport(identity=access.identity, trust=access.trust, proxy=access.proxy)
    return client


def _access(where: InCluster | Kubeconfig) -> _Access:
    """Reads files: a thread of its own keeps that off the event loop."""
    return _in_cluster(where) if isinstance(where, InCluster) else _from_kubeconfig(where)


def _in_cluster(where: InCluster) -> _Access:
    host, port = (where.environ.get(name) for name in (SERVICE_HOST_ENV_NAME, SERVICE_PORT_ENV_NAME))
    if not host or not port:
        summary = f"we do not run in a Pod: {SERVICE_HOST_ENV_NAME} or {SERVICE_PORT_ENV_NAME} is not set"
        raise unusable(f"{summary}; outside of the cluster a kubeconfig is needed")
    place = "our Pod's service account"
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    authority = read_text(where.ca_file, what=f"the certificate authority of {place}")
    return _Access(
        server=server,
        identity=token_file_identity(where.token_file),
        trust=Trust(place=place, authority=authority),
        proxy=environment_proxy(server, environ=where.environ),
    )


def _from_kubeconfig(where: Kubeconfig) -> _Access:
    context = read_context(where)
    cluster = context.cluster
    server, proxy = _server(cluster), cluster.text("proxy-url")
    return _Access(
        server=server,
        identity=user_identity(context, environ=where.environ),
        trust=Trust(
            place=cluster.place,
            authority=cluster.pem("certificate-authority"),
            verified=not cluster.flag("insecure-skip-tls-verify"),
            server_name=cluster.text("tls-server-name"),
        ),
        proxy=parse_proxy(proxy, source=f"proxy-url of {cluster.place}")
        if proxy
        else environment_proxy(server, environ=where.environ),
    )


def _server(cluster: Entry) -> str:
    server = (cluster.text("server") or "").rstrip("/")
    try:
        parts = urlsplit(server)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:
        usable = False
    if not usable:
        raise unusable(f"{cluster.place} has a cluster whose server is no https://HOST:PORT")
    return server
