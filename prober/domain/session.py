"""The VDISession as the prober sees it.

Field paths of the wire stay in the Kubernetes adapter; here are the views it parses them into, the request it sends,
and the marks by which we know our own objects again. Facts about the resource: the platform's documentation.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Trigger

MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
MANAGED_BY = "vdi-prober"
TARGET_LABEL = "vdi-prober.io/target"
RUN_ID_LABEL = "vdi-prober.io/run-id"
OWNER_LABEL = "vdi-prober.io/instance"
DEADLINE_ANNOTATION = "vdi-prober.io/deadline"
STARTED_AT_ANNOTATION = "vdi-prober.io/started-at"
TRIGGER_ANNOTATION = "vdi-prober.io/trigger"
ABOUT_ANNOTATION = "vdi-prober.io/about"


class Phase(StrEnum):
    """The session's `status.phase`, as the platform spells it."""

    PENDING = "Pending"
    """Accepted, not taken up."""
    CREATING = "Creating"
    """Its objects are being made."""
    RUNNING = "Running"
    """Its objects were made; proves nothing of the desktop."""
    TERMINATING = "Terminating"
    """It is being ended."""
    FAILED = "Failed"
    """The operator gave up on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRef:
    """Which object: the uid tells it from a later one of the same name."""

    namespace: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What is asked of the API server in step `create`.

    Attributes:
        namespace: Where the session is made.
        generate_name: The prefix that the API server completes to a free name.
        user: The synthetic user's e-mail address; one per target, since the platform derives the host from it.
        template: The VDITemplate's name.
        timeout: The platform's own time limit for the session ("15m"), our dead-man switch on the server.
        labels: Our marks.
        annotations: Our marks that are too long for a label.
        overlay: Further `spec` fields of this target, laid over ours.
    """

    namespace: str
    generate_name: str
    user: str
    template: str
    timeout: str
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    overlay: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """One observation of a VDISession; `None` means that the platform did not say.

    Attributes:
        ref: Which session.
        phase: The phase, `None` when it is absent or a word that is not the platform's.
        url: `status.url`.
        message: `status.message`, the platform's own words, masked and shortened: they are told as they are.
        pod_name: `status.podName`.
        created_at: When the API server accepted it.
        deleting: Whether its deletion was accepted.
        deleted_at: When that was.
        finalizers: What still keeps it.
        labels: Its labels.
        annotations: Its annotations.
    """

    ref: SessionRef
    phase: Phase | None = None
    url: str | None = None
    message: str | None = None
    pod_name: str | None = None
    created_at: datetime | None = None
    deleting: bool = False
    deleted_at: datetime | None = None
    finalizers: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


class Tie(StrEnum):
    """By what an object is known to belong to a session, the surest first."""

    OWNER = "owner"
    """An ownerReference with the session's uid."""
    NAME = "name"
    """A name that only this session's objects have."""
    LABEL = "label"
    """The label that names the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """An object that belongs to a session.

    Attributes:
        kind: Its kind.
        name: Its name.
        tie: By what it belongs to the session.
        created_at: When the API server accepted it.
        deleted_at: When its deletion was accepted, `None` where nobody asked for that.
        finalizers: What keeps it from going.
    """

    kind: str
    name: str
    tie: Tie = Tie.OWNER
    created_at: datetime | None = None
    deleted_at: datetime | None = None
    finalizers: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Names it as `kubectl` does."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """What belongs to a session, as far as we may see.

    Attributes:
        found: The objects.
        gaps: The kinds that could not be listed, each with the cause: a stated gap is not an error.
    """

    found: tuple[Child, ...] = ()
    gaps: tuple[str, ...] = ()


def marks(
    *, target: TargetName, run_id: RunId, instance: str, deadline: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """Returns the labels and the annotations that every session of ours carries.

    Args:
        target: The target probed.
        run_id: The run that creates the session.
        instance: Which prober process it belongs to.
        deadline: When the run must be over; the sweep removes the session after that.
    """
    labels = {
        MANAGED_BY_LABEL: MANAGED_BY,
        TARGET_LABEL: target,
        RUN_ID_LABEL: run_id,
        OWNER_LABEL: instance,
    }
    return labels, {DEADLINE_ANNOTATION: deadline.isoformat(timespec="seconds")}


def trail(*, run_id: RunId, instance: str, trigger: Trigger, started_at: datetime) -> dict[str, str]:
    """Returns the annotations that lead a person from a session to its run.

    Args:
        run_id: The run, as it stands in logs and reports.
        instance: Which prober process made it.
        trigger: What made the run begin.
        started_at: When it did.
    """
    return {
        STARTED_AT_ANNOTATION: started_at.isoformat(timespec="seconds"),
        TRIGGER_ANNOTATION: trigger.value,
        ABOUT_ANNOTATION: f"A synthetic user's session: run {run_id} in the logs and reports of vdi-prober {instance}. "
        "The run deletes it; past its deadline `prober sweep` does.",
    }
