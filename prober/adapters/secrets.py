"""Resolves references to secrets, anew at each read, so that a rotated secret is picked up.

What goes wrong names the reference and never the value. It is `internal`, since which secrets there are is our own
configuration's business; only an outage of the session's own cluster is the target's.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.ids import ClusterName
from prober.domain.reasons import Reason
from prober.domain.target import SecretRef, SecretSource, SessionTemplate
from prober.flow.ports.secrets import Secret, Secrets


class ClusterSecrets(Protocol):
    """The Secrets of one cluster."""

    async def read(self, *, namespace: str, name: str, key: str) -> Secret:
        """Returns the value of a Secret's key.

        Raises:
            TargetFailed: `api_unreachable`.
            ProberFailed: `internal`, when it cannot be read for another cause.
        """


class ReferencedSecrets(Secrets):
    """The port `Secrets` over the environment, files and clusters."""

    def __init__(
        self, *, environ: Mapping[str, str], clusters: Mapping[ClusterName, ClusterSecrets] | None = None
    ) -> None:
        self._environ = environ
        self._clusters = clusters or {}

    async def read(self, ref: SecretRef, session: SessionTemplate) -> Secret:
        """Returns the secret's value of now."""
        if ref.source is SecretSource.KUBERNETES_SECRET:
            return await self._from_cluster(ref, session)
        return await self.read_here(ref)

    async def read_here(self, ref: SecretRef) -> Secret:
        """Returns the value of now of a secret that is kept in no cluster.

        Raises:
            ProberFailed: `internal`, when it cannot be read.
        """
        match ref.source:
            case SecretSource.ENV:
                return self._from_environment(ref)
            case SecretSource.FILE:
                return await _from_file(ref)
            case SecretSource.KUBERNETES_SECRET:
                raise _unreadable(ref, "it is kept in a cluster")

    def _from_environment(self, ref: SecretRef) -> Secret:
        if ref.name not in self._environ:
            raise _unreadable(ref, "the variable is not set")
        return Secret(self._environ[ref.name])

    async def _from_cluster(self, ref: SecretRef, session: SessionTemplate) -> Secret:
        cluster = ref.cluster or session.cluster
        if cluster not in self._clusters:
            raise _unreadable(ref, f"there is no cluster {cluster}")
        if ref.key is None:
            raise _unreadable(ref, "it names no key")
        namespace = ref.namespace or session.namespace
        try:
            return await self._clusters[cluster].read(namespace=namespace, name=ref.name, key=ref.key)
        except TargetFailed as error:
            if cluster == session.cluster:
                raise
            # What is probed does not depend on that cluster: that we do is our own choice.
            raise _unreadable(ref, f"cluster {cluster}: {error.fault.summary}") from error


async def _from_file(ref: SecretRef) -> Secret:
    try:
        text = await asyncio.to_thread(Path(ref.name).read_bytes)
        # One newline at the end is the editor's; a second one is the secret's.
        return Secret(text.removesuffix(b"\n").removesuffix(b"\r").decode())
    except OSError as error:
        raise _unreadable(ref, error.strerror or type(error).__name__) from error
    except UnicodeDecodeError:
        # The exception holds what it could not decode: not chained.
        raise _unreadable(ref, "it is not UTF-8 text") from None


def _unreadable(ref: SecretRef, cause: str) -> ProberFailed:
    return ProberFailed.because(Reason.INTERNAL, f"the secret {ref.source}:{ref.name} cannot be read: {cause}")
