"""The journal of one run: which steps there were, how long they took, what went wrong first.

It times with the injected clock and tells the observer. It decides nothing but the outcome, by one rule: the first
fault decides, and what fails after it, in the teardown above all, stands beside it. The step that decided is told once
its fault was diagnosed, or the run goes on without that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from prober.domain.artefacts import Artefact
from prober.domain.aside import Aside, Doing
from prober.domain.attempts import concluded
from prober.domain.checks import CheckResult
from prober.domain.errors import Fault, ProbeError, failed
from prober.domain.finding import Verdict
from prober.domain.ids import RunId
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Layer, Reason
from prober.domain.report import RunReport, SessionLocation, WebrtcSummary
from prober.domain.session import SessionView
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import Target
from prober.flow.ports import Clock, Observer


@dataclass(slots=True, kw_only=True)
class StepNotes:
    """What a step wants to have recorded beside its duration."""

    timings: dict[str, float] = field(default_factory=dict)
    attempts: int = 1
    notes: list[str] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)


class Journal:
    """Records one run, or one attempt of a run that has several.

    Attributes:
        run_id: Which run.
        target: Of which target.
        session: The latest view of its session, once there is one.
        url: The session's URL, once it is known.
        report: What is known so far; the flow adds to it, `finish` completes it.
        artefacts: What the browser kept of it.
    """

    def __init__(
        self,
        *,
        run_id: RunId,
        target: Target,
        trigger: Trigger,
        clock: Clock,
        observer: Observer,
        earlier: tuple[RunReport, ...] = (),
    ) -> None:
        self.run_id = run_id
        self.target = target
        self.session: SessionView | None = None
        self.url: str | None = None
        self.artefacts: tuple[Artefact, ...] = ()
        self._clock = clock
        self._observer = observer
        self._began = clock.monotonic()
        self._explained: list[Exception] = []
        self._untold: StepName | None = None
        self._decided_s: float | None = None
        self._over = False
        self.report = RunReport(
            run_id=run_id,
            target=target.name,
            trigger=trigger,
            started_at=clock.now(),
            duration_s=0.0,
            outcome=Outcome.SUCCESS,
            earlier=earlier,
        )
        if not earlier:
            observer.run_started(run_id, target, trigger)

    @contextmanager
    def step(self, name: StepName) -> Iterator[StepNotes]:
        """Records the block as a step; whatever it raises is recorded and raised on."""
        self._tell()
        notes = StepNotes()
        begin = self._clock.monotonic()
        self._observer.step_started(self.run_id, self.target, name)
        fault: Fault | None = None
        outcome = Outcome.CANCELLED
        try:
            yield notes
            outcome = Outcome.SUCCESS
        except Exception as error:
            fault = self._fault_of(error)
            outcome = _outcome_of(fault)
            raise
        finally:
            record = StepRecord(
                name=name,
                outcome=outcome,
                start_s=begin - self._began,
                duration_s=self._clock.monotonic() - begin,
                timings=notes.timings,
                attempts=notes.attempts,
                fault=fault,
                notes=tuple(notes.notes),
                checks=tuple(notes.checks),
            )
            self._add(record)

    @contextmanager
    def aside(self, doing: Doing) -> Iterator[None]:
        """Accounts for the time of the block, which is between the steps; decides nothing."""
        begin = self._clock.monotonic()
        try:
            yield
        finally:
            took_s = self._clock.monotonic() - begin
            self.report = replace(self.report, aside=(self.report.aside or Aside()).and_so(doing, took_s))

    def blame(self, error: Exception) -> None:
        """Records what ended the run outside of any step; what a step has recorded already is not counted twice."""
        if any(error is known for known in self._explained):
            return
        fault = self._fault_of(error)
        if self.report.outcome is Outcome.SUCCESS:
            self.report = replace(self.report, fault=fault, outcome=_outcome_of(fault))
            self._decided_s = self._clock.monotonic()

    def mention(self, error: Exception) -> None:
        """Tells of an error of our own code that decides nothing."""
        self._observer.crashed(self.run_id, self.target, error)

    def decided_within_s(self) -> tuple[float, float]:
        """Returns when what decided began and when it was over, by the monotonic clock.

        That is the step that decided; where none did, the run from its beginning to what decided it, or until now.
        """
        begins = [record.start_s for record in self.report.steps if record.name is self.report.step]
        end_s = self._clock.monotonic() if self._decided_s is None else self._decided_s
        return self._began + (begins[0] if begins else 0.0), end_s

    def revise(self, fault: Fault) -> None:
        """Puts what the fault that decided was diagnosed to be in its place."""
        outcome, decided = _outcome_of(fault), self.report.step
        steps = tuple(
            replace(record, fault=fault, outcome=outcome) if record.name is decided else record
            for record in self.report.steps
        )
        self.report = replace(self.report, fault=fault, outcome=outcome, steps=steps)
        self._tell()

    def cancel(self) -> None:
        """Records that the run was told to stop; a fault found before that stands."""
        if self.report.outcome is Outcome.SUCCESS:
            self.report = replace(self.report, outcome=Outcome.CANCELLED)

    def accept(self, verdict: Verdict) -> None:
        """Records what a judgement found: warnings leave the run a success, degraded; a rule that decides ends it.

        Raises:
            TargetFailed: The deciding rule's reason.
        """
        self.report = replace(self.report, findings=(*self.report.findings, *verdict.findings))
        decided = verdict.deciding
        if decided is not None:
            raise failed(Fault(reason=decided.reason, summary=decided.fact))
        self.degrade(*verdict.warnings)

    def degrade(self, *warnings: str) -> None:
        """Records warnings that leave the run a success."""
        known = self.report.degraded
        self.report = replace(self.report, degraded=known + tuple(w for w in warnings if w not in known))

    @property
    def webrtc(self) -> WebrtcSummary:
        """The WebRTC summary so far."""
        return self.report.webrtc or WebrtcSummary()

    @webrtc.setter
    def webrtc(self, summary: WebrtcSummary) -> None:
        self.report = replace(self.report, webrtc=summary)

    def complete(self) -> RunReport:
        """Completes the report: what is done from now on is none of the run's time."""
        if self._over:
            return self.report
        self._over = True
        self._tell()
        self._degrade_slow_steps()
        duration = self._clock.monotonic() - self._began
        self.report = replace(self.report, session=self._location(), duration_s=duration)
        return self.report

    def conclude(self) -> RunReport:
        """Makes the run's report of its attempts, this one being the last."""
        self.report = concluded(self.complete())
        return self.report

    def finish(self) -> RunReport:
        """Concludes the run where that is not done yet, and tells the observer."""
        report = self.conclude()
        self._observer.run_finished(self.target, report)
        return report

    def _location(self) -> SessionLocation | None:
        if self.session is None:
            return None
        return SessionLocation(cluster=self.target.session.cluster, ref=self.session.ref, url=self.url)

    def _degrade_slow_steps(self) -> None:
        expected = self.target.expected_s
        succeeded = [record for record in self.report.steps if record.outcome is Outcome.SUCCESS]
        self.degrade(*(f"slow_{r.name}" for r in succeeded if r.duration_s > expected.get(r.name, float("inf"))))

    def _add(self, record: StepRecord) -> None:
        self.report = replace(self.report, steps=(*self.report.steps, record))
        if record.outcome is not Outcome.SUCCESS and self.report.outcome is Outcome.SUCCESS:
            self.report = replace(self.report, step=record.name, fault=record.fault, outcome=record.outcome)
            self._decided_s = self._began + record.start_s + record.duration_s
        self._untold = record.name
        if record.name is not self.report.step:
            self._tell()

    def _tell(self) -> None:
        """Tells of the step that was kept back."""
        name, self._untold = self._untold, None
        for record in self.report.steps:
            if record.name is name:
                self._observer.step_finished(self.run_id, self.target, record)

    def _fault_of(self, error: Exception) -> Fault:
        self._explained.append(error)
        if isinstance(error, ProbeError):
            return error.fault
        self._observer.crashed(self.run_id, self.target, error)
        return Fault(reason=Reason.INTERNAL, summary=f"the prober's own code failed with {type(error).__name__}")


def _outcome_of(fault: Fault) -> Outcome:
    return Outcome.ERROR if fault.layer is Layer.PROBER else Outcome.FAILURE
