"""What the service counts and logs of its sweeps."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from prober.adapters.clock import SystemClock
from prober.adapters.metrics import Metrics
from prober.app.config.load import load
from prober.app.config.settings import Settings
from prober.app.housekeeping import sweep_once
from prober.domain.errors import TargetFailed
from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.session import Child, SessionRef, SessionView, marks
from prober.domain.steps import StepName, StepRecord
from tests.fakes.sessions import FakeSessions, Story

pytestmark = pytest.mark.looptime

CONFIG = """
clusters: {staging: {in_cluster: true}}
targets:
  - name: plain
    schedule: {every: 10m}
    session: {cluster: staging, namespace: vdi, user: plain@example.com, template: ubuntu-desktop}
"""
RUN = RunId("run-1")
HELD = ("vdi.kasm.io/session-cleanup",)


class Counting(Metrics):
    """Remembers which orphans and failed sweeps it counted."""

    def __init__(self) -> None:
        super().__init__(version="1.2.3")
        self.removed: list[str] = []
        self.failed = 0

    def orphans_deleted(self, sessions: Sequence[SessionView]) -> None:
        """Counts them."""
        super().orphans_deleted(sessions)
        self.removed += [session.ref.name for session in sessions]

    def sweep_failed(self) -> None:
        """Counts it."""
        super().sweep_failed()
        self.failed += 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A configuration with one target."""
    path = tmp_path / "prober.yaml"
    path.write_text(CONFIG)
    return load(path, environ={})


@pytest.fixture
def metrics(settings: Settings) -> Counting:
    """Metrics on which the run's session counts as live."""
    metrics = Counting()
    (target,) = settings.patterns()
    metrics.add_target(target)
    metrics.step_finished(
        RUN, target, StepRecord(name=StepName.CREATE, outcome=Outcome.SUCCESS, start_s=0.0, duration_s=1.0)
    )
    return metrics


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    """What was logged so far."""
    with capture_logs() as events:
        yield events


def orphan(*, deleting_s: float | None = None) -> SessionView:
    """Returns the run's session, an hour past its deadline."""
    now = datetime.now(UTC)
    labels, annotations = marks(
        target=TargetName("plain"), run_id=RUN, instance="prober-0", deadline=now - timedelta(hours=1)
    )
    return SessionView(
        ref=SessionRef(namespace="vdi", name="probe-1", uid="u-1"),
        deleting=deleting_s is not None,
        deleted_at=None if deleting_s is None else now - timedelta(seconds=deleting_s),
        finalizers=HELD,
        labels=labels,
        annotations=annotations,
    )


async def sweep(settings: Settings, *, sessions: FakeSessions, metrics: Counting) -> None:
    """Sweeps once."""
    await sweep_once(settings, sessions={ClusterName("staging"): sessions}, clock=SystemClock(), metrics=metrics)


async def test_an_orphan_that_is_gone_is_counted(
    settings: Settings, metrics: Counting, logged: list[EventDict]
) -> None:
    """It is off the count of live sessions; what it left and what could not be seen is told."""
    sessions = FakeSessions()
    left = Child(kind="Service", name="web")
    sessions.add(orphan(), story=Story(changes=(), left=(left,), gaps=("pods: forbidden",)))
    await sweep(settings, sessions=sessions, metrics=metrics)
    assert [line["event"] for line in logged] == ["orphan_removed", "orphan_left_objects", "sweep_gap"]
    assert logged[0].items() >= {"cluster": "staging", "namespace": "vdi", "session": "probe-1"}.items()
    assert metrics.removed == ["probe-1"]
    assert metrics.failed == 0
    assert metrics.live_runs() == set()


@pytest.mark.parametrize("deleting_s", [None, 300.0], ids=["its first sweep", "a later sweep"])
async def test_an_orphan_that_is_stuck_still_lives(
    settings: Settings, metrics: Counting, logged: list[EventDict], deleting_s: float | None
) -> None:
    """It is no orphan removed: it counts as live, and each sweep says what keeps it."""
    sessions = FakeSessions()
    sessions.add(orphan(deleting_s=deleting_s), story=Story(changes=(), gone_after_s=None))
    await sweep(settings, sessions=sessions, metrics=metrics)
    assert [line["event"] for line in logged] == ["orphan_stuck"]
    assert HELD[0] in logged[0]["summary"]
    assert metrics.removed == []
    assert metrics.live_runs() == {RUN}


async def test_a_stuck_orphan_does_not_hide_that_others_went(settings: Settings, metrics: Counting) -> None:
    """A session that nobody lists any more is off the count, whatever else the sweep met."""
    sessions, stuck = FakeSessions(), orphan(deleting_s=300.0)
    sessions.add(replace(stuck, labels={**stuck.labels, "vdi-prober.io/run-id": "another"}))
    await sweep(settings, sessions=sessions, metrics=metrics)
    assert metrics.live_runs() == set()


async def test_without_a_list_nothing_is_known_to_be_gone(
    settings: Settings, metrics: Counting, logged: list[EventDict]
) -> None:
    """A sweep that could not list says so, and takes nothing off the count."""
    sessions = FakeSessions()
    sessions.fail("ours", TargetFailed.because(Reason.RBAC_DENIED, "no role"))
    await sweep(settings, sessions=sessions, metrics=metrics)
    assert [(line["event"], line["summary"]) for line in logged] == [("sweep_failed", "no role")]
    assert metrics.failed == 1
    assert metrics.live_runs() == {RUN}
