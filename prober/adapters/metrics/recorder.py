"""The prober's metrics, as the rest of the prober feeds them.

A target's series exist from the moment at which it is added, so that `rate` and `increase` see its first event. Three
kinds of series do not: gauges of the last run before there was one, since any value would be made up; facts of a path
that nobody has seen; `vdi_probe_failures_total`, whose combinations of step, layer and reason are ten times what a
target may cost. For alerts on first failures read `vdi_probe_runs_total`, whose outcomes all exist.
"""

from collections.abc import Collection, Sequence

from prober.adapters.metrics import measured, own
from prober.adapters.metrics.catalog import CATALOG
from prober.adapters.metrics.declaration import Declaration
from prober.adapters.metrics.instruments import Instruments
from prober.adapters.metrics.own_metrics import OwnMetrics
from prober.adapters.metrics.runs import CONNECTION_OUTCOMES, LATE, ON_TIME, RunMetrics
from prober.domain.ids import RunId, TargetName
from prober.domain.leftovers import Leftover
from prober.domain.objectives import Objectives
from prober.domain.outcomes import Outcome, SkipReason, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.session import RUN_ID_LABEL, TARGET_LABEL, SessionView
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import Target
from prober.flow.ports import Observer

AVAILABILITY, START_TIME = "availability", "start_time"
"""The objectives that a target may have."""

_HISTOGRAMS = (
    measured.RUN_DURATION,
    measured.SESSION_START,
    measured.FIRST_FRAME,
    measured.ICE_CONNECT,
    measured.DTLS,
    measured.SIGNALLING,
    measured.ROUND_TRIP,
    measured.JITTER,
    measured.JITTER_BUFFER,
)
"""Those whose only label is the target; the one of input is a target's choice."""


