"""Nothing of the library, and no credential, passes the adapter's border."""

import base64
import traceback
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.secrets import KubernetesSecrets
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import ProbeError
from prober.domain.session import SessionRef
from prober.flow.ports.secrets import Secret
from tests.adapters.kubernetes.conftest import TOKEN, Answer, Gate, cut
from tests.contracts.sessions import NAMESPACE, request

REF = SessionRef(namespace=NAMESPACE, name="probe-x", uid="u-1")


async def echo(request: web.Request) -> web.Response:
    """Refuses, and repeats all that it heard, as careless proxies do."""
    heard = dict(request.headers)
    body = {"kind": "Status", "message": f"bad: {heard}", "reason": f"{heard}", "details": {"causes": [heard]}}
    return web.json_response(body, status=403, headers={"X-Heard": heard["Authorization"]})


async def page(request: web.Request) -> web.Response:
    """Answers as a proxy whose backend is gone."""
    return web.Response(status=502, text=f"<html>{dict(request.headers)}</html>", content_type="text/html")


async def no_json(request: web.Request) -> web.Response:
    """Answers well, and not as a Kubernetes API."""
    return web.Response(text=f"hello {dict(request.headers)}")


async def broken(request: web.Request) -> web.StreamResponse:
    """Breaks off in the middle of a body."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(request.headers["Authorization"].encode())
    assert request.transport is not None
    request.transport.abort()
    return response


async def no_http(request: web.Request) -> web.StreamResponse:
    """Answers something else than HTTP, with all that it heard."""
    assert request.transport is not None
    request.transport.write(f"{request.headers['Authorization']} 999\r\n\r\n".encode())
    request.transport.close()
    return web.Response()


CALLS: dict[str, Callable[[ApiServer], Awaitable[object]]] = {
    "create": lambda api: KubernetesSessions(api).create(request()),
    "get": lambda api: KubernetesSessions(api).get(REF),
    "delete": lambda api: KubernetesSessions(api).delete(REF),
    "children": lambda api: KubernetesSessions(api).children(REF),
    "ours": lambda api: KubernetesSessions(api).ours(NAMESPACE),
    "secret": lambda api: KubernetesSecrets(api).read(namespace=NAMESPACE, name="x", key="k"),
}
METHODS = {"create": ("POST", "/vdisessions"), "delete": ("DELETE", REF.name), "secret": ("GET", "/secrets/x")}
METHODS |= {"get": ("GET", REF.name), "children": ("GET", "/services"), "ours": ("GET", "/vdisessions")}


@pytest.mark.parametrize("answer", [echo, page, no_json, broken, cut, no_http], ids=lambda answer: answer.__name__)
@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_only_our_exceptions_pass(api: ApiServer, gate: Gate, call: str, answer: Answer) -> None:
    """Whatever the other side answers, a `ProbeError` without our token comes out, or a gap."""
    gate.answer(*METHODS[call], answer)
    if (call, answer) == ("children", echo):
        assert TOKEN not in str(await CALLS[call](api))
        return
    with pytest.raises(ProbeError) as caught:
        await CALLS[call](api)
    assert_clean(caught.value)


async def test_a_server_that_is_down(tmp_path: Path, unused_tcp_port: int) -> None:
    """A refused connection is `api_unreachable`, in words."""
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig(f"https://127.0.0.1:{unused_tcp_port}")))
    async with connect(Kubeconfig(path=path)) as api:
        with pytest.raises(ProbeError, match="api_unreachable: the API server does not answer") as caught:
            await KubernetesSessions(api).create(request())
    assert_clean(caught.value)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"users": [{"name": "u", "user": {"token": TOKEN, "exec": {"apiVersion": "v1"}}}]}, id="plugin"),
        pytest.param({"clusters": [{"name": "c", "cluster": {}, "token": TOKEN}]}, id="no server"),
        pytest.param({"contexts": [{"name": "c", "context": {"user": "u", "token": TOKEN}}]}, id="no cluster"),
        pytest.param({"contexts": [{"context": {"token": TOKEN}}]}, id="no name"),
        pytest.param({"contexts": TOKEN}, id="a text"),
        pytest.param({"current-context": TOKEN}, id="no such context"),
        pytest.param({"users": [{"name": "u", "user": {"client-key-data": TOKEN}}]}, id="a bad key"),
    ],
)
async def test_a_broken_kubeconfig_is_not_quoted(tmp_path: Path, broken: dict[str, object]) -> None:
    """The fault names the file, and nothing that is in it."""
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig("https://127.0.0.1:1") | broken))
    with pytest.raises(ProbeError) as caught:
        async with connect(Kubeconfig(path=path)) as api:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert_clean(caught.value)


async def test_a_secret_does_not_print_itself(api: ApiServer, gate: Gate) -> None:
    """A Secret's value is in the answer alone."""

    async def give(_: web.Request) -> web.Response:
        return web.json_response({"data": {"k": base64.b64encode(TOKEN.encode()).decode(), "bad": TOKEN}})

    gate.answer("GET", "/secrets/x", give)
    secrets = KubernetesSecrets(api)
    secret = await secrets.read(namespace=NAMESPACE, name="x", key="k")
    assert isinstance(secret, Secret)
    assert (secret.reveal(), repr(secret)) == (TOKEN, "Secret(***)")
    for key in ("bad", "missing"):
        with pytest.raises(ProbeError, match=f"key {key} of Secret vdi/x") as caught:
            await secrets.read(namespace=NAMESPACE, name="x", key=key)
        assert_clean(caught.value)


def kubeconfig(server: str) -> dict[str, object]:
    """Returns a kubeconfig with our token."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    }


def assert_clean(error: BaseException) -> None:
    """Fails where the token appears in anything that may be printed of an exception."""
    printed = "".join(traceback.format_exception(error))
    printed += "".join(f"{each!s}{each!r}{each.args!r}" for each in chain(error))
    assert TOKEN not in printed
    assert base64.b64encode(TOKEN.encode()).decode() not in printed


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Returns an exception and its causes, as far as they are shown."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
