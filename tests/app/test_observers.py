import io
import json
from datetime import UTC, datetime

from prober.adapters.logs import configure_logging
from prober.app.observers import Observers, Quiet, Reports
from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.report import RunReport
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import SessionTemplate, Target

TARGET = Target(
    name=TargetName("desktop"),
    session=SessionTemplate(cluster=ClusterName("lab"), namespace="vdi", user="probe@example.com", template="ubuntu"),
)
REPORT = RunReport(
    run_id=RunId("r1"),
    target=TARGET.name,
    trigger=Trigger.MANUAL,
    started_at=datetime(2026, 11, 22, tzinfo=UTC),
    duration_s=1.0,
    outcome=Outcome.SUCCESS,
)


class Broken(Quiet):
    """An observer with a bug in it."""

    def run_finished(self, target: Target, report: RunReport) -> None:
        raise ZeroDivisionError


def test_an_observer_that_fails_is_logged_and_stops_nobody() -> None:
    """The others still hear of the run, the log names the one that failed."""
    log = io.StringIO()
    configure_logging(stream=log, json=True, level="info")
    reports = Reports()
    Observers([Broken(), reports]).run_finished(TARGET, REPORT)
    assert reports.collected == [REPORT]
    event = json.loads(log.getvalue())
    assert (event["event"], event["observer"]) == ("observer_failed", "Broken")


def test_every_event_reaches_every_observer() -> None:
    """Nothing is told to the first only."""
    heard: list[str] = []

    class Listening(Quiet):
        def run_started(self, run_id: RunId, target: Target, trigger: Trigger) -> None:
            heard.append("run_started")

        def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:
            heard.append("step_started")

        def step_finished(self, run_id: RunId, target: Target, record: StepRecord) -> None:
            heard.append("step_finished")

        def run_finished(self, target: Target, report: RunReport) -> None:
            heard.append("run_finished")

        def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
            heard.append("crashed")

    both = Observers([Listening(), Quiet(), Listening()])
    record = StepRecord(name=StepName.CREATE, outcome=Outcome.SUCCESS, start_s=0.0, duration_s=0.1)
    both.run_started(REPORT.run_id, TARGET, Trigger.MANUAL)
    both.step_started(REPORT.run_id, TARGET, StepName.CREATE)
    both.step_finished(REPORT.run_id, TARGET, record)
    both.crashed(REPORT.run_id, TARGET, ValueError())
    both.run_finished(TARGET, REPORT)
    events = ["run_started", "step_started", "step_finished", "crashed", "run_finished"]
    assert heard == [event for event in events for _ in range(2)]
