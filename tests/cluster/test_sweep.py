"""`prober sweep` and the cap, against a real API server: what is ours goes, what is others' stays."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from prober.adapters.clock import SystemClock
from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.outcomes import Trigger
from prober.domain.reasons import Reason
from prober.domain.session import (
    ABOUT_ANNOTATION,
    DEADLINE_ANNOTATION,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    OWNER_LABEL,
    RUN_ID_LABEL,
    SessionRequest,
    SessionView,
    marks,
)
from prober.domain.steps import Budgets
from prober.domain.target import SessionTemplate, Target
from prober.flow.runner import Runner
from prober.flow.sweep import sweep
from prober.lab.operator.client import KubeClient
from tests.cluster import furniture
from tests.cluster.fixtures import Account
from tests.cluster.ground import HELD, Ground, service
from tests.cluster.rest import Rest
from tests.cluster.site import LEAST_ROLE
from tests.contracts.sessions import request
from tests.e2e.conftest import run_prober
from tests.fakes.browser import FakeBrowser
from tests.fakes.exposure import FakeExposure
from tests.fakes.observer import FakeObserver
from tests.fakes.secrets import FakeSecrets

pytestmark = pytest.mark.cluster

LOOKS = {"apiGroups": ["", "traefik.io"], "resources": ["*"], "verbs": ["list"]}
HOUR = timedelta(hours=1)
COMMAND_S = 90.0


@pytest.fixture(autouse=True)
def no_time_to_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a sweep wait less for what stays."""
    monkeypatch.setattr("prober.flow.sweep.SETTLE_S", 2.0)


@pytest.fixture
def elsewhere(cluster_kubeconfig: Path, namespace: str) -> Iterator[str]:
    """A second namespace, which no target uses."""
    rest, name = Rest(cluster_kubeconfig), f"{namespace}-2"
    furniture.make_namespace(rest, name)
    yield name
    furniture.remove_namespace(rest, name)


@pytest.fixture
async def identity(account: Account, namespace: str) -> Path:
    """The prober's kubeconfig; it could do harm in every namespace."""
    return await account(namespace, (), cluster_rules=[LEAST_ROLE, LOOKS])


@pytest.fixture
async def ground(identity: Path, namespace: str, admin: KubeClient) -> AsyncIterator[Ground]:
    """A namespace, from the prober's side and from the platform's."""
    async with connect(Kubeconfig(path=identity)) as api:
        yield Ground(namespace=namespace, admin=admin, sessions=KubernetesSessions(api))


def marked(namespace: str, *, deadline: datetime) -> SessionRequest:
    """Returns a request with all our marks."""
    labels, annotations = marks(
        target=TargetName("ubuntu"), run_id=RunId("run-1"), instance="prober-0", deadline=deadline
    )
    return replace(request(namespace=namespace), labels=labels, annotations=annotations)


@pytest.fixture
async def dead(ground: Ground) -> SessionView:
    """A session whose run died an hour ago."""
    return await ground.sessions.create(marked(ground.namespace, deadline=datetime.now(UTC) - HOUR))


@pytest.fixture
async def others(ground: Ground, dead: SessionView, elsewhere: str) -> list[SessionView]:
    """Sessions that look like that one, and are not for us to remove."""
    late, ours = dead.annotations, dead.labels
    overdue = marked(ground.namespace, deadline=datetime.now(UTC) - HOUR)
    wanted = (
        marked(ground.namespace, deadline=datetime.now(UTC) + HOUR),
        replace(overdue, annotations={}),
        replace(overdue, annotations={DEADLINE_ANNOTATION: "yesterday"}),
        replace(overdue, labels={**ours, MANAGED_BY_LABEL: "vdi-portal"}),
        replace(overdue, labels={MANAGED_BY_LABEL: MANAGED_BY}, annotations=late),
        replace(overdue, labels={key: text for key, text in ours.items() if key != OWNER_LABEL}),
        replace(overdue, namespace=elsewhere),
        replace(overdue, labels={}, annotations={}),
    )
    return [await ground.sessions.create(one) for one in wanted]


