"""Who may ask: tokens, roles, reviews."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from prober.lab.kube.limits import Limit
from tests.contracts.kubernetes_api.cluster import Cluster, lacking, session
from tests.contracts.kubernetes_api.server import Reply, Server, eventually

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
SESSIONS = {"apiGroups": ["vdi.kasm.io"], "resources": ["vdisessions"]}
USER = "system:serviceaccount:{}:tester"


class Access:
    """Identity, and what follows from it."""

    @pytest.mark.parametrize("path", ["/api/v1/pods", "/apis/vdi.kasm.io/v1alpha1/vdisessions"], ids=["core", "custom"])
    async def test_an_unknown_token(self, cluster: Cluster, path: str) -> None:
        """A token that nobody issued is 401, and is not repeated."""
        async with Server.connect_bearing("planted-5f1c9a", kubeconfig=cluster.kubeconfig) as stranger:
            refused = await stranger.call("GET", path)
        assert (refused.refusal, refused.body["message"]) == ((401, "Unauthorized"), "Unauthorized")
        assert "planted" not in refused.text

    async def test_health_is_public(self, cluster: Cluster) -> None:
        """Whoever asks may know that the server is ready; so does the administrator."""
        reply = await cluster.server.call("GET", "/readyz", accept="*/*")
        assert (reply.status, reply.text) == (200, "ok")

    async def test_an_administrator_may(self, cluster: Cluster) -> None:
        """A self-review says what is allowed, with the question repeated."""
        answer = await _review(cluster.server, verb="create", namespace=cluster.namespace)
        assert answer.status == 201
        assert answer.body["status"]["allowed"] is True
        assert answer.body["spec"]["resourceAttributes"]["resource"] == "vdisessions"

    @lacking(Limit.SERVICE_ACCOUNTS)
    async def test_a_token_can_be_requested(self, cluster: Cluster) -> None:
        """A ServiceAccount's token says who one is, and until when."""
        async with _account(cluster, verbs=[]) as account:
            refused = await account.call("GET", cluster.sessions())
        assert refused.refusal == (403, "Forbidden")
        assert f'User "{USER.format(cluster.namespace)}"' in refused.body["message"]

    @lacking(Limit.SERVICE_ACCOUNTS)
    async def test_a_namespace_has_an_account(self, cluster: Cluster) -> None:
        """Each namespace has the account that its Pods run as."""
        assert "items" in await cluster.server.listed(cluster.core("serviceaccounts"))
        default = cluster.core("serviceaccounts", "default")
        await eventually(lambda: cluster.server.exists(default), what="the default account")

    @lacking(Limit.RBAC)
    async def test_a_role_permits_what_it_says(self, cluster: Cluster) -> None:
        """What the rules name works, the rest is 403 with user, verb, resource, group and namespace in one sentence."""
        async with _account(cluster, verbs=["list", "create"]) as account:
            assert (await account.call("GET", cluster.sessions())).status == 200
            assert (await account.call("POST", cluster.sessions(), session("probe"))).status == 201
            refused = await account.call("DELETE", cluster.sessions("probe"))
        assert refused.refusal == (403, "Forbidden")
        assert refused.body["details"] == {"name": "probe", "group": "vdi.kasm.io", "kind": "vdisessions"}
        assert refused.body["message"] == (
            f'vdisessions.vdi.kasm.io "probe" is forbidden: User "{USER.format(cluster.namespace)}" cannot delete'
            f' resource "vdisessions" in API group "vdi.kasm.io" in the namespace "{cluster.namespace}"'
        )

    @lacking(Limit.RBAC)
    async def test_absence_does_not_show_through_a_refusal(self, cluster: Cluster) -> None:
        """Who may not read gets 403, whether or not the object, the namespace or the resource is there."""
        paths = (
            cluster.sessions("absent"),
            cluster.sessions(namespace="absent"),
            "/apis/nobody.example.com/v1/namespaces/x/y",
        )
        async with _account(cluster, verbs=[]) as account:
            assert [(await account.call("GET", path)).status for path in paths] == [403, 403, 403]

    @lacking(Limit.RBAC)
    async def test_a_review_may_deny(self, cluster: Cluster) -> None:
        """Anybody known may ask what is allowed to him."""
        async with _account(cluster, verbs=["list"]) as account:
            answers = [await _review(account, verb=verb, namespace=cluster.namespace) for verb in ("list", "delete")]
        assert [answer.body["status"]["allowed"] for answer in answers] == [True, False]

    @lacking(Limit.RBAC)
    async def test_nobody_is_anonymous(self, cluster: Cluster) -> None:
        """Without a token one is `system:anonymous`, who may do next to nothing."""
        async with Server.connect_bearing("", kubeconfig=cluster.kubeconfig) as nobody:
            refused = await nobody.call("GET", cluster.sessions())
        assert refused.status == 403
        assert 'User "system:anonymous" cannot list' in refused.body["message"]


async def _review(server: Server, *, verb: str, namespace: str) -> Reply:
    attributes = {"verb": verb, "group": "vdi.kasm.io", "resource": "vdisessions", "namespace": namespace}
    question: dict[str, Any] = {"spec": {"resourceAttributes": attributes}}
    return await server.call("POST", REVIEWS, question)


@asynccontextmanager
async def _account(cluster: Cluster, *, verbs: list[str]) -> AsyncIterator[Server]:
    """Makes a ServiceAccount that may do this with sessions; gives the server as it sees it."""
    metadata = {"metadata": {"name": "tester"}}
    await cluster.server.made(cluster.core("serviceaccounts"), metadata)
    within = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{cluster.namespace}"
    rules = [{**SESSIONS, "verbs": verbs}] if verbs else []
    await cluster.server.made(f"{within}/roles", metadata | {"rules": rules})
    binding = {
        "subjects": [{"kind": "ServiceAccount", "name": "tester", "namespace": cluster.namespace}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "tester"},
    }
    await cluster.server.made(f"{within}/rolebindings", metadata | binding)
    wanted = {"spec": {"expirationSeconds": 600}}
    answer = await cluster.server.made(f"{cluster.core('serviceaccounts', 'tester')}/token", wanted)
    async with Server.connect_bearing(answer["status"]["token"], kubeconfig=cluster.kubeconfig) as account:
        if verbs:  # the authorizer learns of a new binding by a watch of its own
            await eventually(lambda: _permitted(account, cluster, verb=verbs[0]), what="the role is in force")
        yield account


async def _permitted(account: Server, cluster: Cluster, *, verb: str) -> bool:
    answer = await _review(account, verb=verb, namespace=cluster.namespace)
    return bool(answer.body["status"]["allowed"])
