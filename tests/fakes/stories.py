"""What becomes of a fake session: its states follow from the loop's time, no task runs behind a test's back."""

from dataclasses import dataclass, replace
from typing import Any

from prober.domain.session import Child, Phase, SessionView

URL = "https://probe.vdi.example.com"
"""Of a healthy fake session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the platform writes into a session, so many seconds after its creation; `None` leaves a field alone."""

    after_s: float = 0.0
    phase: Phase | None = None
    url: str | None = None
    message: str | None = None
    pod_name: str | None = None

    def applied_to(self, view: SessionView) -> SessionView:
        """Returns the view after the change."""
        fields = {name: getattr(self, name) for name in ("phase", "url", "message", "pod_name")}
        changed: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
        return replace(view, **changed)


HEALTHY = (Change(phase=Phase.CREATING), Change(after_s=0.5, phase=Phase.RUNNING, url=URL))
"""What the platform does with a session when all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What becomes of a session.

    Attributes:
        changes: What the platform writes, in the order of time.
        gone_after_s: How long the session outlives its deletion, `None` for ever.
        finalizers: What keeps it meanwhile.
        children: What belongs to it while it lives; `None` is a Pod, a Service and an IngressRoute of its name.
        left: What stays when it is gone.
        left_for_s: How long that stays, `None` for ever.
        gaps: Kinds that may not be listed.
    """

    changes: tuple[Change, ...] = HEALTHY
    gone_after_s: float | None = 0.1
    finalizers: tuple[str, ...] = ()
    children: tuple[Child, ...] | None = None
    left: tuple[Child, ...] = ()
    left_for_s: float | None = None
    gaps: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class LivingSession:
    """One session with the times that its states follow from."""

    view: SessionView
    story: Story
    created_s: float
    deleted_s: float | None = None

    def gone_s(self) -> float | None:
        """When it is gone, on the loop's clock."""
        if self.deleted_s is None or self.story.gone_after_s is None:
            return None
        return self.deleted_s + self.story.gone_after_s

    def at(self, now: float) -> SessionView | None:
        """Returns its state at a time."""
        gone = self.gone_s()
        if gone is not None and now >= gone:
            return None
        view = self.view
        for change in self.story.changes:
            if now >= self.created_s + change.after_s:
                view = change.applied_to(view)
        if self.deleted_s is None:
            return view
        return replace(view, deleting=True)

    def children_at(self, now: float) -> tuple[Child, ...]:
        """Returns what belongs to it at a time."""
        name, story, gone = self.view.ref.name, self.story, self.gone_s()
        if gone is None or now < gone:
            usual = tuple(Child(kind=kind, name=name) for kind in ("Pod", "Service", "IngressRoute"))
            return (usual if story.children is None else story.children) + story.left
        return story.left if story.left_for_s is None or now < gone + story.left_for_s else ()

    def next_s(self, now: float) -> float | None:
        """Returns when its state changes next by itself, `None` for never."""
        times = [self.created_s + change.after_s for change in self.story.changes]
        gone = self.gone_s()
        return min((time for time in (*times, *([] if gone is None else [gone])) if time > now), default=None)
