"""What is still there of a session, told so that somebody can go and look.

Pure: the time comes in. Ages are by our clock against the API server's stamps, so they are as good as the two agree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from prober.domain.session import Child, SessionView, Tie

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))
SESSION_KIND = "VDISession"
"""What a session itself is called among what is left of it."""

_ENOUGH = 2
"""How many of a unit there are at least before an age is told in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A session, or one of its objects, as a look found it; ages in seconds, `None` where the platform did not say.

    Attributes:
        kind: Its kind.
        name: Its name.
        tie: By what it belongs to the session.
        age_s: Since when it is there.
        deleting_s: Since when its deletion is accepted, `None` where nobody asked for it.
        finalizers: What keeps it from going.
    """

    kind: str
    name: str
    tie: Tie = Tie.OWNER
    age_s: float | None = None
    deleting_s: float | None = None
    finalizers: tuple[str, ...] = ()

    @classmethod
    def of(cls, child: Child, *, now: datetime) -> Self:
        """Returns a child as it is now."""
        return cls(
            kind=child.kind,
            name=child.name,
            tie=child.tie,
            age_s=age_s(child.created_at, now=now),
            deleting_s=age_s(child.deleted_at, now=now),
            finalizers=child.finalizers,
        )

    @classmethod
    def of_session(cls, session: SessionView, *, now: datetime) -> Self:
        """Returns a session that is still there, as it is now."""
        return cls(
            kind=SESSION_KIND,
            name=session.ref.name,
            age_s=age_s(session.created_at, now=now),
            deleting_s=age_s(session.deleted_at, now=now),
            finalizers=session.finalizers,
        )

    def __str__(self) -> str:
        """Names it as `kubectl` does, with what helps to see why it is there."""
        facts = (
            None if self.age_s is None else f"{age_words(self.age_s)} old",
            None if self.deleting_s is None else f"being deleted for {age_words(self.deleting_s)}",
            f"finalizers: {', '.join(self.finalizers)}" if self.finalizers else None,
            None if self.tie is Tie.OWNER else f"known by its {self.tie}",
        )
        said = ", ".join(fact for fact in facts if fact)
        return f"{self.kind}/{self.name} ({said})" if said else f"{self.kind}/{self.name}"


def named(leftovers: Iterable[Leftover]) -> str:
    """Names objects one after the other."""
    return ", ".join(map(str, leftovers))


def age_s(since: datetime | None, *, now: datetime) -> float | None:
    """Returns how long ago something was, in seconds; what our clock has not reached yet was just now."""
    return None if since is None else max(0.0, (now - since).total_seconds())


def age_words(seconds: float) -> str:
    """Tells an age as `kubectl` would: in the largest unit of which there are at least two."""
    span = timedelta(seconds=seconds)
    for unit, length in _UNITS:
        if span >= _ENOUGH * length:
            return f"{span // length} {unit}"
    return f"{seconds:.0f} s"
