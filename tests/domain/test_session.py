from datetime import UTC, datetime

import pytest

from prober.domain.ids import RunId, TargetName
from prober.domain.session import (
    DEADLINE_ANNOTATION,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    OWNER_LABEL,
    RUN_ID_LABEL,
    TARGET_LABEL,
    Child,
    marks,
)


def test_marks_say_whose_a_session_is() -> None:
    """Our sessions carry who made them, for which target, in which run, until when."""
    deadline = datetime(2026, 11, 22, 9, 45, tzinfo=UTC)
    labels, annotations = marks(target=TargetName("desk"), run_id=RunId("0198"), instance="prober-0", deadline=deadline)
    assert labels == {MANAGED_BY_LABEL: MANAGED_BY, TARGET_LABEL: "desk", RUN_ID_LABEL: "0198", OWNER_LABEL: "prober-0"}
    assert annotations == {DEADLINE_ANNOTATION: "2026-11-22T09:45:00+00:00"}


@pytest.mark.parametrize(
    ("child", "text"),
    [
        (Child(kind="Pod", name="web"), "Pod/web"),
        (Child(kind="Pod", name="web", finalizers=("a", "b")), "Pod/web (finalizers: a, b)"),
    ],
    ids=["plain", "kept by finalizers"],
)
def test_a_child_names_itself_as_kubectl_does(child: Child, text: str) -> None:
    """A child prints as kind and name, with what keeps it."""
    assert str(child) == text
