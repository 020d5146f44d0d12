"""Whole runs against a real API server, with each permission taken away in turn.

Browser and URL are stand-ins; the Kubernetes half, from the creation to the proof of the cleanup, is the real one.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from prober.adapters.clock import SystemClock
from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.permissions import Feature, Permission, Scope, permissions, rules
from prober.adapters.kubernetes.secrets import KubernetesSecrets
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.adapters.kubernetes.templates import KubernetesTemplates
from prober.domain.errors import ProbeError
from prober.domain.evidence import PLAIN_SOURCES, EvidencePlan, LeaseName, Source
from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName
from prober.domain.target import SessionTemplate, StreamPlan, Target
from prober.flow.runner import Runner
from prober.lab.operator.client import KubeClient, connection_info
from tests.cluster import furniture
from tests.cluster.control_plane import ControlPlane
from tests.cluster.rest import Rest
from tests.cluster.standins import LOG, standing_in
from tests.fakes.browser import FakeBrowser, FakeDesktop
from tests.fakes.exposure import GONE, SERVING, FakeExposure
from tests.fakes.observer import FakeObserver
from tests.fakes.secrets import FakeSecrets

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

AT_ONCE = 3
"""How many runs are under way at once: all share two cores with the control plane."""

LEASE = "vdi-operator"
SECRET = "probe-password"
RUNS = [row for row in permissions() if row.feature is Feature.RUNS]

Use = tuple[str, str]
"""Verb and resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the runs take place.

    Attributes:
        rest: The API server, as its administrator.
        sessions: The sessions' namespace.
        elsewhere: The namespace of a Lease and a Secret that the configuration names.
        folder: For kubeconfigs.
    """

    rest: Rest
    sessions: str
    elsewhere: str
    folder: Path

    async def account(self, rows: Iterable[Permission]) -> Path:
        """Returns the kubeconfig of an account with these permissions."""
        return await asyncio.to_thread(self._account, list(rows))

    def _account(self, rows: list[Permission]) -> Path:
        name = f"account-{uuid4().hex[:8]}"
        token = furniture.make_account(
            self.rest,
            name=name,
            namespace=self.sessions,
            rules=rules(rows, scope=Scope.SESSIONS),
            cluster_rules=rules(rows, scope=Scope.CLUSTER),
        )
        names = {Feature.EVIDENCE_LEASES: (LEASE,), Feature.SECRET_REFERENCES: (SECRET,)}
        within = f"{furniture.RBAC}/namespaces/{self.elsewhere}"
        named = {"metadata": {"name": name}, "rules": rules(rows, scope=Scope.NAMED, names=names)}
        self.rest.call("POST", f"{within}/roles", named)
        subject = {"kind": "ServiceAccount", "name": name, "namespace": self.sessions}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
        binding = {"metadata": {"name": name}, "subjects": [subject], "roleRef": reference}
        self.rest.call("POST", f"{within}/rolebindings", binding)
        return furniture.token_kubeconfig(
            self.folder / f"{name}.kubeconfig",
            server=self.rest.server,
            ca_pem=self.rest.ca_pem,
            token=token,
            namespace=self.sessions,
        )


@pytest.fixture
async def place(control_plane: ControlPlane, tmp_path: Path) -> AsyncIterator[Place]:
    """A namespace with an operator and a node's logs, and another one."""
    rest = await asyncio.to_thread(Rest, control_plane.kubeconfig)
    sessions, elsewhere = (f"test-{uuid4().hex[:8]}" for _ in range(2))
    for namespace in (sessions, elsewhere):
        await asyncio.to_thread(furniture.make_namespace, rest, namespace)
    config = yaml.safe_load(await asyncio.to_thread(control_plane.kubeconfig.read_text))
    async with KubeClient(connection_info(config)) as admin:
        leases = f"/apis/coordination.k8s.io/v1/namespaces/{elsewhere}/leases"
        await admin.create(leases, {"metadata": {"name": LEASE}, "spec": {"holderIdentity": "operator-0"}})
        secret = {"metadata": {"name": SECRET}, "stringData": {"password": "planted-password"}}
        await admin.create(f"/api/v1/namespaces/{elsewhere}/secrets", secret)
        async with standing_in(admin, namespace=sessions, folder=tmp_path):
            yield Place(rest=rest, sessions=sessions, elsewhere=elsewhere, folder=tmp_path)
        pods = await admin.list(f"/api/v1/namespaces/{sessions}/pods")
        for pod in pods:
            await admin.discard(f"/api/v1/namespaces/{sessions}/pods/{pod['metadata']['name']}?gracePeriodSeconds=0")
    for namespace in (sessions, elsewhere):
        await asyncio.to_thread(furniture.remove_namespace, rest, namespace)


