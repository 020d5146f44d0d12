from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.ids import RunId, TargetName
from prober.domain.orphans import GRACE, deadline_of, is_orphan, is_ours
from prober.domain.session import DEADLINE_ANNOTATION, MANAGED_BY_LABEL, SessionRef, SessionView, marks

DEADLINE = datetime(2026, 11, 22, 9, 45, tzinfo=UTC)
LATE = DEADLINE + timedelta(days=1)
LABELS, ANNOTATIONS = marks(target=TargetName("desk"), run_id=RunId("0198"), instance="prober-0", deadline=DEADLINE)
OURS = SessionView(ref=SessionRef(namespace="vdi", name="probe-1", uid="uid-1"), labels=LABELS, annotations=ANNOTATIONS)
MARKS = [*LABELS, DEADLINE_ANNOTATION]


def without(mark: str) -> SessionView:
    """Returns a dead session of ours that lacks one mark."""
    labels = {key: value for key, value in LABELS.items() if key != mark}
    annotations = {key: value for key, value in ANNOTATIONS.items() if key != mark}
    return replace(OURS, labels=labels, annotations=annotations)


def test_a_session_of_a_dead_run_is_an_orphan() -> None:
    """With all our marks and its deadline past, nobody is left who would end it."""
    assert is_ours(OURS)
    assert is_orphan(OURS, now=LATE)


@pytest.mark.parametrize(
    ("late_by", "orphan"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), False),
        (GRACE, False),
        (GRACE + timedelta(seconds=1), True),
    ],
    ids=["before the deadline", "at the deadline", "at the end of the grace", "past the grace"],
)
def test_clocks_may_differ_by_the_grace(late_by: timedelta, orphan: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A live run on a machine whose clock is a little off keeps its session."""
    assert is_orphan(OURS, now=DEADLINE + late_by) is orphan


@pytest.mark.parametrize("mark", MARKS, ids=str)
def test_a_session_without_one_of_our_marks_is_never_an_orphan(mark: str) -> None:
    """One missing mark is enough to leave a session alone."""
    assert not is_orphan(without(mark), now=LATE)


def test_a_session_managed_by_somebody_else_is_never_an_orphan() -> None:
    """The managed-by label must name us."""
    assert not is_orphan(replace(OURS, labels={**LABELS, MANAGED_BY_LABEL: "vdi-portal"}), now=LATE)


@given(
    labels=st.dictionaries(st.sampled_from([*LABELS, "app"]), st.sampled_from(["vdi-prober", "desk", ""])),
    deadline=st.one_of(st.none(), st.text(), st.datetimes(timezones=st.none() | st.just(UTC)).map(datetime.isoformat)),
)
def test_whatever_lacks_a_mark_is_never_an_orphan(labels: dict[str, str], deadline: str | None) -> None:
    """Only the full set of marks, with a deadline that can be read, makes an orphan; no annotation makes it crash."""
    session = replace(OURS, labels=labels, annotations={} if deadline is None else {DEADLINE_ANNOTATION: deadline})
    if is_orphan(session, now=LATE):
        assert labels.keys() >= LABELS.keys()
        assert labels[MANAGED_BY_LABEL] == LABELS[MANAGED_BY_LABEL]
        assert deadline_of(session) is not None


@pytest.mark.parametrize(
    "deadline",
    ["", "soon", "2026-11-22", "2026-11-22T09:45:00", "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-12:00"],
    ids=["empty", "free text", "a date", "without a zone", "the end of time", "past the end of time"],
)
def test_a_deadline_that_says_nothing_keeps_the_session(deadline: str) -> None:
    """What cannot be read, or lies as far away as dates go, is no reason to delete anything."""
    assert not is_orphan(replace(OURS, annotations={DEADLINE_ANNOTATION: deadline}), now=LATE)


@pytest.mark.parametrize(
    "spell",
    [datetime.isoformat, lambda moment: moment.isoformat().replace("+00:00", "Z")],
    ids=["offset", "Z"],
)
def test_a_deadline_is_read_however_its_zone_is_spelt(spell: Callable[[datetime], str]) -> None:
    """Both spellings of UTC are the same moment."""
    assert deadline_of(replace(OURS, annotations={DEADLINE_ANNOTATION: spell(DEADLINE)})) == DEADLINE
