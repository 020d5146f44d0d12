"""A real Kubernetes control plane on loopback: etcd, kube-apiserver, kube-controller-manager as plain processes.

There is no node: Pods are accepted and never run, which is all that the lab needs, whose operator plays the kubelet.
"""

import urllib.request
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import yaml

from tests.cluster.daemon import Daemon
from tests.cluster.furniture import install_crds
from tests.cluster.parts import find
from tests.cluster.pki import Identity, Pki
from tests.cluster.ports import free_ports
from tests.cluster.rest import Rest

ADMINS = "system:masters"

_CONTROLLERS = (
    "garbage-collector-controller",
    "namespace-controller",
    "persistentvolumeclaim-protection-controller",
    "pod-garbage-collector-controller",
    "resourcequota-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
)
"""Those that act on what the prober sees; fewer start sooner."""

_SESSIONS = "/apis/vdi.kasm.io/v1alpha1/vdisessions"

_NOT_YET = frozenset({429, 503})
"""What is answered while a kind's storage is not there yet; 404 is the answer where there is no such kind."""

_AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [
        {"level": "None", "users": ["system:apiserver", "system:kube-controller-manager"]},
        {"level": "None", "userGroups": ["system:serviceaccounts:kube-system"]},
        {"level": "Metadata"},
    ],
}


class ControlPlane:
    """A control plane that runs while the context is open; its API server may be restarted meanwhile.

    Attributes:
        server: The API server's address.
        kubeconfig: Of a cluster administrator.
        audit_log: Who asked what, one JSON object a line.
        etcd_url: Where etcd listens.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._pki = Pki(folder / "pki")
        api, etcd, peer, manager = free_ports(4)
        self.server = f"https://127.0.0.1:{api}"
        self.etcd_url = f"http://127.0.0.1:{etcd}"
        self.kubeconfig = self.write_kubeconfig("admin", user="admin", groups=(ADMINS,))
        self.audit_log = folder / "audit.log"
        self._etcd = self._daemon("etcd", self._etcd_flags(f"http://127.0.0.1:{peer}"))
        self._api = self._daemon("kube-apiserver", self._api_flags(api))
        self._manager = self._daemon("kube-controller-manager", self._manager_flags(manager))

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for daemon in (self._manager, self._api, self._etcd):
            daemon.stop()

    @property
    def ca_pem(self) -> str:
        """What clients have to trust."""
        return self._pki.ca_pem

    @property
    def version(self) -> str:
        """The API server's version, as in `v1.34.4`."""
        return str(Rest(self.kubeconfig).call("GET", "/version")["gitVersion"])

    def client_certificate(self, user: str, groups: Sequence[str] = ()) -> Identity:
        """Issues a user's certificate."""
        return self._pki.client(user, groups)

    def write_kubeconfig(self, name: str, *, user: str, groups: Sequence[str] = ()) -> Path:
        """Writes a kubeconfig, with everything inline, for a user with a certificate."""
        identity = self._pki.client(user, groups)
        files = {"client-certificate-data": identity.certificate, "client-key-data": identity.key}
        cluster = {"server": self.server, "certificate-authority-data": _inline(self._pki.ca)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": user, "user": {key: _inline(path) for key, path in files.items()}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
        }
        path = self._folder / f"{name}.kubeconfig"
        path.write_text(yaml.safe_dump(content))
        path.chmod(0o600)
        return path

    def stop_api(self) -> None:
        """Stops the API server; etcd keeps what it knows."""
        self._api.stop()

    def kill_api(self) -> None:
        """Kills the API server, as a node's crash would."""
        self._api.kill()

    def start_api(self) -> None:
        """Starts the API server; returns when it is ready."""
        self._api.start()
        rest = Rest(self.kubeconfig)
        self._api.wait_for(lambda: rest.code("GET", "/readyz") == 200)
        # It calls itself ready a moment before it serves custom resources, which it refuses until then.
        self._api.wait_for(lambda: rest.code("GET", _SESSIONS) not in _NOT_YET)

    def restart_api(self) -> None:
        """Stops the API server, then starts it; takes some seconds."""
        self.stop_api()
        self.start_api()

    def _start(self) -> None:
        self._etcd.start()
        self._etcd.wait_for(lambda: _healthy(f"{self.etcd_url}/health"))
        self.start_api()
        # Before the garbage collector begins: of kinds that come later it knows half a minute later.
        install_crds(Rest(self.kubeconfig))
        self._manager.start()
        rest = Rest(self.kubeconfig)
        account = "/api/v1/namespaces/default/serviceaccounts/default"
        self._manager.wait_for(lambda: rest.code("GET", account) == 200)

    def _daemon(self, name: str, flags: Sequence[str]) -> Daemon:
        binary = find(name)
        assert binary is not None, f"{name} is missing"
        return Daemon(name, [binary, *flags], log=self._folder / f"{name}.log")

    def _etcd_flags(self, peer: str) -> list[str]:
        return [
            f"--data-dir={self._folder / 'etcd'}",
            f"--listen-client-urls={self.etcd_url}",
            f"--advertise-client-urls={self.etcd_url}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]

    def _api_flags(self, port: int) -> list[str]:
        server, account_key = self._pki.server(), self._pki.account_key()
        policy = self._folder / "audit-policy.yaml"
        policy.write_text(yaml.safe_dump(_AUDIT))
        return [
            f"--etcd-servers={self.etcd_url}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            "--endpoint-reconciler-type=none",
            f"--tls-cert-file={server.certificate}",
            f"--tls-private-key-file={server.key}",
            f"--client-ca-file={self._pki.ca}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={account_key}",
            f"--service-account-signing-key-file={account_key}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--profiling=false",
            "--shutdown-delay-duration=0s",
            f"--audit-policy-file={policy}",
            f"--audit-log-path={self._folder / 'audit.log'}",
        ]

    def _manager_flags(self, port: int) -> list[str]:
        return [
            f"--kubeconfig={self.write_kubeconfig('manager', user='system:kube-controller-manager', groups=(ADMINS,))}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            "--leader-elect=false",
            f"--root-ca-file={self._pki.ca}",
            f"--controllers={','.join(_CONTROLLERS)}",
            "--profiling=false",
        ]


def _inline(path: Path) -> str:
    return b64encode(path.read_bytes()).decode()


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own etcd
            return bool(answer.status == 200)
    except OSError:
        return False
