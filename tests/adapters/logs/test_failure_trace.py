"""What a failed run leaves in the log beside its report."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from prober.adapters.logs import LogObserver
from prober.adapters.redaction import Redactor
from prober.app.failure_trace_schema import failure_trace_schema
from prober.domain.errors import Fault
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from tests.adapters.reporting import make_failure, make_report, make_target

Lines = Callable[[], list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("reason", "level"),
    [(Reason.BLACK_FRAMES, "warning"), (Reason.BROWSER_CRASHED, "error")],
    ids=["failure", "error"],
)
def test_a_failed_run_leaves_its_trace(lines: Lines, reason: Reason, level: str) -> None:
    """After the report comes `run_failed`: who and why at the top, the trace by its schema below."""
    LogObserver().run_finished(make_target(), make_failure(reason, StepName.FIRST_FRAME))
    finished, failed = lines()
    assert (finished["event"], failed["event"]) == ("run_finished", "run_failed")
    assert failed["level"] == finished["level"] == level
    trace = failed["failure_trace"]
    Draft202012Validator(failure_trace_schema()).validate(trace)
    for key in ("run_id", "target", "outcome", "step", "layer", "reason", "summary"):
        assert failed[key] == trace[key] == finished[key]


@pytest.mark.parametrize(
    "outcome", [Outcome.SUCCESS, Outcome.CANCELLED], ids=[Outcome.SUCCESS.value, Outcome.CANCELLED.value]
)
def test_other_runs_leave_none(lines: Lines, outcome: Outcome) -> None:
    """What did not fail has its report alone."""
    LogObserver().run_finished(make_target(), make_report(outcome))
    assert [event["event"] for event in lines()] == ["run_finished"]


def test_secrets_are_not_in_a_trace(redactor: Redactor, lines: Lines) -> None:
    """A registered secret is masked even where the trace is cut through it."""
    redactor.mask("tr0ub4dor&3")
    summary = "tr0ub4dor&3 " * 30_000
    report = make_failure(Reason.BLACK_FRAMES, StepName.FIRST_FRAME)
    report = replace(report, fault=Fault(reason=Reason.BLACK_FRAMES, summary=summary))
    LogObserver(redactor=redactor).run_finished(make_target(), report)
    _, failed = lines()
    assert failed["failure_trace"]["truncated"]
    assert "tr0ub" not in json.dumps(failed)
