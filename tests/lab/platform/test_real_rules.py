"""What a real cluster's own rules make of a lab: permissions, Pod Security, quotas, an API server that restarts."""

import asyncio
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest

from prober.lab.cluster.choice import Foreign
from prober.lab.cluster.errors import PermissionMissingError
from prober.lab.cluster.permissions import NEEDED, Permission
from prober.lab.operator.client import KubeClient
from prober.lab.operator.lifecycle import TEMPLATES
from tests.cluster.control_plane import ControlPlane
from tests.cluster.fixtures import Account
from tests.lab.platform.observing import Observer, connected, eventually, exists, foreign_lab, running_session

pytestmark = pytest.mark.cluster


def _rules(*, namespaced: bool, without: str = "") -> list[dict[str, list[str]]]:
    return [
        {"apiGroups": [need.group], "resources": [need.resource], "verbs": list(need.verbs)}
        for need in NEEDED
        if need.namespaced is namespaced and need.resource != without
    ]


async def test_the_least_role_is_enough(tmp_path: Path, admin: KubeClient, namespace: str, account: Account) -> None:
    """With what the table says, in a namespace and with a template that an administrator made, a session runs."""
    template = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDITemplate"}
    await admin.create(TEMPLATES, {**template, "metadata": {"name": namespace}, "spec": {"image": "x"}})
    kubeconfig = await account(namespace, _rules(namespaced=True), _rules(namespaced=False))
    async with (
        foreign_lab(tmp_path / "state", Foreign(kubeconfig=kubeconfig), namespace=namespace) as lab,
        aiohttp.ClientSession() as http,
    ):
        seen = Observer(lab, api=admin, http=http)
        created = await seen.create(template=namespace)
        await seen.until(created, "Running")
        await seen.delete(created)
        await seen.until_gone(created)
        await seen.until_children(set())
    await admin.discard(f"{TEMPLATES}/{namespace}")


@pytest.mark.parametrize("need", NEEDED, ids=str)
async def test_a_missing_permission_is_named(
    tmp_path: Path, namespace: str, account: Account, need: Permission
) -> None:
    """Each permission that is taken away is named at the start, not by the first session that suffers."""
    rules = _rules(namespaced=True, without=need.resource)
    kubeconfig = await account(namespace, rules, _rules(namespaced=False, without=need.resource))
    with pytest.raises(PermissionMissingError) as refusal:
        async with foreign_lab(tmp_path / "state", Foreign(kubeconfig=kubeconfig), namespace=namespace):
            pass
    assert f": {', '.join(need.verbs)} on {need}; grant it by a Role" in str(refusal.value)


async def test_a_namespace_that_may_not_be_made_is_named(
    tmp_path: Path, admin: KubeClient, namespace: str, account: Account
) -> None:
    """Whoever may not make what is missing reads what it is."""
    anywhere = [*_rules(namespaced=True), *_rules(namespaced=False)]
    looks = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}]
    kubeconfig = await account(namespace, [], [*anywhere, *looks])
    with pytest.raises(PermissionMissingError, match='cannot create resource "namespaces"'):
        async with foreign_lab(tmp_path / "state", Foreign(kubeconfig=kubeconfig), namespace=f"{namespace}-b"):
            pass
    assert not await exists(admin, f"/api/v1/namespaces/{namespace}-b")


async def test_an_untouched_namespace_may_be_strict(
    tmp_path: Path, admin: KubeClient, cluster_kubeconfig: Path, namespace: str
) -> None:
    """The strictest of the Pod Security Standards lets a session's Pod in."""
    strict = {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    await admin.patch(f"/api/v1/namespaces/{namespace}", {"metadata": strict})
    async with (
        foreign_lab(tmp_path / "state", Foreign(kubeconfig=cluster_kubeconfig), namespace=namespace) as lab,
        aiohttp.ClientSession() as http,
    ):
        assert await running_session(lab, admin, http)


async def test_a_quota_is_told_by_the_session(
    tmp_path: Path, admin: KubeClient, cluster_kubeconfig: Path, namespace: str
) -> None:
    """A child that the cluster refuses stands in the session's message; once there is room the session runs."""
    quotas = f"/api/v1/namespaces/{namespace}/resourcequotas"
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}}
    await admin.create(quotas, quota)

    async def counted() -> bool:
        return "hard" in (await admin.get(f"{quotas}/none")).get("status", {})

    await eventually(counted)
    async with (
        foreign_lab(tmp_path / "state", Foreign(kubeconfig=cluster_kubeconfig), namespace=namespace) as lab,
        aiohttp.ClientSession() as http,
    ):
        seen = Observer(lab, api=admin, http=http)
        created = await seen.create(template=namespace)
        status = await seen.until_status(created, lambda status: "exceeded quota" in status.get("message", ""))
        assert status["phase"] == "Creating"
        await admin.discard(f"{quotas}/none")
        await seen.until(created, "Running")
        assert await seen.visit((await seen.status(created))["url"]) is HTTPStatus.UNAUTHORIZED


async def test_a_restart_of_the_api_harms_nobody(tmp_path: Path, control_plane: ControlPlane, namespace: str) -> None:
    """A desktop stays open while the API server is gone; afterwards sessions come and go as before."""
    cluster = Foreign(kubeconfig=control_plane.kubeconfig)
    async with (
        foreign_lab(tmp_path / "state", cluster, namespace=namespace) as lab,
        connected(control_plane.kubeconfig) as api,
        aiohttp.ClientSession() as http,
    ):
        seen = Observer(lab, api=api, http=http)
        kept = await running_session(lab, api, http, user="kept@example.com")
        url = (await seen.status(kept))["url"]
        await asyncio.to_thread(control_plane.stop_api)
        assert await seen.visit(url, password=await seen.password()) is HTTPStatus.OK
        await asyncio.to_thread(control_plane.start_api)
        assert await seen.visit(url, password=await seen.password()) is HTTPStatus.OK
        await running_session(lab, api, http)
        await seen.delete(kept)
        await seen.until_gone(kept)
        assert await lab.ready()
