"""A run of the past, as a list of runs shows it: what it came to, without its steps and figures.

Its words are texts as the report published them, since the run may have been made by another version of the prober.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from prober.domain.errors import Fault
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName

_REASONS = {reason.value: reason for reason in Reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """What is remembered of one run; the names are those of the report.

    Attributes:
        run_id: Which run.
        target: Of which target.
        trigger: What made it begin.
        started_at: When it began, by the wall clock.
        duration_s: How long it took, in seconds.
        outcome: How it ended.
        step: The step that decided a non-success.
        layer: Where the fault lies.
        reason: Why it was not a success.
        summary: The same for a person.
        degraded: The warnings of a success, by reason.
        flaky: Whether it succeeded after a failed attempt.
        evidence: Where its evidence was kept, as a URL.
    """

    run_id: RunId
    target: TargetName
    trigger: str
    started_at: datetime
    duration_s: float
    outcome: str
    step: str | None = None
    layer: str | None = None
    reason: str | None = None
    summary: str | None = None
    degraded: tuple[str, ...] = ()
    flaky: bool = False
    evidence: str | None = None


def outlines(runs: Iterable[PastRun]) -> tuple[RunReport, ...]:
    """Returns reports of what is remembered, without steps; runs in words that are not known any more are left out."""
    return tuple(report for report in map(_outline, runs) if report is not None)


def _outline(run: PastRun) -> RunReport | None:
    try:
        return RunReport(
            run_id=run.run_id,
            target=run.target,
            trigger=Trigger(run.trigger),
            started_at=run.started_at,
            duration_s=run.duration_s,
            outcome=Outcome(run.outcome),
            step=None if run.step is None else StepName(run.step),
            fault=None if run.reason is None else Fault(reason=_REASONS[run.reason], summary=run.summary or ""),
            degraded=run.degraded,
            evidence=run.evidence,
        )
    except (KeyError, ValueError):
        return None
