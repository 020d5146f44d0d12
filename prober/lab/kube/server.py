"""The lab's Kubernetes API as a running server: the entrance of this package."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from aiohttp import web
from aiohttp.typedefs import Middleware

from prober.lab.kube.http import make_app
from prober.lab.kube.resources import DEFINITIONS, NAMESPACES, Obj
from prober.lab.kube.store import Store
from prober.lab.kube.tls import CertificateAuthority

HOST = "127.0.0.1"
CERTIFICATE_NAME = "kube-api"
"""What the server's certificate and key are called, without their suffixes."""

_SHUTDOWN_S = 1.0  # watches end by themselves at once; this is for requests in flight


class KubeApi:
    """An API server on a free port of loopback, from `async with` on until its end.

    Args:
        tokens: the name of the user behind each accepted bearer token.
        tls_dir: where the server's certificate and key are written; must exist.
        namespaces: which namespaces exist from the start.
        store: the objects; by default an empty cluster.
        authority: signs the server's certificate; by default one of its own.
        middlewares: what else every authenticated request passes.

    Attributes:
        store: the objects; what is written here is seen by watches at once.
        url: the address, `https://127.0.0.1:PORT`; empty until the server runs.
        ca_pem: the certificate authority that clients have to trust.
    """

    def __init__(
        self,
        *,
        tokens: Mapping[str, str],
        tls_dir: Path,
        namespaces: Sequence[str] = ("default",),
        store: Store | None = None,
        authority: CertificateAuthority | None = None,
        middlewares: Sequence[Middleware] = (),
    ) -> None:
        self.store = store or Store()
        self.url = ""
        self._authority = authority or CertificateAuthority()
        self.ca_pem = self._authority.certificate_pem
        self._tls_dir = tls_dir
        self._namespaces = namespaces
        self._runner = web.AppRunner(
            make_app(self.store, tokens=tokens, middlewares=middlewares),
            access_log=None,
            handler_cancellation=True,  # a watch ends with its client
            shutdown_timeout=_SHUTDOWN_S,
        )

    async def __aenter__(self) -> Self:
        for crd in await asyncio.to_thread(load_definitions):
            self.store.create(DEFINITIONS, body=crd)
        for name in self._namespaces:
            self.store.create(NAMESPACES, body={"metadata": {"name": name}})
        certificate = await asyncio.to_thread(self._authority.issue, self._tls_dir, name=CERTIFICATE_NAME)
        context = await asyncio.to_thread(certificate.context)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, 0, ssl_context=context).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        self.url = f"https://{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    def kubeconfig(self, *, token: str, namespace: str = "default") -> dict[str, Any]:
        """Return a kubeconfig, ready to be dumped as YAML, that needs no other file."""
        name = "vdi-lab"
        authority = base64.b64encode(self.ca_pem.encode()).decode()
        cluster = {"server": self.url, "certificate-authority-data": authority}
        context = {"cluster": name, "user": name, "namespace": namespace}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [{"name": name, "context": context}],
            "current-context": name,
        }


def load_definitions() -> list[Obj]:
    """Return the CustomResourceDefinitions of the platform; reads files."""
    directory = resources.files("prober.lab.kube") / "crds"
    files = sorted(directory.iterdir(), key=lambda file: file.name)
    return [yaml.safe_load(file.read_text()) for file in files if file.name.endswith(".yaml")]
