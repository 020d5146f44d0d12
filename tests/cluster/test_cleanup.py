"""The cleanup, against the API and the garbage collector of a real control plane."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.paging import PAGE
from prober.adapters.kubernetes.resources import KASM, Platform, ResourceName
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport, as_dict
from prober.domain.session import SessionView
from prober.domain.steps import StepName, StepRecord
from prober.lab.operator.client import KubeClient
from tests.cluster.fixtures import Account
from tests.cluster.ground import (
    HELD,
    IMPATIENT,
    LOOK_S,
    Ground,
    pod,
    route,
    service,
    volume_claim,
)
from tests.cluster.site import LEAST_ROLE, PATIENCE_S

pytestmark = pytest.mark.cluster

TRAEFIK = "/apis/traefik.io/v1alpha1"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
GROUP = f"g{uuid4().hex[:8]}.example.com"
"""Of a kind of the test's own: whatever else uses the cluster has no such group."""

LOOKS: dict[str, Any] = {
    "apiGroups": ["", "traefik.io", GROUP],
    "resources": ["pods", "services", "persistentvolumeclaims", "configmaps", "ingressroutes", "gadgets"],
    "verbs": ["list"],
}


@asynccontextmanager
async def grounds(
    account: Account, namespace: str, admin: KubeClient, *, platform: Platform = KASM, looks: bool = True
) -> AsyncIterator[Ground]:
    """Gives a namespace, with the prober's side of it for a platform."""
    kubeconfig = await account(namespace, [LEAST_ROLE, *([LOOKS] if looks else [])])
    async with connect(Kubeconfig(path=kubeconfig)) as api:
        yield Ground(namespace=namespace, admin=admin, sessions=KubernetesSessions(api, platform=platform))


@pytest.fixture
async def ground(account: Account, namespace: str, admin: KubeClient) -> AsyncIterator[Ground]:
    """A namespace in which the prober may see everything that belongs to a session."""
    async with grounds(account, namespace, admin) as ground:
        yield ground


def ends(report: RunReport) -> tuple[StepRecord, StepRecord]:
    """Returns the two steps of a teardown."""
    assert [step.name for step in report.steps] == [StepName.TERMINATE, StepName.CLEANUP]
    terminated, cleaned = report.steps
    return terminated, cleaned


def summary(step: StepRecord) -> str:
    """Returns why a step failed."""
    assert step.fault is not None
    return step.fault.summary


async def test_owned_objects_go_with_their_session(ground: Ground) -> None:
    """The garbage collector takes what the session owns, and the cleanup has seen it: Pod, claim, Service, route."""
    session = await ground.session()
    name = session.ref.name
    await ground.child("pods", pod(name), owner=session)
    await ground.child("persistentvolumeclaims", volume_claim(f"vdi-data-{name}"), owner=session)
    await ground.child("services", service(name), owner=session)
    await ground.child("ingressroutes", route(name, session=session), owner=session, api=TRAEFIK)
    before = await ground.sessions.children(session.ref)
    assert {child.kind for child in before.found} == {"Pod", "PersistentVolumeClaim", "Service", "IngressRoute"}
    report = await ground.tear_down(session)
    assert report.outcome is Outcome.SUCCESS, report
    assert (await ground.sessions.children(session.ref)).found == ()


async def test_what_nobody_owns_is_named_with_age_and_finalizers(ground: Ground) -> None:
    """What the garbage collector leaves is found by its exact name, then by its label; strangers are not."""
    session = await ground.session()
    name, other = session.ref.name, await ground.session()
    held = service(name)
    held["metadata"]["finalizers"] = ["example.com/keep"]
    path = await ground.child("services", held)
    await ground.child("ingressroutes", route("a-route", session=session), api=TRAEFIK)
    await ground.child("services", service(f"{name}-2"))
    await ground.child("pods", pod(other.ref.name), owner=other)
    report = await ground.tear_down(session, budgets=IMPATIENT)
    _, cleaned = ends(report)
    assert report.fault == cleaned.fault
    assert cleaned.fault is not None
    assert cleaned.fault.reason is Reason.CHILD_LEFT
    assert summary(cleaned).startswith(f"left behind: Service/{name} (")
    assert "s old, finalizers: example.com/keep, known by its name), IngressRoute/a-route (" in summary(cleaned)
    assert summary(cleaned).endswith("s old, known by its label)")
    left_service, left_route = as_dict(report)["children_left"]
    assert 0 <= left_service.pop("age_s") < PATIENCE_S
    assert left_service == {"kind": "Service", "name": name, "tie": "name", "finalizers": ["example.com/keep"]}
    assert (left_route["kind"], left_route["tie"]) == ("IngressRoute", "label")
    await ground.admin.patch(path, {"metadata": {"finalizers": None}})


