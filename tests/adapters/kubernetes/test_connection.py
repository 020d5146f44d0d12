import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from prober.adapters.kubernetes import plugins
from prober.adapters.kubernetes.connection import InCluster, Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.conftest import TOKEN
from tests.contracts.sessions import NAMESPACE


async def test_the_service_account_of_a_pod(kube: KubeApi, tmp_path: Path) -> None:
    """Within a cluster the address comes from the environment, the identity from files."""
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "ca.crt").write_text(kube.ca_pem)
    environ = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": kube.url.rpartition(":")[2]}
    where = InCluster(environ=environ, token_file=tmp_path / "token", ca_file=tmp_path / "ca.crt")
    async with connect(where) as api:
        assert await KubernetesSessions(api).ours(NAMESPACE) == []


async def test_outside_of_a_pod(tmp_path: Path) -> None:
    """Who is in no Pod is told so."""
    with pytest.raises(ProberFailed, match="we do not run in a Pod") as caught:
        async with connect(InCluster(environ={}, token_file=tmp_path / "token")):
            pass
    assert caught.value.fault.reason is Reason.INTERNAL


async def test_another_context(kube: KubeApi, tmp_path: Path) -> None:
    """A context is chosen by its name; the file's own choice is then without meaning."""
    config = kube.kubeconfig(token=TOKEN)
    config["contexts"].append({"name": "dead", "context": {"cluster": "dead", "user": "vdi-lab"}})
    config["clusters"].append({"name": "dead", "cluster": {"server": "https://127.0.0.1:1"}})
    config["current-context"] = "dead"
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    async with connect(Kubeconfig(path=path, context="vdi-lab")) as api:
        assert await KubernetesSessions(api).ours(NAMESPACE) == []


async def test_a_missing_file(tmp_path: Path) -> None:
    """A kubeconfig that is not there is named."""
    with pytest.raises(ProberFailed, match="nowhere does not exist"):
        async with connect(Kubeconfig(path=tmp_path / "nowhere")):
            pass


async def test_an_unknown_context(kubeconfig: Path) -> None:
    """A context that is not there is named, with its file."""
    with pytest.raises(ProberFailed, match=r"kubeconfig \(context moon\) cannot be used"):
        async with connect(Kubeconfig(path=kubeconfig, context="moon")):
            pass


async def test_a_wrong_token(kube: KubeApi, tmp_path: Path) -> None:
    """An identity that the API server does not know is `rbac_denied`."""
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kube.kubeconfig(token="stale")))
    async with connect(Kubeconfig(path=path)) as api:
        with pytest.raises(TargetFailed, match="Unauthorized") as caught:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert caught.value.fault.reason is Reason.RBAC_DENIED


async def test_an_untrusted_server(kube: KubeApi, tmp_path: Path) -> None:
    """A server whose certificate the kubeconfig does not cover gets no request."""
    config = kube.kubeconfig(token=TOKEN)
    del config["clusters"][0]["cluster"]["certificate-authority-data"]
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    async with connect(Kubeconfig(path=path)) as api:
        with pytest.raises(TargetFailed, match="certificate verify failed") as caught:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert caught.value.fault.reason is Reason.API_UNREACHABLE


async def test_a_plugins_token_is_renewed(kube: KubeApi, tmp_path: Path) -> None:
    """A credentials plugin is asked again once its token is about to expire, and only then."""
    plugin = Plugin(tmp_path)
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(plugin.kubeconfig(kube)))
    plugin.write(TOKEN, expires_in=timedelta(minutes=1))
    async with connect(Kubeconfig(path=path)) as api:
        sessions = KubernetesSessions(api)
        assert await sessions.ours(NAMESPACE) == []
        plugin.write("renewed", expires_in=timedelta(hours=1))
        with pytest.raises(TargetFailed, match="Unauthorized"):
            await sessions.ours(NAMESPACE)
        plugin.write(TOKEN, expires_in=timedelta(hours=1))
        with pytest.raises(TargetFailed, match="Unauthorized"):
            await sessions.ours(NAMESPACE)


async def test_a_plugin_that_fails_later(kube: KubeApi, tmp_path: Path) -> None:
    """A plugin that no longer works is `api_unreachable`, without its words."""
    plugin = Plugin(tmp_path)
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(plugin.kubeconfig(kube)))
    plugin.write(TOKEN, expires_in=timedelta(minutes=1))
    async with connect(Kubeconfig(path=path)) as api:
        plugin.answer.write_text("oops")
        with pytest.raises(TargetFailed, match="credentials for the API server could not be renewed") as caught:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert caught.value.__cause__ is None


async def test_a_plugin_that_hangs(kube: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that waits for ever is given up, and ended."""
    monkeypatch.setattr(plugins, "PLUGIN_S", 0.2)
    config = Plugin(tmp_path).kubeconfig(kube)
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sleep", "args": ["61.5"]}}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config | {"users": [{"name": "vdi-lab", "user": user}]}))
    with pytest.raises(ProberFailed, match=r"credentials plugin .* gave nothing within"):
        async with connect(Kubeconfig(path=path)):
            pass


async def test_a_certificate_that_is_none(kube: KubeApi, tmp_path: Path) -> None:
    """An authority that cannot be read is our own fault."""
    config = kube.kubeconfig(token=TOKEN)
    config["clusters"][0]["cluster"]["certificate-authority-data"] = "bm9uZQ=="
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    with pytest.raises(ProberFailed, match="a certificate or key cannot be loaded"):
        async with connect(Kubeconfig(path=path)):
            pass


class Plugin:
    """A credentials plugin that prints a file."""

    def __init__(self, folder: Path) -> None:
        self.answer = folder / "credential.json"

    def write(self, token: str, *, expires_in: timedelta) -> None:
        """Sets what it gives next."""
        expires = (datetime.now(UTC) + expires_in).strftime("%Y-%m-%dT%H:%M:%SZ")
        version = "client.authentication.k8s.io/v1"
        status = {"token": token, "expirationTimestamp": expires}
        self.answer.write_text(json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status}))

    def kubeconfig(self, kube: KubeApi) -> dict[str, object]:
        """Returns a kubeconfig whose user is what the plugin says."""
        script = f"print(open({str(self.answer)!r}).read())"
        version = "client.authentication.k8s.io/v1"
        user = {"exec": {"apiVersion": version, "command": sys.executable, "args": ["-c", script]}}
        return kube.kubeconfig(token="") | {"users": [{"name": "vdi-lab", "user": user}]}
