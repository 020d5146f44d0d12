from pathlib import Path
from typing import Any

import pytest

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.permissions import (
    Feature,
    Permission,
    Scope,
    evidence_permission,
    permissions,
    rules,
)
from prober.adapters.kubernetes.permissions_page import as_markdown
from prober.adapters.kubernetes.resources import KASM, Platform, Resource, ResourceName
from prober.adapters.kubernetes.secrets import KubernetesSecrets
from prober.adapters.kubernetes.templates import KubernetesTemplates
from prober.domain.errors import ProberFailed
from prober.domain.evidence import EvidencePlan, LeaseName, Source
from tests.adapters.kubernetes.conftest import Gate, KubeWorld, pod
from tests.adapters.kubernetes.uses import granted, use_of, uses_of
from tests.contracts.sessions import ELSEWHERE, NAMESPACE, request

PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"


@pytest.mark.parametrize(
    ("asked", "use"),
    [
        pytest.param("GET /api/v1/namespaces/a/pods", ("", "pods", "list"), id="list"),
        pytest.param("GET /api/v1/namespaces/a/pods/b/log", ("", "pods/log", "get"), id="subresource"),
        pytest.param("WATCH /apis/g/v1/namespaces/a/things", ("g", "things", "watch"), id="watch"),
        pytest.param("DELETE /apis/g/v1/namespaces/a/things/b", ("g", "things", "delete"), id="delete"),
        pytest.param("POST /apis/g/v1/things", ("g", "things", "create"), id="without namespaces"),
        pytest.param("GET /apis/g/v1", None, id="discovery of a version"),
        pytest.param("GET /apis/g", None, id="discovery of a group"),
    ],
)
def test_requests_in_the_words_of_roles(asked: str, use: Any) -> None:
    """The tests' own reading of requests is right."""
    assert use_of(asked) == use


async def test_the_table_is_what_is_asked_for(api: ApiServer, world: KubeWorld, gate: Gate) -> None:
    """Every request of every feature has its row, and every row a request that needs it."""
    sessions = world.sessions
    session = await sessions.create(request())
    world.add("pods", pod(session.ref.name, owner=session.ref, nodeName="node-1"))
    async with sessions.watch(session.ref) as states:
        await anext(states)
        gate.requests.clear()
        await sessions.ours(NAMESPACE)
        second = await sessions.create(request())
        async with sessions.watch(second.ref) as others:
            await anext(others)
            world.hold(second.ref)
            await anext(others)
    await sessions.get(session.ref)
    await sessions.children(session.ref)
    lease = LeaseName(namespace=ELSEWHERE, name="operator")
    await sessions.evidence(session, plan=EvidencePlan(secrets=("{session}",), leases=(lease,)))
    await sessions.evidence(session, plan=EvidencePlan(sources=(Source.PODS, Source.NODES)))
    # The Pod has no status, so that its log is asked for by itself.
    await sessions.evidence(session, plan=EvidencePlan(sources=(Source.LOGS,)))
    await sessions.delete(session.ref)
    await KubernetesTemplates(api).names()
    with pytest.raises(ProberFailed, match="not found"):
        await KubernetesSecrets(api).read(namespace=NAMESPACE, name="none", key="password")
    assert uses_of(gate.requests) == granted(permissions())


async def test_each_source_asks_for_its_one_permission(world: KubeWorld, gate: Gate) -> None:
    """What a gap says is needed is what the source asked for."""
    session = await world.sessions.create(request())
    lease = LeaseName(namespace=ELSEWHERE, name="operator")
    named: dict[Source, dict[str, Any]] = {Source.SECRETS: {"secrets": ("a",)}, Source.LEASES: {"leases": (lease,)}}
    for source in set(Source) - {Source.NODES}:  # which asks for nothing unless a Pod names one
        gate.requests.clear()
        plan = EvidencePlan(sources=(source,), **named.get(source, {}))
        await world.sessions.evidence(session, plan=plan)
        assert uses_of(gate.requests) == granted([evidence_permission(source)]), source


async def test_a_session_that_may_not_be_watched_is_listed(world: KubeWorld, gate: Gate) -> None:
    """The stream goes on, and says what it does without."""
    ref = (await world.sessions.create(request())).ref
    gate.refuse("WATCH", "/vdisessions", 403, message="cannot watch")
    needed = "needs watch on vdisessions.vdi.kasm.io in namespace vdi"
    async with world.sessions.watch(ref) as states:
        await anext(states)
        before = states.gaps
        await world.sessions.delete(ref)
        assert await anext(states) is None
        after = states.gaps
    assert before == ()
    assert after == (f"watch: refused ({needed}), the session is listed every 1 s instead",)


def test_the_least_role() -> None:
    """What the platform grants its users is what runs need."""
    rows = [row for row in permissions() if row.feature is Feature.RUNS]
    assert rules(rows, scope=Scope.SESSIONS) == [
        {
            "apiGroups": ["vdi.kasm.io"],
            "resources": ["vdisessions"],
            "verbs": ["get", "list", "watch", "create", "delete"],
        }
    ]


def test_rules_are_restricted_to_names() -> None:
    """Names go to the features that can be restricted, and to no others."""
    rows = [row for row in permissions() if row.feature in {Feature.EVIDENCE_SECRETS, Feature.EVIDENCE_LOGS}]
    names = {Feature.EVIDENCE_SECRETS: ("a", "b"), Feature.EVIDENCE_LOGS: ("c",)}
    assert rules(rows, scope=Scope.SESSIONS, names=names) == [
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["a", "b"]},
    ]
    assert rules(rows, scope=Scope.CLUSTER) == []


def test_another_platform_has_its_own_table() -> None:
    """Sessions and children of another kind need permissions on those."""
    platform = Platform(
        sessions=Resource(kind="Desktop", plural="desktops", group="example.com", version="v1"),
        children=(ResourceName(plural="deployments", group="apps"),),
    )
    uses = granted(row for row in permissions(platform) if row.feature in {Feature.RUNS, Feature.CLEANUP})
    assert ("example.com", "desktops", "create") in uses
    assert ("apps", "deployments", "list") in uses
    assert not [use for use in uses if "vdisessions" in use or "pods" in use]


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.feature}-{row.verb}") for row in permissions()])
def test_every_row_says_what_it_is_for(row: Permission) -> None:
    """A row that is not required says what is lost, and how the gap names it."""
    assert row.lost
    assert row.needed("vdi").startswith(f"{row.verb} on {row.kind}")
    assert row.needed("vdi").endswith("in the whole cluster" if row.scope is Scope.CLUSTER else "in namespace vdi")


def test_every_feature_has_rows() -> None:
    """No feature is without a permission, and each source of evidence has exactly one."""
    features = [row.feature for row in permissions()]
    assert set(features) == set(Feature)
    for source in Source:
        assert features.count(Feature(f"evidence.{source}")) == 1
    assert len(KASM.children) == features.count(Feature.CLEANUP)


def test_the_page_is_up_to_date() -> None:
    """The page for administrators is made of the table: `python -m prober.adapters.kubernetes.permissions_page`."""
    assert PAGE.read_text(encoding="utf-8") == as_markdown()
