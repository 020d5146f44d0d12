import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from kubernetes_asyncio.client import Configuration

from prober.adapters.kubernetes.connection import InCluster, Kubeconfig, connect
from prober.adapters.kubernetes.refusals import Refusal
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.conftest import TOKEN, Gate
from tests.contracts.sessions import NAMESPACE


def written(config: dict[str, Any], path: Path, **cluster: Any) -> Kubeconfig:
    """Writes a kubeconfig, its cluster changed; `None` takes a field away."""
    described = config["clusters"][0]["cluster"] | {key.replace("_", "-"): value for key, value in cluster.items()}
    config["clusters"][0]["cluster"] = {key: value for key, value in described.items() if value is not None}
    path.write_text(yaml.safe_dump(config))
    return Kubeconfig(path=path)


async def reached(where: InCluster | Kubeconfig) -> None:
    """Opens a cluster, and makes a request."""
    async with connect(where) as api:
        assert await KubernetesSessions(api).ours(NAMESPACE) == []


async def test_the_service_account_of_a_pod(kube: KubeApi, tmp_path: Path) -> None:
    """Within a cluster the address comes from the environment, the identity from files."""
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "ca.crt").write_text(kube.ca_pem)
    environ = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": kube.url.rpartition(":")[2]}
    where = InCluster(environ=environ, token_file=tmp_path / "token", ca_file=tmp_path / "ca.crt")
    await reached(where)
    assert "KUBERNETES" not in repr(where)


@pytest.mark.parametrize("environ", [{}, {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}], ids=["nothing", "no port"])
async def test_outside_of_a_pod(environ: dict[str, str]) -> None:
    """Who is in no Pod is told so."""
    with pytest.raises(ProberFailed, match="we do not run in a Pod") as caught:
        await reached(InCluster(environ=environ))
    assert caught.value.fault.reason is Reason.INTERNAL


async def test_another_context(kube: KubeApi, tmp_path: Path) -> None:
    """A context is chosen by its name; the file's own choice is then without meaning."""
    config = kube.kubeconfig(token=TOKEN)
    config["contexts"].append({"name": "dead", "context": {"cluster": "dead", "user": "vdi-lab"}})
    config["clusters"].append({"name": "dead", "cluster": {"server": "https://127.0.0.1:1"}})
    config["current-context"] = "dead"
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    await reached(Kubeconfig(path=path, context="vdi-lab"))


async def test_a_wrong_token(kube: KubeApi, tmp_path: Path) -> None:
    """An identity that the API server does not know is `rbac_denied`, and says where it is from."""
    where = written(kube.kubeconfig(token="stale-token"), tmp_path / "kubeconfig")
    with pytest.raises(TargetFailed, match=r"Unauthorized \(we showed the token of the kubeconfig .*, which") as caught:
        await reached(where)
    assert caught.value.fault.reason is Reason.RBAC_DENIED
    assert "stale-token" not in str(caught.value)


async def test_a_wrong_token_for_the_watch(kube: KubeApi, gate: Gate, tmp_path: Path) -> None:
    """A watch is refused with the same words."""
    async with connect(written(kube.kubeconfig(token="stale"), tmp_path / "kubeconfig")) as api:
        refusal = await api.watch(f"/apis/vdi.kasm.io/v1alpha1/namespaces/{NAMESPACE}/vdisessions", query={})
    assert isinstance(refusal, Refusal)
    assert "we showed the token of" in refusal.words()
    assert gate.requests == []


async def test_a_user_without_credentials(kube: KubeApi, tmp_path: Path) -> None:
    """Nobody is an identity too, as behind `kubectl proxy`; it is named when it is refused."""
    config = kube.kubeconfig(token="")
    with pytest.raises(TargetFailed, match=r"we showed nothing: the kubeconfig .* has a user without credentials"):
        await reached(written(config, tmp_path / "kubeconfig"))


