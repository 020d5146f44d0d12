from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from prober.domain.leftovers import Leftover
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionRef, SessionView
from prober.domain.waiting import (
    Ending,
    failed_phase,
    held,
    is_held,
    overdue_deletion,
    overdue_running,
    vanished,
)

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


FINALIZER = "vdi.kasm.io/session-cleanup"
HELD = replace(SESSION, phase=Phase.TERMINATING, message="removing its objects", deleting=True, finalizers=(FINALIZER,))
STUCK = Ending(session=HELD, waited_s=30.0, quiet_s=29.0)
"""The operator reported that it begins, and its finalizer is all that is left."""
POD = Leftover(kind="Pod", name="probe-1", age_s=45.0)
GOING = replace(POD, deleting_s=28.0, finalizers=("example.com/drain",))
KEPT = f"the finalizer {FINALIZER} is still there"


@pytest.mark.parametrize(
    ("ending", "summary"),
    [
        pytest.param(
            STUCK,
            f"deletion was accepted 30 s ago and {KEPT}; nothing else is left of it, and nothing has moved for 29 s",
            id="only the finalizer is left",
        ),
        pytest.param(
            replace(STUCK, session=replace(HELD, phase=Phase.RUNNING), quiet_s=30.0, left=(POD,)),
            f"deletion was accepted 30 s ago and {KEPT}, with Pod/probe-1 (45 s old); "
            "the operator has not touched the session since, its phase is Running",
            id="nobody began",
        ),
        pytest.param(
            replace(STUCK, session=replace(HELD, phase=None), waited_s=300.0, quiet_s=300.0),
            f"deletion was accepted 5 min ago and {KEPT}; "
            "the operator has not touched the session since, its phase is not known",
            id="nobody ever had it",
        ),
        pytest.param(
            replace(STUCK, quiet_s=15.0, left=(POD,), went=2),
            f"deletion was accepted 30 s ago and {KEPT}, with Pod/probe-1 (45 s old); nothing has moved for 15 s",
            id="it began and stopped half way",
        ),
        pytest.param(
            replace(STUCK, gaps=("pods: forbidden", "services: forbidden")),
            f"deletion was accepted 30 s ago and {KEPT} (what could not be seen: pods: forbidden; services: forbidden);"
            " nothing has moved for 29 s",
            id="its objects are out of sight",
        ),
    ],
)
def test_a_finalizer_behind_which_nothing_moves_is_stuck(ending: Ending, summary: str) -> None:
    """The finalizer is named with the deletion's age, and what was seen of the operator."""
    fault = overdue_deletion(ending)
    assert (fault.reason, fault.summary) == (Reason.FINALIZER_STUCK, summary)
    assert not ending.goes_on


@pytest.mark.parametrize(
    ("ending", "summary"),
    [
        pytest.param(
            replace(STUCK, quiet_s=14.0, left=(POD,), went=2),
            f"the session's end is slow: 30 s after its deletion {KEPT}, with Pod/probe-1 (45 s old); 2 of its objects"
            ' went, the last sign of life was 14 s ago, the platform says "removing its objects"',
            id="objects went lately",
        ),
        pytest.param(
            replace(STUCK, session=replace(HELD, message=None), quiet_s=1.0),
            f"the session's end is slow: 30 s after its deletion {KEPT}; the last sign of life was 1 s ago",
            id="the last object went just now",
        ),
        pytest.param(
            replace(STUCK, session=replace(HELD, message=None), quiet_s=30.0, left=(GOING,)),
            f"the session's end is slow: 30 s after its deletion {KEPT}, with Pod/probe-1 (45 s old, "
            "being deleted for 28 s, finalizers: example.com/drain); some of them are being deleted",
            id="an object takes its grace",
        ),
    ],
)
def test_an_end_that_goes_on_is_slow(ending: Ending, summary: str) -> None:
    """What is still going is named, with how far it is."""
    fault = overdue_deletion(ending)
    assert (fault.reason, fault.summary) == (Reason.CLEANUP_TIMEOUT, summary)
    assert ending.goes_on


@pytest.mark.parametrize(
    "session",
    [replace(HELD, finalizers=()), replace(HELD, deleting=False)],
    ids=["kept by nothing", "not even being deleted"],
)
def test_a_session_that_no_finalizer_keeps_is_not_stuck_on_one(session: SessionView) -> None:
    """Only a deletion that was accepted and is kept by a finalizer is stuck on it."""
    fault = overdue_deletion(replace(STUCK, session=session))
    assert fault.reason is Reason.CLEANUP_TIMEOUT
    assert fault.summary == "the session is still there 30 s after its deletion"


NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        (replace(HELD, deleted_at=NOW - timedelta(seconds=31)), True),
        (replace(HELD, deleted_at=NOW - timedelta(seconds=30)), False),
        (HELD, False),
        (SESSION, False),
    ],
    ids=["longer", "as long", "since when is not known", "not being deleted"],
)
def test_a_session_is_held_once_its_end_takes_too_long(*, session: SessionView, expected: bool) -> None:
    """Only a deletion that is known to be old enough is held against the platform."""
    assert is_held(session, now=NOW, after_s=30.0) is expected


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (replace(HELD, deleted_at=NOW - timedelta(minutes=5)), f"5 min after its deletion: the finalizer {FINALIZER}"),
        (replace(HELD, finalizers=()), f"{SESSION.ref.name} is still there after its deletion"),
    ],
    ids=["by a finalizer", "by nothing that is known"],
)
def test_a_held_session_is_explained(session: SessionView, words: str) -> None:
    """It is named, with how long its end takes and what keeps it."""
    fault = held(session, now=NOW)
    assert fault.reason is Reason.FINALIZER_STUCK
    assert words in fault.summary


def test_a_session_without_a_pod_is_the_operators() -> None:
    """An operator that put its finalizer on the session and made no Pod took it up; a Pod makes it the workload's."""
    taken_up = replace(SESSION, phase=Phase.PENDING, finalizers=("vdi.kasm.io/session-cleanup",), pod_name=None)
    fault = overdue_running(taken_up, budget_s=60.0)
    assert fault.reason is Reason.OPERATOR_STALLED
    assert "took it up and made no Pod" in fault.summary
    with_pod = replace(taken_up, pod_name="probe-1")
    assert overdue_running(with_pod, budget_s=60.0).reason is Reason.RUNNING_TIMEOUT
