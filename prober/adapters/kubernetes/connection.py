"""Opens the API server of one cluster, with the identity that a Pod or a kubeconfig gives.

Whatever the library raises over a kubeconfig may quote it, credentials included, so nothing of that is chained or
repeated: the fault names the file and the context.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import cast

import yaml
from kubernetes_asyncio.client import ApiClient, Configuration
from kubernetes_asyncio.config import ConfigException, load_kube_config
from kubernetes_asyncio.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)
from kubernetes_asyncio.config.kube_config import KubeConfigLoader

from prober import __version__
from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.plugins import PLUGIN_S, run_off_loop
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason

RENEW_BEFORE = timedelta(minutes=5)
"""How long before its end a plugin's token is renewed: the library's own margin."""

_UNUSABLE = (
    ConfigException,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    AssertionError,
    yaml.YAMLError,
)
"""What the library raises over kubeconfigs that are not what they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InCluster:
    """The cluster that we run in, as our Pod's service account.

    Attributes:
        environ: The environment, which names the API server's address.
        token_file: The service account's token; read anew each minute, since it is rotated.
        ca_file: The cluster's certificate authority.
    """

    environ: Mapping[str, str]
    token_file: Path = Path(SERVICE_TOKEN_FILENAME)
    ca_file: Path = Path(SERVICE_CERT_FILENAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """A cluster that a kubeconfig file names; without a context it is the file's current one."""

    path: Path
    context: str | None = None


@asynccontextmanager
async def connect(where: InCluster | Kubeconfig) -> AsyncIterator[ApiServer]:
    """Opens a cluster's API server; leaving the block closes its connections. No request is made yet.

    Raises:
        ProberFailed: `internal`, when the identity cannot be loaded.
    """
    configuration = await asyncio.to_thread(_identity, where)
    try:
        client = ApiClient(configuration)
    except OSError as error:
        raise ProberFailed.because(Reason.INTERNAL, f"a certificate or key cannot be loaded: {error}") from error
    client.user_agent = f"vdi-prober/{__version__}"
    async with client:
        yield ApiServer(client)


def _identity(where: InCluster | Kubeconfig) -> Configuration:
    """Reads files, and may write one for TLS: a thread of its own keeps that off the event loop."""
    return _in_cluster(where) if isinstance(where, InCluster) else _from_kubeconfig(where)


def _in_cluster(where: InCluster) -> Configuration:
    configuration = Configuration()
    loader = InClusterConfigLoader(
        token_filename=str(where.token_file), cert_filename=str(where.ca_file), environ=dict(where.environ)
    )
    try:
        loader.load_and_set(configuration)
    except (ConfigException, OSError) as error:
        raise ProberFailed.because(Reason.INTERNAL, f"we do not run in a Pod with a service account: {error}") from None
    read_token = cast("Callable[[Configuration], None]", configuration.refresh_api_key_hook)

    async def renew(current: Configuration) -> None:
        await asyncio.to_thread(read_token, current)

    configuration.refresh_api_key_hook = _translated(renew)
    return configuration


def _from_kubeconfig(where: Kubeconfig) -> Configuration:
    if not where.path.is_file():
        raise ProberFailed.because(Reason.INTERNAL, f"the kubeconfig {where.path} does not exist")
    configuration = Configuration()
    try:
        loader = run_off_loop(
            load_kube_config(
                config_file=str(where.path),
                context=where.context,
                client_configuration=configuration,
                persist_config=False,
            )
        )
    except TimeoutError:
        summary = f"the credentials plugin of the kubeconfig {where.path} gave nothing within {PLUGIN_S:g} s"
        raise ProberFailed.because(Reason.INTERNAL, summary) from None
    except _UNUSABLE:
        context = f" (context {where.context})" if where.context else ""
        summary = f"the kubeconfig {where.path}{context} cannot be used: it is incomplete, or has no such context"
        raise ProberFailed.because(Reason.INTERNAL, summary) from None
    if hasattr(loader, "exec_plugin_expiry"):
        configuration.refresh_api_key_hook = _translated(partial(_renew_plugin_token, loader))
    return configuration


async def _renew_plugin_token(loader: KubeConfigLoader, configuration: Configuration) -> None:
    """Asks a plugin anew when its token, which lives for minutes, is about to expire."""
    if loader.exec_plugin_expiry - datetime.now(UTC) > RENEW_BEFORE:
        return
    await asyncio.to_thread(run_off_loop, loader.load_from_exec_plugin())
    configuration.api_key["BearerToken"] = loader.token


def _translated(renew: Callable[[Configuration], Awaitable[None]]) -> Callable[[Configuration], Awaitable[None]]:
    async def renew_or_fail(configuration: Configuration) -> None:
        try:
            await renew(configuration)
        except _UNUSABLE:
            summary = "our credentials for the API server could not be renewed"
            raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None

    return renew_or_fail