async def test_an_object_that_hangs_says_for_how_long(ground: Ground) -> None:
    """An owned object whose own finalizer keeps it is left, with what keeps it and since when it is being deleted."""
    session = await ground.session()
    held = service(session.ref.name)
    held["metadata"]["finalizers"] = ["example.com/keep"]
    path = await ground.child("services", held, owner=session)
    report = await ground.tear_down(session, budgets=IMPATIENT)
    (left,) = report.children_left
    assert left.finalizers == ("example.com/keep",)
    assert "finalizers: example.com/keep" in summary(ends(report)[1])
    await ground.admin.patch(path, {"metadata": {"finalizers": None}})
    await ground.until_childless(session)


async def test_a_claim_that_the_platform_retains_is_stated_as_kept(ground: Ground) -> None:
    """By policy a volume may stay: the run is a success, and its report says what stayed."""
    session = await ground.session()
    claim = f"vdi-data-{session.ref.name}"
    await ground.child("persistentvolumeclaims", volume_claim(claim))
    report = await ground.tear_down(session, keep=("PersistentVolumeClaim",))
    assert report.outcome is Outcome.SUCCESS, report
    assert report.children_left == ()
    (kept,) = as_dict(report)["children_kept"]
    assert (kept["kind"], kept["name"], kept["finalizers"]) == (
        "PersistentVolumeClaim",
        claim,
        ["kubernetes.io/pvc-protection"],
    )
    assert ends(report)[1].notes[0].startswith(f"kept by policy: PersistentVolumeClaim/{claim} (")


@pytest.mark.parametrize("touches", [False, True], ids=["silent", "touching its annotations"])
async def test_a_stuck_finalizer_is_told(ground: Ground, *, touches: bool) -> None:
    """An operator that does nothing more, whatever it writes where nobody waits for it, is stuck on its finalizer."""
    session = await ground.session(finalizers=HELD)

    async def touch() -> None:
        for number in range(1_000_000):
            await ground.admin.patch(ground.path(session), {"metadata": {"annotations": {"touched": str(number)}}})
            await asyncio.sleep(LOOK_S)

    operator = asyncio.create_task(touch() if touches else asyncio.sleep(PATIENCE_S), name="operator")
    report = await ground.tear_down(session, budgets=IMPATIENT)
    operator.cancel()
    await asyncio.wait([operator])
    terminated, cleaned = ends(report)
    assert terminated.fault is not None
    assert terminated.fault.reason is Reason.FINALIZER_STUCK, report
    assert f"deletion was accepted 3 s ago and the finalizer {HELD[0]} is still there" in summary(terminated)
    assert f"the session itself is still there (finalizers: {HELD[0]})" in summary(cleaned)
    (left,) = report.children_left
    assert (left.kind, left.name, left.finalizers) == ("VDISession", session.ref.name, HELD)
    await ground.release(session)


async def _work_off(ground: Ground, session: SessionView, *paths: str) -> None:
    """Plays an operator that removes a session's objects one by one, then lets the session go."""
    await ground.until_deleting(session)
    await ground.admin.patch(f"{ground.path(session)}/status", {"status": {"phase": "Terminating"}})
    for path in paths:
        await asyncio.sleep(1.2)
        await ground.admin.discard(path)
    await ground.release(session)


