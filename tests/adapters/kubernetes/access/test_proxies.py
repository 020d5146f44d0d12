"""Which proxy is taken, and what its troubles look like."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from prober.adapters.kubernetes.access.proxies import environment_proxy, parse_proxy
from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.access.world import PASSWORD, TOKEN, HttpProxy, kubeconfig
from tests.adapters.kubernetes.test_leaks import assert_clean
from tests.contracts.sessions import NAMESPACE

SERVER = "https://api.example.com:6443"


@pytest.mark.parametrize(
    ("server", "no_proxy", "direct"),
    [
        pytest.param(SERVER, "", False, id="none"),
        pytest.param(SERVER, "*", True, id="all"),
        pytest.param(SERVER, "other.com, example.com", True, id="domain"),
        pytest.param(SERVER, ".EXAMPLE.com", True, id="subdomains"),
        pytest.param(SERVER, "*.example.com", True, id="starred"),
        pytest.param("https://example.com", ".example.com", False, id="not the domain itself"),
        pytest.param("https://badexample.com", "example.com", False, id="another domain"),
        pytest.param(SERVER, "example.com:6443", True, id="port"),
        pytest.param(SERVER, "example.com:443", False, id="another port"),
        pytest.param("https://example.com", "example.com:443", True, id="port of the scheme"),
        pytest.param(SERVER, ":6443", False, id="port alone"),
        pytest.param("https://10.96.0.1:443", "10.96.0.0/12", True, id="range"),
        pytest.param("https://10.96.0.1:443", "10.0.0.1/24,fd00::/8", False, id="another range"),
        pytest.param(SERVER, "10.0.0.0/8", False, id="range and name"),
        pytest.param("https://10.96.0.1:443", "10.96.0.1", True, id="address"),
        pytest.param("https://10.96.0.1:443", "10.96.0.1:443", True, id="address with port"),
        pytest.param("https://10.96.0.1:443", "96.0.1", False, id="end of an address"),
        pytest.param("https://[fd00::1]:443", "fd00::1", True, id="IPv6"),
        pytest.param("https://[fd00::1]:443", "[fd00::1]:443", True, id="IPv6 with port"),
        pytest.param("https://127.0.0.1:443", "", True, id="loopback"),
        pytest.param("https://localhost:443", "", True, id="localhost"),
    ],
)
def test_no_proxy(server: str, no_proxy: str, *, direct: bool) -> None:
    """NO_PROXY exempts what it exempts for kubectl."""
    environ = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": no_proxy}
    assert (environment_proxy(server, environ=environ) is None) is direct


@pytest.mark.parametrize(
    ("server", "environ", "host"),
    [
        pytest.param(SERVER, {"https_proxy": "proxy:3128"}, "proxy:3128", id="small letters, no scheme"),
        pytest.param(SERVER, {"HTTPS_PROXY": "http://big", "https_proxy": "http://small"}, "big:80", id="big first"),
        pytest.param(SERVER, {"HTTP_PROXY": "http://proxy"}, None, id="of another scheme"),
        pytest.param("http://api:80", {"HTTP_PROXY": "http://[fd00::1]:1"}, "[fd00::1]:1", id="HTTP, IPv6"),
        pytest.param(SERVER, {"HTTPS_PROXY": "http://proxy", "no_proxy": "example.com"}, None, id="exempt"),
        pytest.param(SERVER, {"HTTPS_PROXY": ""}, None, id="empty"),
    ],
)
def test_the_environments_proxy(server: str, environ: dict[str, str], host: str | None) -> None:
    """The variable of the address's scheme counts."""
    found = environment_proxy(server, environ=environ)
    assert (found and found.host) == host


