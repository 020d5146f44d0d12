"""The fixtures that all other tests of a real cluster stand on."""

import asyncio
import json

import pytest

from prober.lab.operator.client import ApiError, KubeClient
from tests.cluster.control_plane import ControlPlane
from tests.cluster.fixtures import Account
from tests.cluster.rest import Rest

pytestmark = pytest.mark.cluster

SESSIONS = "/apis/vdi.kasm.io/v1alpha1/namespaces/{}/vdisessions"


async def test_the_platforms_kinds_are_served(admin: KubeClient, namespace: str) -> None:
    """Sessions can be listed in a namespace of the test's own."""
    assert await admin.list(SESSIONS.format(namespace)) == []


async def test_an_account_may_do_what_its_rules_say(account: Account, namespace: str) -> None:
    """A ServiceAccount's token is good for its permissions and for nothing else."""
    rule = {"apiGroups": ["vdi.kasm.io"], "resources": ["vdisessions"], "verbs": ["list"]}
    rest = Rest(await account(namespace, [rule]))
    assert await asyncio.to_thread(rest.code, "GET", SESSIONS.format(namespace)) == 200
    assert await asyncio.to_thread(rest.code, "GET", f"/api/v1/namespaces/{namespace}/pods") == 403


async def test_the_api_server_comes_back(control_plane: ControlPlane, admin: KubeClient, namespace: str) -> None:
    """After a restart the API server knows what it knew, and the clients of before go on."""
    try:
        await asyncio.to_thread(control_plane.stop_api)
        with pytest.raises(ApiError):
            await admin.list(SESSIONS.format(namespace))
    finally:
        await asyncio.to_thread(control_plane.start_api)
    assert await admin.list(SESSIONS.format(namespace)) == []


async def test_every_request_is_in_the_audit_log(control_plane: ControlPlane, account: Account, namespace: str) -> None:
    """Whoever wants to know what a client asked for can read it."""
    rest = Rest(await account(namespace, []))
    await asyncio.to_thread(rest.code, "GET", SESSIONS.format(namespace))
    lines = await asyncio.to_thread(control_plane.audit_log.read_text)
    users = {json.loads(line)["user"]["username"] for line in lines.splitlines()}
    assert any(user.startswith(f"system:serviceaccount:{namespace}:") for user in users)
