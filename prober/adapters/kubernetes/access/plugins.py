"""The identity that a credentials plugin gives: a command which a kubeconfig names (`exec`).

Both versions of client.authentication.k8s.io that Kubernetes still has are spoken, for tokens and for certificates.
A plugin asks a service and takes seconds: it is asked ahead of the end of what it gave, beside the requests, and
requests wait for it only when there is nothing else to show.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any

from prober.adapters.kubernetes.access import processes
from prober.adapters.kubernetes.access.faults import unusable
from prober.adapters.kubernetes.access.identity import ClientCertificate, Credential, Identity, clean_token
from prober.domain.errors import ProberFailed

API_VERSIONS = frozenset({f"client.authentication.k8s.io/{version}" for version in ("v1", "v1beta1")})

PLUGIN_S = 30.0
"""How long a plugin may take, in seconds: it may ask a service, or wait for a person who is not there."""

RENEW_BEFORE = timedelta(minutes=2)
"""How long before its end a credential is renewed."""

RENEW_SHARE = 0.25
"""The last part of its life in which a credential is renewed, where that is shorter."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A command that gives credentials.

    Attributes:
        place: The kubeconfig that names it, for faults.
        command: Its path or name; its arguments.
        api_version: Which version of the interface it speaks.
        environ: Its environment.
        cluster: What it is told about the cluster, where it wants to know.
    """

    place: str
    command: tuple[str, ...] = field(repr=False)
    api_version: str
    environ: Mapping[str, str] = field(repr=False)
    cluster: Mapping[str, Any] | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"the credentials plugin {PurePath(self.command[0]).name} of {self.place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issued:
    """What a plugin gave.

    Attributes:
        credential: What to show.
        renew_at: From when on the next one is fetched; `None` where it lasts.
        expires_at: From when on it is no good.
    """

    credential: Credential
    renew_at: datetime | None = None
    expires_at: datetime | None = None


class PluginIdentity(Identity):
    """Shows what a plugin gave last, and asks it anew in time."""

    def __init__(self, plugin: Plugin) -> None:
        self.name = f"what {plugin} gave"
        self._plugin = plugin
        self._issued: _Issued | None = None
        self._one_at_a_time = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None

    async def prepare(self) -> Credential | None:
        """Asks the plugin; one that fails is asked again by the first request, for it may be a matter of time."""
        await self._renew_early(None)
        return None if self._issued is None else self._issued.credential

    async def credential(self, *, refused: Credential | None = None) -> Credential:
        """Returns what the plugin gave, and asks it where that is no good any more."""
        issued, now = self._issued, datetime.now(UTC)
        if issued is None or issued.credential == refused or _passed(issued.expires_at, now):
            return (await self._renew(issued)).credential
        if _passed(issued.renew_at, now) and (self._renewal is None or self._renewal.done()):
            self._renewal = asyncio.create_task(self._renew_early(issued), name=f"renewing {self.name}")
        return issued.credential

    async def close(self) -> None:
        """Ends a renewal that is under way, its plugin included."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait({self._renewal})

    async def _renew(self, known: _Issued | None) -> _Issued:
        async with self._one_at_a_time:
            if self._issued is None or self._issued is known:
                self._issued = await _ask(self._plugin)
                _logger.debug("credentials_issued: by %s", self._plugin)
            return self._issued

    async def _renew_early(self, known: _Issued | None) -> None:
        try:
            await self._renew(known)
        except ProberFailed as error:
            _logger.warning("credentials_not_issued: %s", error.fault.summary)


def _passed(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


async def _ask(plugin: Plugin) -> _Issued:
    """Runs a plugin.

    Raises:
        ProberFailed: `internal`, when it gives nothing of use.
    """
    asked = datetime.now(UTC)
    spec = {"interactive": False} | ({} if plugin.cluster is None else {"cluster": plugin.cluster})
    info = json.dumps({"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec})
    try:
        printed = await processes.run(
            plugin.command, environ={**plugin.environ, "KUBERNETES_EXEC_INFO": info}, within_s=PLUGIN_S
        )
    except TimeoutError:
        raise unusable(f"{plugin} gave nothing within {PLUGIN_S:g} s; it must not wait for a person") from None
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else "its words hold a null"
        raise unusable(f"{plugin} cannot be started: {cause}; it has to be installed where the prober runs") from None
    if printed.exit_code != 0:
        summary = f"{plugin} ended with exit code {printed.exit_code}; run it by hand as the prober's user to see why"
        raise unusable(summary)
    return _issued(printed.output, plugin=plugin, asked=asked)


def _issued(output: bytes, *, plugin: Plugin, asked: datetime) -> _Issued:
    try:
        answer = json.loads(output)
        spoken, status = answer["apiVersion"], answer["status"]
        credential = Credential(token=_token(status, plugin=plugin), certificate=_certificate(status))
        expires_at = _moment(status.get("expirationTimestamp"))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise unusable(f"{plugin} printed no ExecCredential; run it by hand as the prober's user to see what") from None
    if spoken != plugin.api_version:
        raise unusable(f"{plugin} does not speak the version that the kubeconfig names, {plugin.api_version}")
    if credential.token is None and credential.certificate is None:
        raise unusable(f"{plugin} gave neither a token nor a certificate with its key")
    if expires_at is None:
        return _Issued(credential=credential)
    margin = min(RENEW_BEFORE, (expires_at - asked) * RENEW_SHARE)
    return _Issued(credential=credential, renew_at=expires_at - margin, expires_at=expires_at)


def _token(status: Mapping[str, Any], *, plugin: Plugin) -> str | None:
    return clean_token(status["token"], place=str(plugin)) if status.get("token") else None


def _certificate(status: Mapping[str, Any]) -> ClientCertificate | None:
    chain, key = status.get("clientCertificateData"), status.get("clientKeyData")
    return ClientCertificate(chain=str(chain), key=str(key)) if chain and key else None


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
