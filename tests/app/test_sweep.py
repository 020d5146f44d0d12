"""What `prober sweep` says, and what its exit code tells."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from prober.adapters.clock import SystemClock
from prober.app.cli import main
from prober.app.config.load import load
from prober.app.config.settings import Settings
from prober.app.sweeping import sweep_places
from prober.domain.errors import Fault
from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.leftovers import Leftover
from prober.domain.reasons import Reason
from prober.domain.session import Child, SessionRef, SessionView, marks
from prober.flow.sweep import Remains, Swept
from tests.fakes.sessions import FakeSessions, Story

CONFIG = """
clusters: {staging: {in_cluster: true}}
defaults:
  schedule: {every: 10m}
targets:
  - name: plain
    session: {cluster: staging, namespace: vdi, user: plain@example.com, template: ubuntu-desktop}
  - name: keeping
    session: {cluster: staging, namespace: kept, user: keeping@example.com, template: ubuntu-desktop}
    keep_children: [PersistentVolumeClaim]
"""

SESSION = SessionView(ref=SessionRef(namespace="vdi", name="probe-1", uid="u-1"))
HELD = replace(SESSION, finalizers=("vdi.kasm.io/session-cleanup",))
REMAINS = Remains(session=SESSION, objects=(Leftover(kind="Service", name="web", age_s=34.0),))
STUCK = Fault(reason=Reason.FINALIZER_STUCK, summary="probe-1 is still there")
REFUSED = Fault(reason=Reason.RBAC_DENIED, summary="listing our sessions was refused")
OURS = Fault(reason=Reason.INTERNAL, summary="the kubeconfig does not exist")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with two namespaces."""
    path = tmp_path / "prober.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def settings(config: Path) -> Settings:
    """The configuration, loaded."""
    return load(config, environ={})


@pytest.mark.parametrize(
    ("swept", "code", "line"),
    [
        (Swept(), 0, "staging/vdi: 0 removed, 0 of ours kept"),
        (Swept(removed=(SESSION,), kept=(SESSION,)), 0, "staging/vdi: removed probe-1\n"),
        (Swept(ending=(HELD,)), 0, "probe-1 is being deleted (finalizers: vdi.kasm.io/session-cleanup)\n"),
        (Swept(ending=(HELD,), faults=(STUCK,)), 1, "teardown/finalizer_stuck: probe-1 is still there"),
        (Swept(kept=(replace(SESSION, deleting=True),)), 0, "staging/vdi: probe-1 is being deleted\n"),
        (Swept(gaps=("pods: forbidden",)), 0, "staging/vdi: not looked at: pods: forbidden"),
        (Swept(left=(REMAINS,)), 1, "teardown/child_left: probe-1 left behind: Service/web (34 s old)"),
        (Swept(faults=(REFUSED,)), 1, "control_plane/rbac_denied: listing our sessions was refused"),
        (Swept(left=(REMAINS,), faults=(OURS,)), 2, "prober/internal: the kubeconfig does not exist"),
    ],
    ids=["nothing", "removed", "ending", "stuck", "kept and going", "gap", "left behind", "refused", "ours"],
)
def test_what_a_sweep_says(
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    config: Path,
    swept: Swept,
    code: int,
    line: str,
) -> None:
    """Each thing has its line; what is left behind is the platform's failure, what we could not do an error of ours."""

    async def sweep_all(*_: object, **__: Any) -> dict[tuple[str, str], Swept]:
        return {("staging", "vdi"): swept}

    monkeypatch.setattr(import_module("prober.app.cli.sweep"), "sweep_all", sweep_all)
    monkeypatch.setattr("sys.argv", ["prober", "sweep", "--config", str(config)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    printed = capsys.readouterr()
    assert line in printed.out + printed.err


@pytest.mark.looptime
async def test_retained_kinds_are_those_of_the_namespace(settings: Settings) -> None:
    """A volume that an orphan leaves is reported where no target's policy retains it."""
    fake, volume = FakeSessions(), Child(kind="PersistentVolumeClaim", name="vdi-data")
    labels, annotations = marks(
        target=TargetName("plain"),
        run_id=RunId("r"),
        instance="i",
        deadline=datetime.now(UTC) - timedelta(hours=1),
    )
    for namespace in ("vdi", "kept"):
        ref = SessionRef(namespace=namespace, name="probe-1", uid=namespace)
        dead = replace(SESSION, ref=ref, labels=labels, annotations=annotations)
        fake.add(dead, story=Story(changes=(), left=(volume,)))
    swept = await sweep_places(settings, sessions={ClusterName("staging"): fake}, clock=SystemClock())
    assert {namespace: len(result.left) for (_, namespace), result in swept.items()} == {"vdi": 1, "kept": 0}