class Metrics(OwnMetrics, Observer):
    """Counts what it is told, for targets that were added.

    Args:
        version: The prober's version.
    """

    def __init__(self, *, version: str) -> None:
        super().__init__(Instruments(CATALOG), version=version)
        self._runs = RunMetrics(self._instruments)
        self._live: dict[TargetName, set[str]] = {}
        self._within_s: dict[TargetName, float | None] = {}
        self._in_flight: set[RunId] = set()
        self._instruments.set(own.RUNS_IN_FLIGHT, 0)

    def add_target(self, target: Target, *, interval_s: float | None = None) -> None:
        """Makes a target's series exist; for one that is known it renews the facts and keeps the counts.

        Args:
            target: The target.
            interval_s: The nominal time between its runs, in seconds; `None` where nobody knows.
        """
        instruments, name = self._instruments, target.name
        session = target.session
        facts = {
            "cluster": session.cluster,
            "namespace": session.namespace,
            "template": session.template,
            "client": target.client.name,
            "network_path": target.network.value,
        }
        instruments.describe(measured.TARGET, facts, name)
        instruments.set(measured.INTERVAL, interval_s, name)
        self._set_objectives(name, target.objectives)
        for histogram in (*_HISTOGRAMS, *((measured.INPUT_LATENCY,) if target.input else ())):
            instruments.reveal(histogram, name)
        for step in StepName:
            if step is not StepName.INPUT or target.input is not None:
                instruments.reveal(measured.STEP_DURATION, name, step)
                instruments.reveal(measured.STEP_FAILURES, name, step)
        self._reveal_all(measured.RUNS, name, tuple(Outcome))
        self._reveal_all(measured.CONNECTIONS, name, CONNECTION_OUTCOMES)
        self._reveal_all(measured.RUNS_SKIPPED, name, tuple(SkipReason))
        self._runs.reveal_kinds(name)
        instruments.reveal(measured.ORPHANS_DELETED, name)
        instruments.reveal(measured.FLAKY_RUNS, name)
        instruments.set(measured.SESSIONS_LIVE, len(self._live.setdefault(name, set())), name)

    def remove_target(self, name: TargetName) -> None:
        """Removes all series of a target; what its runs still say is not counted any more."""
        self._live.pop(name, None)
        self._within_s.pop(name, None)
        self._runs.forget(name)
        self._instruments.forget(target=name)

    def run_started(self, run_id: RunId, target: Target, trigger: Trigger) -> None:  # noqa: ARG002 - the port's
        """Counts the run as under way."""
        self._in_flight.add(run_id)
        self._instruments.set(own.RUNS_IN_FLIGHT, len(self._in_flight))

    def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:
        """Counts nothing yet."""

    def step_finished(self, run_id: RunId, target: Target, record: StepRecord) -> None:
        """Keeps count of live sessions; the rest is counted when the run is over."""
        if record.name is StepName.CREATE and _may_live(record):
            self._session_lives(target.name, run_id)
        if record.name is StepName.TERMINATE and record.outcome is Outcome.SUCCESS:
            self.sessions_gone({run_id})

    def run_finished(self, target: Target, report: RunReport) -> None:
        """Counts the run."""
        self._in_flight.discard(report.run_id)
        self._instruments.set(own.RUNS_IN_FLIGHT, len(self._in_flight))
        if target.name in self._live:
            self._runs.record(report, start_within_s=self._within_s[target.name])

    def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
        """Counts nothing: the run's report has it."""

    def skipped(self, name: TargetName, reason: SkipReason) -> None:
        """Counts a due run that did not begin."""
        if name in self._live:
            self._instruments.count(measured.RUNS_SKIPPED, name, reason)
            self._instruments.count(measured.RUNS, name, Outcome.SKIPPED)

    def tracing_active(self, *, active: bool) -> None:
        """Sets whether runs are sent to the collector; those that are have their trace among the exemplar's labels."""
        super().tracing_active(active=active)
        self._runs.traced = active

    def orphans_deleted(self, sessions: Sequence[SessionView]) -> None:
        """Counts orphans that a sweep removed and saw gone, under their label's target where that is one of ours."""
        for session in sessions:
            name = TargetName(session.labels.get(TARGET_LABEL, ""))
            if name in self._live:
                self._instruments.count(measured.ORPHANS_DELETED, name)
                self.sessions_gone({session.labels.get(RUN_ID_LABEL, "")})

    def objects_left(self, session: SessionView, objects: Sequence[Leftover]) -> None:
        """Counts objects that outlived a session which a sweep removed, as `orphans_deleted` counts the session."""
        name = TargetName(session.labels.get(TARGET_LABEL, ""))
        if name in self._live:
            self._runs.record_left(name, objects)

    def live_runs(self) -> frozenset[str]:
        """Returns the ids of the runs whose sessions count as live now, those under way included."""
        return frozenset().union(*self._live.values())

    def sessions_gone(self, run_ids: Collection[str]) -> None:
        """Takes sessions off the count, by their runs' ids; unknown ids are no fault."""
        for name, live in self._live.items():
            if not live.isdisjoint(run_ids):
                live.difference_update(run_ids)
                self._instruments.set(measured.SESSIONS_LIVE, len(live), name)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Returns OpenMetrics where the Accept header names it, the Prometheus text format otherwise.

        Any thread may call it.

        Returns:
            The exposition with its content type.
        """
        return self._instruments.render(accept)

    def _set_objectives(self, name: TargetName, objectives: Objectives) -> None:
        start = objectives.start_time
        self._within_s[name] = None if start is None else start.within_s
        self._instruments.set(measured.OBJECTIVE, objectives.availability, name, AVAILABILITY)
        self._instruments.set(measured.OBJECTIVE, None if start is None else start.ratio, name, START_TIME)
        self._instruments.set(measured.START_OBJECTIVE, None if start is None else start.within_s, name)
        for speed in (ON_TIME, LATE):
            if start is None:
                self._instruments.remove(measured.SESSION_STARTS, name, speed)
            else:
                self._instruments.reveal(measured.SESSION_STARTS, name, speed)

    def _session_lives(self, name: TargetName, run_id: str) -> None:
        if name in self._live:
            self._live[name].add(run_id)
            self._instruments.set(measured.SESSIONS_LIVE, len(self._live[name]), name)

    def _reveal_all(self, metric: Declaration, name: TargetName, values: Sequence[str]) -> None:
        for value in values:
            self._instruments.reveal(metric, name, value)


def _may_live(creation: StepRecord) -> bool:
    """Tells whether there may be a session: a creation without an answer may have been accepted all the same."""
    unanswered = creation.fault is not None and creation.fault.reason is Reason.API_UNREACHABLE
    return unanswered or creation.outcome in {Outcome.SUCCESS, Outcome.CANCELLED}