@pytest.mark.parametrize(
    "url",
    [f"socks5://u:{PASSWORD}@proxy:1080", "https://proxy", "http://", f"http://u:{PASSWORD}@proxy:port", "http://[x"],
    ids=["socks", "TLS", "no host", "no port", "no address"],
)
def test_an_unusable_proxy(url: str) -> None:
    """A kind of proxy that we do not speak is told with its place, not with its URL."""
    with pytest.raises(ProberFailed, match=r"the proxy of X cannot be used: give it as http://HOST:PORT") as caught:
        parse_proxy(url, source="X")
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_credentials_of_a_proxy() -> None:
    """They come out of the URL into a header, and are in no text."""
    proxy = parse_proxy(f"http://us%40er:{PASSWORD}@proxy:1", source="X")
    sent = proxy.headers["Proxy-Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"us@er:{PASSWORD}"
    assert not any(secret in f"{proxy} {proxy!r} {proxy.url}" for secret in (PASSWORD, sent))


@pytest.fixture
def where(kube: KubeApi, tmp_path: Path, proxy: HttpProxy) -> Kubeconfig:
    """An API server whose name only the proxy can resolve."""
    path = kubeconfig(
        tmp_path / "config",
        server=kube.url.replace("127.0.0.1", "api.example.com"),
        ca_pem=kube.ca_pem,
        user={"token": TOKEN},
        tls_server_name="localhost",
    )
    return Kubeconfig(path=path, environ={"HTTPS_PROXY": f"http://us%40er:{PASSWORD}@{proxy.address}"})


async def asked(where: Kubeconfig) -> None:
    """Makes two requests."""
    async with connect(where) as api:
        for _ in range(2):
            assert await KubernetesSessions(api).ours(NAMESPACE) == []


async def test_through_the_environments_proxy(where: Kubeconfig, kube: KubeApi, proxy: HttpProxy) -> None:
    """Requests go through one tunnel, in which the API server proves itself."""
    proxy.demand("us@er", PASSWORD)
    await asked(where)
    assert proxy.tunnels == [f"api.example.com:{kube.url.rpartition(':')[2]}"]


async def test_a_kubeconfigs_proxy_wins(kube: KubeApi, tmp_path: Path, proxy: HttpProxy) -> None:
    """`proxy-url` is taken whatever the environment says, for loopback too."""
    path = tmp_path / "config"
    kubeconfig(path, server=kube.url, ca_pem=kube.ca_pem, user={"token": TOKEN}, proxy_url=f"http://{proxy.address}")
    await asked(Kubeconfig(path=path, environ={"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "*"}))
    assert len(proxy.tunnels) == 1


async def test_past_the_proxy(kube: KubeApi, tmp_path: Path, proxy: HttpProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody wants a proxy none is asked; the process's own environment is not looked at behind our back."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
    path = kubeconfig(tmp_path / "config", server=kube.url, ca_pem=kube.ca_pem, user={"token": TOKEN})
    await asked(Kubeconfig(path=path, environ={}))
    assert proxy.tunnels == []


@pytest.mark.parametrize(
    ("wants", "refusal", "words"),
    [
        pytest.param(True, None, r"wants credentials, or other ones \(407\)", id="407"),
        pytest.param(False, "403 Forbidden", "does not let us through to the API server: status 403", id="403"),
        pytest.param(False, "502 Bad Gateway", "does not let us through to the API server: status 502", id="502"),
        pytest.param(False, f"nonsense {PASSWORD}", "the API server does not answer through the proxy", id="no status"),
    ],
)
async def test_a_proxy_that_refuses(
    where: Kubeconfig, proxy: HttpProxy, *, wants: bool, refusal: str | None, words: str
) -> None:
    """The fault is `api_unreachable` and names the proxy's host and where that is written."""
    proxy.refusal = refusal
    if wants:
        proxy.demand("somebody", "else")
    async with connect(where) as api:
        with pytest.raises(TargetFailed, match=words) as caught:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert caught.value.fault.reason is Reason.API_UNREACHABLE
    assert f"the proxy {proxy.address} (HTTPS_PROXY)" in str(caught.value)
    assert_no_password(caught.value)


async def test_a_proxy_that_is_down(where: Kubeconfig, unused_tcp_port: int) -> None:
    """A proxy that does not answer is told from an API server that does not."""
    down = replace(where, environ={"HTTPS_PROXY": f"http://us%40er:{PASSWORD}@127.0.0.1:{unused_tcp_port}"})
    async with connect(down) as api:
        with pytest.raises(
            TargetFailed, match=rf"proxy 127.0.0.1:{unused_tcp_port} \(HTTPS_PROXY\) does not"
        ) as caught:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert_no_password(caught.value)


async def test_an_untrusted_server_behind_a_proxy(where: Kubeconfig, kube: KubeApi, proxy: HttpProxy) -> None:
    """A tunnel changes nothing about whom we trust, and the fault does not blame the proxy."""
    kubeconfig(
        where.path,
        server=kube.url.replace("127.0.0.1", "api.example.com"),
        ca_pem=kube.ca_pem,
        user={"token": TOKEN},
    )
    async with connect(where) as api:
        with pytest.raises(TargetFailed, match=r"does not answer through the proxy .* verify failed") as caught:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert_no_password(caught.value)


def assert_no_password(error: BaseException) -> None:
    """Fails where anything that may be printed of an exception holds what the proxy was shown."""
    assert_clean(error)
    everything = f"{error!r} {error.args!r} {error.__cause__!r}"
    assert error.__cause__ is None
    assert PASSWORD not in everything
    assert base64.b64encode(f"us@er:{PASSWORD}".encode()).decode() not in everything