async def test_a_slow_operator_is_told_from_a_stuck_one(ground: Ground) -> None:
    """While its objects go the session's end is slow: the cleanup waits on, and says when the session was gone."""
    session = await ground.session(finalizers=HELD)
    name = session.ref.name
    paths = [
        await ground.child("services", service(name), owner=session),
        await ground.child("ingressroutes", route(name, session=session), owner=session, api=TRAEFIK),
        await ground.child("persistentvolumeclaims", volume_claim(f"vdi-data-{name}"), owner=session),
        await ground.child("pods", pod(name), owner=session),
    ]
    operator = asyncio.create_task(_work_off(ground, session, *paths), name="operator")
    report = await ground.tear_down(session)
    await operator
    terminated, cleaned = ends(report)
    assert terminated.fault is not None
    assert terminated.fault.reason is Reason.CLEANUP_TIMEOUT, report
    assert "the session's end is slow: 3 s after its deletion" in summary(terminated)
    assert f"Pod/{name}" in summary(terminated)
    assert cleaned.outcome is Outcome.SUCCESS, report
    (note,) = cleaned.notes
    assert note.startswith("the session was gone ")
    assert note.endswith(" s after its deletion")


async def test_the_least_role_states_what_it_cannot_see(account: Account, namespace: str, admin: KubeClient) -> None:
    """With permission on sessions alone the end is proven for the session; each kind out of sight is a stated gap."""
    async with grounds(account, namespace, admin, looks=False) as ground:
        report = await ground.tear_down(await ground.session())
    assert report.outcome is Outcome.SUCCESS, report
    assert ends(report)[1].notes == tuple(
        f"{kind}: forbidden (needs list on {kind} in namespace {namespace})" for kind in map(str, KASM.children)
    )


def gadgets() -> dict[str, Any]:
    """Returns the definition of a kind of the test's own."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [
        {"name": "v1beta1", "served": True, "storage": False, "schema": schema},
        {"name": "v1", "served": True, "storage": True, "schema": schema},
    ]
    names = {"plural": "gadgets", "kind": "Gadget", "singular": "gadget"}
    metadata = {"name": f"gadgets.{GROUP}"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": versions},
    }


async def test_kinds_of_a_configurations_own_are_discovered(
    account: Account, namespace: str, admin: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ConfigMap and a custom kind, installed while we run, are found as whatever the API server serves them as."""
    monkeypatch.setattr("prober.adapters.kubernetes.discovery.ASK_AGAIN_S", 0.0)
    kinds = tuple(map(ResourceName.parse, ("configmaps", f"gadgets.{GROUP}")))
    platform = Platform(children=kinds, child_names=("settings-{session}",))
    async with grounds(account, namespace, admin, platform=platform) as ground:
        session = await ground.session()
        await ground.child("configmaps", {"metadata": {"name": f"settings-{session.ref.name}"}})
        before = await ground.sessions.children(session.ref)
        assert [child.kind for child in before.found] == ["ConfigMap"]
        assert before.gaps == (f"gadgets.{GROUP}: not served",)
        crd = await admin.create(CRDS, gadgets())
        try:
            await ground.until_all_is_seen(session)
            body = {"apiVersion": f"{GROUP}/v1", "kind": "Gadget", "metadata": {"name": "a-gadget"}}
            await ground.child("gadgets", body, owner=session, api=f"/apis/{GROUP}/v1")
            found = (await ground.sessions.children(session.ref)).found
            assert [child.kind for child in found] == ["ConfigMap", "Gadget"]
            report = await ground.tear_down(session, keep=("ConfigMap",))
        finally:
            await admin.discard(f"{CRDS}/{crd['metadata']['name']}")
    assert report.outcome is Outcome.SUCCESS, report
    assert [kept.name for kept in report.children_kept] == [f"settings-{session.ref.name}"]


async def test_a_crowded_namespace_is_read_in_pages(account: Account, namespace: str, admin: KubeClient) -> None:
    """An object is found wherever it is among more than a page holds."""
    platform = Platform(children=(ResourceName(plural="configmaps"),))
    async with grounds(account, namespace, admin, platform=platform) as ground:
        session = await ground.session()
        strangers = [{"metadata": {"name": f"stranger-{number}"}} for number in range(PAGE)]
        await asyncio.gather(*(ground.child("configmaps", stranger) for stranger in strangers))
        labels = {KASM.session_label: session.ref.name}
        for name in ("a-first", "stranger-15-next", "z-last"):
            await ground.child("configmaps", {"metadata": {"name": name, "labels": labels}})
        found = (await ground.sessions.children(session.ref)).found
    assert [child.name for child in found] == ["a-first", "stranger-15-next", "z-last"]