async def probe(place: Place, kubeconfig: Path, *, sound: bool, nodes: bool = False) -> RunReport:
    """Runs the flow once with an account; one that is not sound refuses the login; nodes are looked at if asked."""
    target = Target(
        name=TargetName("ubuntu"),
        session=SessionTemplate(
            cluster=ClusterName("real"), namespace=place.sessions, user="probe@example.com", template="ubuntu-desktop"
        ),
        stream=StreamPlan(window_s=1.0, settle_s=0.2, sample_every_s=0.1),
        input=None,
        session_cap=100,
        evidence=EvidencePlan(
            sources=(*PLAIN_SOURCES, Source.NODES) if nodes else PLAIN_SOURCES,
            secrets=("{session}-credentials",),
            leases=(LeaseName(namespace=place.elsewhere, name=LEASE),),
        ),
    )
    desktop = FakeDesktop() if sound else FakeDesktop(status=401)
    async with connect(Kubeconfig(path=kubeconfig)) as api:
        runner = Runner(
            sessions={ClusterName("real"): KubernetesSessions(api)},
            exposure=FakeExposure(None, SERVING, always=GONE),
            browser=FakeBrowser(desktop),
            secrets=FakeSecrets(),
            clock=SystemClock(),
            observer=FakeObserver(),
            instance="test",
        )
        return await runner.run(target, run_id=RunId(str(uuid4())), trigger=Trigger.MANUAL)


def statements(report: RunReport) -> list[str]:
    """Returns everything that a report says of what went wrong or could not be seen."""
    faults = [step.fault.summary for step in report.steps if step.fault is not None]
    notes = [note for step in report.steps for note in step.notes]
    looks = [evidence for evidence in (report.kubernetes, report.kubernetes_left) if evidence is not None]
    return [*faults, *notes, *(str(gap) for look in looks for gap in look.gaps)]


def named_in(texts: Iterable[str]) -> set[Use]:
    """Returns the permissions that texts name, in our words or in the API server's."""
    ours = re.compile(r"needs (\w+) on (\w+(?:/\w+)?)")
    theirs = re.compile(r'cannot (\w+) resource "(\w+(?:/\w+)?)"')
    return {(verb, kind) for text in texts for words in (ours, theirs) for verb, kind in words.findall(text)}


def use_of(row: Permission) -> Use:
    """Returns what a permission allows."""
    return row.verb, row.kind


async def test_the_least_role_is_enough(place: Place) -> None:
    """With the role that the platform gives its users a run is a success, and says what it could not see."""
    kubeconfig = await place.account(RUNS)
    report = await probe(place, kubeconfig, sound=True)
    assert (report.outcome, report.fault) == (Outcome.SUCCESS, None)
    assert [step.name for step in report.steps] == [name for name in StepName if name is not StepName.INPUT]
    cleanup = {use_of(row) for row in permissions() if row.feature is Feature.CLEANUP}
    assert named_in(statements(report)) == cleanup
    failed = await probe(place, kubeconfig, sound=False)
    assert failed.fault is not None
    assert failed.fault.reason is Reason.AUTH_REJECTED
    evidence = failed.kubernetes
    assert evidence is not None
    assert evidence.session is not None
    assert evidence.session.phase == "Running"
    sources = {row.feature for row in permissions() if row.feature.startswith("evidence.")} - {Feature.EVIDENCE_NODES}
    assert len(evidence.gaps) == len(sources) - 1
    assert {str(gap.source) for gap in evidence.gaps} == {
        feature.removeprefix("evidence.") for feature in sources - {Feature.EVIDENCE_SESSION}
    }