async def test_an_untrusted_server(kube: KubeApi, tmp_path: Path) -> None:
    """A server whose certificate the kubeconfig does not cover gets no request."""
    where = written(kube.kubeconfig(token=TOKEN), tmp_path / "kubeconfig", certificate_authority_data=None)
    with pytest.raises(TargetFailed, match="certificate verify failed") as caught:
        await reached(where)
    assert caught.value.fault.reason is Reason.API_UNREACHABLE


async def test_a_server_that_need_not_prove_itself(kube: KubeApi, tmp_path: Path) -> None:
    """`insecure-skip-tls-verify` does what it says, for that cluster."""
    config = kube.kubeconfig(token=TOKEN)
    await reached(written(config, tmp_path / "config", certificate_authority_data=None, insecure_skip_tls_verify=True))


async def test_an_authority_in_a_file(kube: KubeApi, tmp_path: Path) -> None:
    """A relative path is relative to the kubeconfig."""
    (tmp_path / "ca.crt").write_text(f"what this is: an authority\n{kube.ca_pem}")
    changes = {"certificate_authority_data": None, "certificate_authority": "ca.crt"}
    await reached(written(kube.kubeconfig(token=TOKEN), tmp_path / "kubeconfig", **changes))


async def test_the_name_in_the_certificate(kube: KubeApi, tmp_path: Path) -> None:
    """`tls-server-name` is what the certificate has to bear, in the place of the address."""
    config = kube.kubeconfig(token=TOKEN)
    await reached(written(config, tmp_path / "good", tls_server_name="localhost"))
    with pytest.raises(TargetFailed, match="certificate is not valid for 'elsewhere'"):
        await reached(written(config, tmp_path / "bad", tls_server_name="elsewhere"))


async def test_clusters_have_nothing_in_common(kube: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An identity stays with its cluster: the library's default one, which all would share, is neither read nor set."""
    shared = Configuration(host="https://127.0.0.1:1", api_key={"BearerToken": "of everybody"})
    monkeypatch.setattr(Configuration, "_default", shared)
    good = written(kube.kubeconfig(token=TOKEN), tmp_path / "good")
    bad = written(kube.kubeconfig(token="stale"), tmp_path / "bad")
    async with connect(good) as mine, connect(bad) as theirs:
        for _ in range(3):
            assert await KubernetesSessions(mine).ours(NAMESPACE) == []
            with pytest.raises(TargetFailed, match="Unauthorized"):
                await KubernetesSessions(theirs).ours(NAMESPACE)
    assert Configuration.get_default().api_key == {"BearerToken": "of everybody"}


async def test_passwords_of_the_system_are_not_shown(
    kube: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user without credentials stays nobody, whatever ~/.netrc has for that host."""
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login somebody password {TOKEN}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    async with connect(written(kube.kubeconfig(token=""), tmp_path / "kubeconfig")) as api:
        transport = (await api._link()).client.rest_client.pool_manager
        response = await transport.request(method="GET", url=f"{kube.url}/version", headers={})
        assert "Authorization" not in response.request_info.headers
        response.close()


async def test_redirects_are_not_followed(kube: KubeApi, gate: Gate, tmp_path: Path) -> None:
    """Whoever sends us elsewhere, such as to a login page, gets no second request and no credentials."""

    async def login_page(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"{kube.url}/login"})

    gate.answer("GET", "/vdisessions", login_page)
    with pytest.raises(TargetFailed, match="does not speak Kubernetes"):
        await reached(written(kube.kubeconfig(token=TOKEN), tmp_path / "kubeconfig"))
    assert len(gate.requests) == 1


async def test_no_file_is_left(kube: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an authority nor a key lies in the folder for temporary files while we run, let alone later."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    async with connect(written(kube.kubeconfig(token=TOKEN), tmp_path / "kubeconfig")) as api:
        await KubernetesSessions(api).ours(NAMESPACE)
        assert list(folder.iterdir()) == []