def config(folder: Path, *, kubeconfig: Path, namespace: str) -> Path:
    """Writes a configuration with one target."""
    session = {"cluster": "real", "namespace": namespace, "user": "probe@example.com", "template": "ubuntu"}
    path = folder / "prober.yaml"
    content = {
        "clusters": {"real": {"kubeconfig": str(kubeconfig)}},
        "targets": [{"name": "ubuntu", "schedule": {"every": "10m"}, "session": session}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


async def run_sweep(folder: Path, *, kubeconfig: Path, namespace: str) -> tuple[int, str]:
    """Runs the command; returns its exit code and what it said."""
    file = await asyncio.to_thread(config, folder, kubeconfig=kubeconfig, namespace=namespace)
    done = await asyncio.to_thread(run_prober, "sweep", "--config", str(file), timeout_s=COMMAND_S)
    return done.returncode, done.stdout + done.stderr


async def test_only_orphans_go(
    ground: Ground, dead: SessionView, others: list[SessionView], identity: Path, tmp_path: Path
) -> None:
    """Whatever lacks a mark, has a deadline to come, or lives elsewhere is left alone, though we might delete it."""
    code, said = await run_sweep(tmp_path, kubeconfig=identity, namespace=ground.namespace)
    assert code == 0, said
    assert f"real/{ground.namespace}: removed {dead.ref.name}\n" in said
    assert f"real/{ground.namespace}: 1 removed, 3 of ours kept" in said
    assert await ground.sessions.get(dead.ref) is None
    for other in others:
        assert await ground.sessions.get(other.ref) == other


async def test_what_an_orphan_leaves_behind_is_reported(ground: Ground, dead: SessionView) -> None:
    """An object that outlives the orphan is named and left alone."""
    path = await ground.child("services", service(dead.ref.name))
    (remains,) = (await sweep(ground.sessions, ground.namespace, clock=SystemClock())).left
    assert remains.session.ref == dead.ref
    assert remains.fault().summary.startswith(f"{dead.ref.name} left behind: Service/{dead.ref.name} (")
    assert remains.fault().summary.endswith("known by its name)")
    assert (await ground.admin.get(path))["metadata"]["name"] == dead.ref.name


async def test_an_orphan_that_a_finalizer_keeps_is_said_to_stay(ground: Ground, dead: SessionView) -> None:
    """Its deletion was accepted, and the finalizer is named."""
    await ground.admin.patch(ground.path(dead), {"metadata": {"finalizers": list(HELD)}})
    swept = await sweep(ground.sessions, ground.namespace, clock=SystemClock())
    (ending,), (fault,) = swept.ending, swept.faults
    assert fault.reason is Reason.FINALIZER_STUCK
    assert f"the finalizer {HELD[0]} keeps it" in fault.summary
    assert swept.removed == ()
    assert (ending.ref, ending.finalizers) == (dead.ref, HELD)
    assert swept.left == ()
    await ground.release(dead)


class Recording(KubernetesSessions):
    """Remembers what it created."""

    def __init__(self, api: ApiServer) -> None:
        super().__init__(api)
        self.made: list[SessionView] = []

    async def create(self, request: SessionRequest) -> SessionView:
        view = await super().create(request)
        self.made.append(view)
        return view


@pytest.fixture
async def recording(identity: Path) -> AsyncIterator[Recording]:
    """The prober's side, which remembers."""
    async with connect(Kubeconfig(path=identity)) as api:
        yield Recording(api)


async def test_runs_that_begin_at_once_keep_to_the_cap(recording: Recording, namespace: str) -> None:
    """Six runs at once, room for two: two sessions come into being, and what leads from them to their runs is there."""
    runner = Runner(
        sessions={ClusterName("real"): recording},
        exposure=FakeExposure(),
        browser=FakeBrowser(),
        secrets=FakeSecrets(),
        clock=SystemClock(),
        observer=FakeObserver(),
        instance="prober-0",
    )
    template = SessionTemplate(
        cluster=ClusterName("real"), namespace=namespace, user="probe@example.com", template="ubuntu"
    )
    targets = [
        Target(name=TargetName(f"desk-{n}"), session=template, session_cap=2, budgets=Budgets(running=2.0))
        for n in range(6)
    ]
    reports = await asyncio.gather(
        *(runner.run(target, run_id=RunId(f"run-{target.name}"), trigger=Trigger.MANUAL) for target in targets)
    )
    reasons = [report.fault.reason for report in reports if report.fault is not None]
    assert sorted(reasons) == sorted([Reason.LEAK_CAP_REACHED] * 4 + [Reason.OPERATOR_STALLED] * 2), reports
    assert len(recording.made) == 2
    for view in recording.made:
        assert f"run {view.labels[RUN_ID_LABEL]} in the logs and reports" in view.annotations[ABOUT_ANNOTATION]
    assert await recording.ours(namespace) == []