async def test_the_full_role_sees_everything(place: Place) -> None:
    """With all permissions there is no gap: the log comes from a kubelet, the Secret shows its keys only."""
    kubeconfig = await place.account(permissions())
    report = await probe(place, kubeconfig, sound=False)
    evidence = report.kubernetes
    assert evidence is not None
    assert named_in(statements(report)) == set()
    assert (evidence.gaps, evidence.truncated) == ((), ())
    name = evidence.session.name if evidence.session else ""
    assert [(pod.name, pod.phase) for pod in evidence.pods or ()] == [(name, "Running")]
    assert [event.reason for event in evidence.events or ()] == ["Scheduled"]
    assert [log.text for log in evidence.logs or ()] == [LOG.rstrip("\n")]
    assert [claim.name for claim in evidence.persistentvolumeclaims or ()] == [f"vdi-data-{name}"]
    assert [service.facts["ports"] for service in evidence.services or ()] == ["8080/TCP"]
    assert [route.facts["match"] for route in evidence.ingressroutes or ()] == ["Host(`probe.vdi.example.com`)"]
    assert [(named.kind, named.holder, named.keys) for named in evidence.named_objects or ()] == [
        ("Lease", "operator-0", ()),
        ("Secret", None, ("password",)),
    ]
    assert "planted" not in repr(report)


async def _without(place: Place, row: Permission) -> tuple[str, set[Use]]:
    """Takes a permission away; returns what comes out, and which permissions are said to be missing.

    Evidence is taken of runs that fail only: there the desktop refuses the login.
    """
    removed = use_of(row)
    kubeconfig = await place.account(other for other in permissions() if use_of(other) != removed)
    asked: dict[Feature, Callable[[Path], Awaitable[None]]] = {
        Feature.SECRET_REFERENCES: lambda path: _read_secret(place, path),
        Feature.TEMPLATES: _list_templates,
    }
    if row.feature in asked:
        try:
            await asked[row.feature](kubeconfig)
        except ProbeError as error:
            return f"{error.fault.reason}: {error.fault.summary}", named_in([error.fault.summary])
        return "nothing", set()
    sound = row.feature in {Feature.RUNS, Feature.CLEANUP} and row.verb != "get"
    report = await probe(place, kubeconfig, sound=sound, nodes=row.feature is Feature.EVIDENCE_NODES)
    told = [text for text in statements(report) if named_in([text])]
    reason = f" ({report.fault.reason})" if report.fault is not None else ""
    return f"{report.outcome}{reason}: {told[0] if told else 'nothing'}", named_in(told)


async def _read_secret(place: Place, kubeconfig: Path) -> None:
    async with connect(Kubeconfig(path=kubeconfig)) as api:
        await KubernetesSecrets(api).read(namespace=place.elsewhere, name=SECRET, key="password")


async def _list_templates(kubeconfig: Path) -> None:
    async with connect(Kubeconfig(path=kubeconfig)) as api:
        await KubernetesTemplates(api).names()


async def test_each_missing_permission_is_named(place: Place, findings: list[str]) -> None:
    """With each permission removed in turn, the reason or the stated gap names exactly that one."""
    rows = list({(use_of(row), row.feature.partition(".")[0]): row for row in permissions()}.values())
    places = asyncio.Semaphore(AT_ONCE)

    async def one(row: Permission) -> tuple[Permission, str, set[Use]]:
        async with places:
            outcome, named = await _without(place, row)
        return row, outcome, named

    results = await asyncio.gather(*map(one, rows))
    findings += ["| permission removed | outcome |", "|---|---|"]
    findings += [f"| {row.verb} on {row.kind} ({row.feature}) | {outcome} |" for row, outcome, _ in results]
    wrong = {f"{row.feature} {use_of(row)}": named for row, _, named in results if named != {use_of(row)}}
    assert wrong == {}
