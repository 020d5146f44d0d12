from dataclasses import replace

import pytest

from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionRef, SessionView
from prober.domain.waiting import failed_phase, overdue_deletion, overdue_running, vanished

SESSION = SessionView(ref=SessionRef(namespace="vdi", name="probe-1", uid="uid-1"))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("image pull failed", Reason.PHASE_FAILED),
        (None, Reason.PHASE_FAILED),
        ("VDITemplate 'kde' not found", Reason.TEMPLATE_NOT_FOUND),
        ("template is broken", Reason.PHASE_FAILED),
        ("volume not found", Reason.PHASE_FAILED),
    ],
    ids=["its own words", "no words", "missing template", "bad template", "something else missing"],
)
def test_a_failed_phase_is_told_in_the_platforms_words(message: str | None, reason: Reason) -> None:
    """The platform's message is repeated; a missing template has a reason of its own."""
    fault = failed_phase(replace(SESSION, phase=Phase.FAILED, message=message))
    assert fault.reason is reason
    assert (message or "no message given") in fault.summary


@pytest.mark.parametrize(
    ("phase", "reason", "words"),
    [
        (None, Reason.OPERATOR_STALLED, "has no known phase after 60 s: no operator took it up"),
        (Phase.PENDING, Reason.OPERATOR_STALLED, "is still Pending after 60 s"),
        (Phase.CREATING, Reason.RUNNING_TIMEOUT, "still Creating after 60 s"),
        (Phase.TERMINATING, Reason.RUNNING_TIMEOUT, "still Terminating after 60 s"),
    ],
    ids=["no phase", "Pending", "Creating", "Terminating"],
)
def test_a_session_that_is_late_blames_who_had_it_last(phase: Phase | None, reason: Reason, words: str) -> None:
    """Before anybody took it up the operator is at fault, after that the workload."""
    fault = overdue_running(replace(SESSION, phase=phase), budget_s=60.0)
    assert fault.reason is reason
    assert words in fault.summary


def test_a_vanished_session_blames_the_operator() -> None:
    """Whoever deleted it, it was not the run."""
    fault = vanished(SESSION)
    assert fault.reason is Reason.PHASE_FAILED
    assert "probe-1 was deleted by somebody else" in fault.summary


@pytest.mark.parametrize(
    ("deleting", "finalizers", "reason"),
    [
        (True, ("vdi.kasm.io/session-cleanup",), Reason.FINALIZER_STUCK),
        (True, (), Reason.CLEANUP_TIMEOUT),
        (False, ("vdi.kasm.io/session-cleanup",), Reason.CLEANUP_TIMEOUT),
    ],
    ids=["kept by a finalizer", "kept by nothing", "not even being deleted"],
)
def test_a_deletion_that_hangs_names_the_finalizer(
    deleting: bool,  # noqa: FBT001 - a parameter of the test
    finalizers: tuple[str, ...],
    reason: Reason,
) -> None:
    """Only a deletion that was accepted and is kept by a finalizer is stuck on it."""
    fault = overdue_deletion(replace(SESSION, deleting=deleting, finalizers=finalizers), budget_s=30.0)
    assert fault.reason is reason
    assert ("vdi.kasm.io/session-cleanup" in fault.summary) is (reason is Reason.FINALIZER_STUCK)


def test_a_session_without_a_pod_is_the_operators() -> None:
    """An operator that put its finalizer on the session and made no Pod took it up; a Pod makes it the workload's."""
    taken_up = replace(SESSION, phase=Phase.PENDING, finalizers=("vdi.kasm.io/session-cleanup",), pod_name=None)
    fault = overdue_running(taken_up, budget_s=60.0)
    assert fault.reason is Reason.OPERATOR_STALLED
    assert "took it up and made no Pod" in fault.summary
    with_pod = replace(taken_up, pod_name="probe-1")
    assert overdue_running(with_pod, budget_s=60.0).reason is Reason.RUNNING_TIMEOUT
