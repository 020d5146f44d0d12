import pytest
from aiohttp import web

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.secrets import KubernetesSecrets
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from tests.adapters.kubernetes.conftest import Answer, Gate, cut
from tests.contracts.sessions import NAMESPACE


async def garbage(_: web.Request) -> web.StreamResponse:
    """Answers as something else than a Kubernetes API."""
    return web.Response(text="<html>")


def refused(code: int) -> Answer:
    """Answers by a refusal."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"kind": "Status", "code": code, "message": "no"}, status=code)

    return answer


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(cut, id="cut"),
        pytest.param(garbage, id="garbage"),
        pytest.param(refused(429), id="overloaded"),
        pytest.param(refused(503), id="unavailable"),
    ],
)
async def test_an_outage(api: ApiServer, gate: Gate, trouble: Answer) -> None:
    """An API server that does not answer is not our own fault."""
    gate.answer("GET", "/secrets/basic", trouble)
    with pytest.raises(TargetFailed) as caught:
        await KubernetesSecrets(api).read(namespace=NAMESPACE, name="basic", key="password")
    assert caught.value.fault.reason is Reason.API_UNREACHABLE


@pytest.mark.parametrize("code", [401, 403, 404], ids=str)
async def test_a_refusal(api: ApiServer, gate: Gate, code: int) -> None:
    """A Secret that we may not read, or that is not there, is our own fault, and is named."""
    gate.answer("GET", "/secrets/basic", refused(code))
    with pytest.raises(ProberFailed, match="key password of Secret vdi/basic") as caught:
        await KubernetesSecrets(api).read(namespace=NAMESPACE, name="basic", key="password")
    assert caught.value.fault.reason is Reason.INTERNAL
