"""What a real API server refuses, as the prober tells it: whose fault, in the server's own words."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.resources import KASM
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import Fault, TargetFailed
from prober.domain.reasons import Reason
from prober.lab.operator.client import ApiError, KubeClient
from tests.cluster import furniture
from tests.cluster.fixtures import Account
from tests.cluster.rest import Rest
from tests.contracts.sessions import FINALIZER, request

pytestmark = pytest.mark.cluster

Connect = Callable[[Path], Awaitable[KubernetesSessions]]

QUOTA_NOTICED_S = 60.0
"""How long the quota controller may take for a kind that is new to it, in seconds; seen were up to 30."""

POLICY_NOTICED_S = 30.0
"""How long a policy may take to be in force, in seconds; seen were 1 to 2."""

POLL_S = 0.2
"""Distance of looks at what nothing announces, in seconds."""

SESSIONS = "/apis/vdi.kasm.io/v1alpha1/namespaces/{}/vdisessions"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
WORDS = "no probes on Sundays"


def rule(*verbs: str, resource: str = "vdisessions") -> dict[str, list[str]]:
    """Returns a rule about the platform's objects."""
    return {"apiGroups": ["vdi.kasm.io"], "resources": [resource], "verbs": list(verbs)}


EVERYTHING = rule("get", "list", "watch", "create", "delete", resource="*")


@pytest.fixture
async def opened() -> AsyncIterator[Connect]:
    """Opens the prober's adapter with a kubeconfig, until the test's end."""
    async with AsyncExitStack() as stack:

        async def open_one(kubeconfig: Path) -> KubernetesSessions:
            return KubernetesSessions(await stack.enter_async_context(connect(Kubeconfig(path=kubeconfig))))

        yield open_one


@pytest.fixture
async def sessions(account: Account, namespace: str, opened: Connect) -> KubernetesSessions:
    """The adapter with all that it may need of sessions, in one namespace and elsewhere."""
    return await opened(await account(namespace, (), cluster_rules=[EVERYTHING]))


async def test_a_quota(sessions: KubernetesSessions, admin: KubeClient, namespace: str) -> None:
    """One session too many is `quota_exceeded`, with the quota's numbers."""
    hard = {"count/vdisessions.vdi.kasm.io": "1"}
    path = f"/api/v1/namespaces/{namespace}/resourcequotas"
    await admin.create(path, {"metadata": {"name": "few"}, "spec": {"hard": hard}})
    await _until(lambda: _counted(admin, f"{path}/few", hard), within_s=QUOTA_NOTICED_S)
    await sessions.create(request(namespace=namespace))
    fault = await _refused(sessions.create(request(namespace=namespace)))
    assert fault.reason is Reason.QUOTA_EXCEEDED
    assert "exceeded quota: few" in fault.summary
    assert "limited: count/vdisessions.vdi.kasm.io=1" in fault.summary


async def test_a_policy(sessions: KubernetesSessions, admin: KubeClient, namespace: str) -> None:
    """A denial is `admission_rejected`, with the words of the policy's author."""
    async with _denying(admin, namespace):
        fault = await _first_refusal(sessions, namespace)
    assert fault.reason is Reason.ADMISSION_REJECTED
    assert WORDS in fault.summary


async def test_an_invalid_spec(sessions: KubernetesSessions, namespace: str) -> None:
    """What the CRD does not allow is `admission_rejected`, with the path of each bad field."""
    wanted = replace(request(namespace=namespace), user="nobody", overlay={"persistence": {"enabled": "yes"}})
    fault = await _refused(sessions.create(wanted))
    assert fault.reason is Reason.ADMISSION_REJECTED
    assert "spec.user: Invalid value" in fault.summary
    assert "spec.persistence.enabled: Invalid value" in fault.summary


async def test_a_missing_namespace(sessions: KubernetesSessions) -> None:
    """Where there is no such namespace nothing can be made, and nothing is listed."""
    fault = await _refused(sessions.create(request(namespace="no-such-namespace")))
    assert (fault.reason, "the namespace is missing" in fault.summary) == (Reason.CRD_MISSING, True)
    assert await sessions.ours("no-such-namespace") == []


async def test_a_terminating_namespace(sessions: KubernetesSessions, admin: KubeClient, namespace: str) -> None:
    """A namespace that is being deleted takes nothing new; that is no matter of permissions."""
    path = SESSIONS.format(namespace)
    body = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDISession"}
    spec = {"user": "probe@example.com", "template": "ubuntu-desktop"}
    held = body | {"metadata": {"name": "held", "finalizers": [FINALIZER]}, "spec": spec}
    await admin.create(path, held)
    await admin.discard(f"/api/v1/namespaces/{namespace}")
    try:
        fault = await _refused(sessions.create(request(namespace=namespace)))
    finally:
        await admin.patch(f"{path}/held", {"metadata": {"finalizers": None}})
    assert (fault.reason, "the namespace is being deleted" in fault.summary) == (Reason.CRD_MISSING, True)


