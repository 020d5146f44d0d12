"""Identities towards a real API server, which says itself whom it sees."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prober.adapters.kubernetes.access import plugins
from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.connection import InCluster, Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.access.world import TOKEN, Accounts, HttpProxy, Plugin, http_proxy, kubeconfig
from tests.cluster.control_plane import ControlPlane
from tests.cluster.rest import Rest
from tests.cluster.rotating import BoundToken, ServiceAccount

pytestmark = pytest.mark.cluster

WHOAMI = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
JTI = "authentication.kubernetes.io/credential-id"

REVOKED_S = 30
"""How long a token may be taken after its object is gone, in seconds: the API server remembers it for 10 s."""


async def seen(api: ApiServer) -> Mapping[str, Any]:
    """Returns whom the API server sees in us."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    reply = await api.send("POST", WHOAMI, body=body)
    assert reply.refusal is None, reply.refusal
    user: Mapping[str, Any] = reply.body["status"]["userInfo"]
    return user


async def name(api: ApiServer) -> str:
    """Returns the name of whom the API server sees in us."""
    return str((await seen(api))["username"])


@pytest.fixture
def service_account(cluster_kubeconfig: Path, namespace: str, tmp_path: Path) -> ServiceAccount:
    """An account without any permission of its own."""
    rest = Rest(cluster_kubeconfig)
    account = ServiceAccount(rest=rest, namespace=namespace, token_file=tmp_path / "token")
    rest.call("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": account.name}})
    account.put(account.issue_now())
    return account


@pytest.fixture
def in_cluster(service_account: ServiceAccount, tmp_path: Path) -> InCluster:
    """The way to the cluster as its Pods have it."""
    host, _, port = service_account.rest.server.removeprefix("https://").rpartition(":")
    (tmp_path / "ca.crt").write_text(service_account.rest.ca_pem)
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    return InCluster(environ=environ, token_file=service_account.token_file, ca_file=tmp_path / "ca.crt")


@pytest.fixture
async def proxy() -> AsyncIterator[HttpProxy]:
    """An HTTP proxy on loopback."""
    async with http_proxy() as proxy:
        yield proxy


async def test_every_rotation_counts_at_once(in_cluster: InCluster, service_account: ServiceAccount) -> None:
    """The request after a rotation bears the new token, while other requests go on without a failure."""
    rotated: list[float] = []

    async def others(api: ApiServer) -> int:
        count = 0
        while len(rotated) < 5:
            await seen(api)
            count += 1
        return count

    async with connect(in_cluster) as api, asyncio.TaskGroup() as group:
        busy = group.create_task(others(api), name="other requests")
        former: BoundToken | None = None
        for _ in range(5):
            token = await service_account.rotate()
            begun = time.monotonic()
            assert (await seen(api))["extra"][JTI] == [token.jti]
            rotated.append(time.monotonic() - begun)
            if former is not None:
                await former.revoke()
            former = token
    assert busy.result() > len(rotated)


async def test_a_token_that_was_revoked(in_cluster: InCluster, service_account: ServiceAccount) -> None:
    """A revoked token is refused with the file's name until a newer one lies there; then all is well at once."""
    token = await service_account.rotate()
    async with connect(in_cluster) as api:
        await token.revoke()
        refusal = await refused(api)
        assert f"we showed the token of {service_account.token_file}" in refusal
        assert token.text not in refusal
        with pytest.raises(TargetFailed, match="Unauthorized") as caught:
            await KubernetesSessions(api).ours(service_account.namespace)
        assert caught.value.fault.reason is Reason.RBAC_DENIED
        newer = await service_account.rotate()
        assert (await seen(api))["extra"][JTI] == [newer.jti]


async def test_a_token_revoked_on_its_way(
    service_account: ServiceAccount, tmp_path: Path, proxy: HttpProxy, caplog: pytest.LogCaptureFixture
) -> None:
    """A rotation between reading the old token and asking with it costs one more request, seen at level debug."""
    caplog.set_level("DEBUG", logger="prober")
    dead, newer = await service_account.rotate(), await service_account.issue()
    path = kubeconfig(
        tmp_path / "config",
        server=service_account.rest.server,
        ca_pem=service_account.rest.ca_pem,
        user={"tokenFile": str(service_account.token_file)},
        proxy_url=f"http://{proxy.address}",
    )
    async with connect(Kubeconfig(path=path)) as api:
        await dead.revoke()
        await refused(api)
    proxy.meanwhile = lambda: service_account.put(newer)
    caplog.clear()
    async with connect(Kubeconfig(path=path)) as api:
        assert (await seen(api))["extra"][JTI] == [newer.jti]
    assert "credentials_refused: the request is made once more" in caplog.text
    assert dead.text not in caplog.text
    assert newer.text not in caplog.text


async def refused(api: ApiServer) -> str:
    """Returns what the API server says of a revoked token, once it notices."""
    async with asyncio.timeout(REVOKED_S):
        while True:
            reply = await api.send("POST", WHOAMI, body={})
            if reply.refusal is not None and reply.refusal.code == 401:
                return reply.refusal.words()


def certificate_user(control_plane: ControlPlane, user: str, folder: Path) -> dict[str, str]:
    """Issues a user's certificate into `user.crt` and `user.key` of a folder; returns a user of a kubeconfig."""
    identity = control_plane.client_certificate(user)
    folder.mkdir(exist_ok=True)
    (folder / "user.crt").write_text(identity.certificate.read_text())
    (folder / "user.key").write_text(identity.key.read_text())
    return {"client-certificate": f"{folder.name}/user.crt", "client-key": f"{folder.name}/user.key"}


