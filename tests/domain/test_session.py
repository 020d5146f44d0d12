from datetime import UTC, datetime

from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Trigger
from prober.domain.session import (
    ABOUT_ANNOTATION,
    DEADLINE_ANNOTATION,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    OWNER_LABEL,
    RUN_ID_LABEL,
    STARTED_AT_ANNOTATION,
    TARGET_LABEL,
    TRIGGER_ANNOTATION,
    Child,
    marks,
    trail,
)


def test_marks_say_whose_a_session_is() -> None:
    """Our sessions carry who made them, for which target, in which run, until when."""
    deadline = datetime(2026, 11, 22, 9, 45, tzinfo=UTC)
    labels, annotations = marks(target=TargetName("desk"), run_id=RunId("0198"), instance="prober-0", deadline=deadline)
    assert labels == {MANAGED_BY_LABEL: MANAGED_BY, TARGET_LABEL: "desk", RUN_ID_LABEL: "0198", OWNER_LABEL: "prober-0"}
    assert annotations == {DEADLINE_ANNOTATION: "2026-11-22T09:45:00+00:00"}


def test_a_trail_leads_to_the_run() -> None:
    """Who finds a session learns when and why it was made, and what to look for in which logs."""
    began = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
    annotations = trail(run_id=RunId("0198"), instance="prober-0", trigger=Trigger.MANUAL, started_at=began)
    about = annotations.pop(ABOUT_ANNOTATION)
    assert annotations == {STARTED_AT_ANNOTATION: "2026-11-22T09:40:00+00:00", TRIGGER_ANNOTATION: "manual"}
    assert "run 0198 in the logs and reports of vdi-prober prober-0" in about


def test_a_child_names_itself_as_kubectl_does() -> None:
    """A child prints as kind and name."""
    assert str(Child(kind="Pod", name="web", finalizers=("a",))) == "Pod/web"