@pytest.mark.parametrize("group", ["nobody.example.com", "vdi.kasm.io"], ids=["group", "resource"])
async def test_a_missing_crd(account: Account, namespace: str, group: str) -> None:
    """A resource that no CRD defines is `crd_missing`, whether or not its group is served."""
    resource = replace(KASM.sessions, group=group, plural="desktops")
    platform = replace(KASM, sessions=resource)
    rules = [{"apiGroups": [group], "resources": ["desktops"], "verbs": ["create", "list"]}]
    kubeconfig = await account(namespace, rules)
    async with connect(Kubeconfig(path=kubeconfig)) as api:
        sessions = KubernetesSessions(api, platform=platform)
        faults = [
            await _refused(sessions.create(request(namespace=namespace))),
            await _refused(sessions.ours(namespace)),
        ]
    assert [fault.reason for fault in faults] == [Reason.CRD_MISSING] * 2
    assert all("the resource is not served" in fault.summary for fault in faults)


@pytest.mark.parametrize("lacking", ["create", "get", "list", "delete"], ids=str)
async def test_a_missing_permission(
    account: Account, opened: Connect, admin: KubeClient, namespace: str, lacking: str
) -> None:
    """What a role does not permit is told with verb and resource."""
    verbs = [verb for verb in ("create", "get", "list", "watch", "delete") if verb != lacking]
    sessions = await opened(await account(namespace, [rule(*verbs)]))
    full = await opened(await account(namespace, [rule("create")]))
    ref = (await full.create(request(namespace=namespace))).ref
    acts: Mapping[str, Callable[[], Awaitable[object]]] = {
        "create": lambda: sessions.create(request(namespace=namespace)),
        "get": lambda: sessions.get(ref),
        "list": lambda: sessions.ours(namespace),
        "delete": lambda: sessions.delete(ref),
    }
    fault = await _refused(acts[lacking]())
    assert fault.reason is (Reason.DELETE_REJECTED if lacking == "delete" else Reason.RBAC_DENIED)
    assert f'cannot {lacking} resource "vdisessions"' in fault.summary


async def test_a_bad_token(cluster_kubeconfig: Path, namespace: str, tmp_path: Path, opened: Connect) -> None:
    """A token that nobody issued is `rbac_denied`, and is not repeated."""
    rest = Rest(cluster_kubeconfig)
    kubeconfig = furniture.token_kubeconfig(
        tmp_path / "bad", server=rest.server, ca_pem=rest.ca_pem, token="planted-5f1c9a", namespace=namespace
    )
    fault = await _refused((await opened(kubeconfig)).create(request(namespace=namespace)))
    assert fault.reason is Reason.RBAC_DENIED
    assert "Unauthorized" in fault.summary
    assert "planted" not in fault.summary


async def _refused(act: Awaitable[object]) -> Fault:
    with pytest.raises(TargetFailed) as caught:
        await act
    return caught.value.fault


async def _until(holds: Callable[[], Awaitable[bool]], *, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(POLL_S)


async def _counted(admin: KubeClient, path: str, hard: Mapping[str, str]) -> bool:
    """Tells whether the controller has counted what there is."""
    status = (await admin.get(path)).get("status", {})
    return bool(status.get("hard") == hard and status.get("used"))


async def _first_refusal(sessions: KubernetesSessions, namespace: str) -> Fault:
    """Creates sessions until one is refused: nothing announces that a policy is in force."""
    async with asyncio.timeout(POLICY_NOTICED_S):
        while True:
            try:
                await sessions.create(request(namespace=namespace))
            except TargetFailed as refused:
                return refused.fault
            await asyncio.sleep(POLL_S)


@asynccontextmanager
async def _denying(admin: KubeClient, namespace: str) -> AsyncIterator[None]:
    """Denies all sessions of one namespace."""
    name = {"name": f"{namespace}.example.com"}
    rules = [{"apiGroups": ["vdi.kasm.io"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}]
    policy: dict[str, Any] = {
        "matchConstraints": {"resourceRules": rules},
        "validations": [{"expression": "false", "message": WORDS}],
    }
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    binding = {
        "policyName": name["name"],
        "validationActions": ["Deny"],
        "matchResources": {"namespaceSelector": selector},
    }
    made = {"validatingadmissionpolicies": policy, "validatingadmissionpolicybindings": binding}
    try:
        for plural, spec in made.items():
            await admin.create(f"{ADMISSION}/{plural}", {"metadata": name, "spec": spec})
        yield
    finally:
        for plural in made:
            await asyncio.shield(_discarded(admin, f"{ADMISSION}/{plural}/{name['name']}"))


async def _discarded(admin: KubeClient, path: str) -> None:
    try:
        await admin.discard(path)
    except ApiError as error:
        raise AssertionError(f"left behind: {path}") from error