def issued(control_plane: ControlPlane, user: str) -> dict[str, str]:
    """Issues a user's certificate, as a credentials plugin gives it."""
    identity = control_plane.client_certificate(user)
    return {
        "clientCertificateData": identity.certificate.read_text(),
        "clientKeyData": identity.key.read_text(),
    }


async def test_a_certificate_within_a_kubeconfig(
    control_plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of an inline certificate is on no disk while the cluster is in use."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    async with connect(Kubeconfig(path=control_plane.kubeconfig)) as api:
        assert await name(api) == "admin"
        assert list(folder.iterdir()) == []


async def test_certificates_in_files(control_plane: ControlPlane, tmp_path: Path) -> None:
    """Files beside the kubeconfig are found, and one that is replaced counts at once, on new connections."""
    user = certificate_user(control_plane, "cert-first", tmp_path / "pki")
    path = kubeconfig(tmp_path / "config", server=control_plane.server, ca_pem=control_plane.ca_pem, user=user)
    async with connect(Kubeconfig(path=path)) as api:
        assert await name(api) == "cert-first"
        certificate_user(control_plane, "cert-second", tmp_path / "pki")
        assert await name(api) == "cert-second"


@pytest.mark.parametrize("version", ["v1", "v1beta1"], ids=str)
async def test_a_plugins_certificate(
    control_plane: ControlPlane, tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that a plugin gives is shown, and the next one before its end, without a failure between."""
    monkeypatch.setattr(plugins, "RENEW_BEFORE", timedelta(days=1))
    monkeypatch.setattr(plugins, "RENEW_SHARE", 1.0)
    plugin = Plugin(folder=tmp_path, version=f"client.authentication.k8s.io/{version}")
    plugin.give(issued(control_plane, "plugin-first"), expires_in=timedelta(hours=1))
    path = kubeconfig(tmp_path / "config", server=control_plane.server, ca_pem=control_plane.ca_pem, user=plugin.user())
    async with connect(Kubeconfig(path=path)) as api:
        plugin.give(issued(control_plane, "plugin-second"))
        names = [await name(api)]
        async with asyncio.timeout(20):
            while names[-1] != "plugin-second":
                names.append(await name(api))
    assert set(names) == {"plugin-first", "plugin-second"}


async def test_a_plugins_token(service_account: ServiceAccount, tmp_path: Path) -> None:
    """A token that a plugin gave, and that was revoked, is asked for anew."""
    plugin = Plugin(folder=tmp_path)
    first, second = await service_account.issue(), await service_account.issue()
    plugin.give({"token": first.text})
    rest = service_account.rest
    path = kubeconfig(tmp_path / "config", server=rest.server, ca_pem=rest.ca_pem, user=plugin.user())
    async with connect(Kubeconfig(path=path)) as api:
        plugin.give({"token": second.text})
        await first.revoke()
        async with asyncio.timeout(REVOKED_S):
            # What the API server has seen before it takes for ten more seconds; this one it sees now at the earliest.
            while (await seen(api))["extra"][JTI] != [second.jti]:
                pass


async def test_a_certificate_through_a_proxy(control_plane: ControlPlane, tmp_path: Path, proxy: HttpProxy) -> None:
    """The certificate is shown to the API server, in the tunnel; its address may be one that only the proxy knows."""
    path = kubeconfig(
        tmp_path / "config",
        server=control_plane.server.replace("127.0.0.1", "api.example.com"),
        ca_pem=control_plane.ca_pem,
        user=certificate_user(control_plane, "tunnelled", tmp_path / "pki"),
        tls_server_name="kubernetes.default.svc",
    )
    async with connect(Kubeconfig(path=path, environ={"HTTPS_PROXY": proxy.address})) as api:
        assert [await name(api) for _ in range(3)] == ["tunnelled"] * 3
    assert len(proxy.tunnels) == 1


async def test_many_clusters_at_once(
    control_plane: ControlPlane, service_account: ServiceAccount, in_cluster: InCluster, tmp_path: Path
) -> None:
    """Three identities towards two clusters, one embedded, keep apart in a hundred requests at a time."""
    accounts, tls = Accounts(TOKEN), tmp_path / "tls"
    tls.mkdir()
    certificate = certificate_user(control_plane, "one-of-many", tmp_path / "pki")
    path = kubeconfig(
        tmp_path / "certificate", server=control_plane.server, ca_pem=control_plane.ca_pem, user=certificate
    )
    async with KubeApi(tokens=accounts, tls_dir=tls, namespaces=("vdi",)) as embedded:
        other = kubeconfig(tmp_path / "lab", server=embedded.url, ca_pem=embedded.ca_pem, user={"token": TOKEN})
        async with (
            connect(Kubeconfig(path=path)) as by_certificate,
            connect(in_cluster) as by_token,
            connect(Kubeconfig(path=other)) as lab,
        ):
            rounds = [
                asyncio.gather(name(by_certificate), name(by_token), KubernetesSessions(lab).ours("vdi"))
                for _ in range(33)
            ]
            answers = [tuple(answer) for answer in await asyncio.gather(*rounds)]
    account = f"system:serviceaccount:{service_account.namespace}:{service_account.name}"
    assert answers == [("one-of-many", account, [])] * 33
    assert set(accounts.shown) == {TOKEN}
