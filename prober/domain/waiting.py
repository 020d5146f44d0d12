"""Why a session did not become what was waited for.

Given what was seen of a VDISession, names whom to blame. Finer causes come from Kubernetes evidence, where that may
be read.
"""

from dataclasses import dataclass
from datetime import datetime

from prober.domain.errors import Fault
from prober.domain.leftovers import Leftover, age_s, age_words, named
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionView


def failed_phase(session: SessionView) -> Fault:
    """Explains a session whose phase is Failed, in the platform's own words."""
    message = session.message or "no message given"
    if "template" in message.lower() and "not found" in message.lower():
        return Fault(reason=Reason.TEMPLATE_NOT_FOUND, summary=f"the phase is Failed: {message}")
    return Fault(reason=Reason.PHASE_FAILED, summary=f"the phase is Failed: {message}")


def overdue_running(session: SessionView, *, budget_s: float) -> Fault:
    """Explains a session that was not Running within the budget.

    A session without a Pod is the operator's business, whatever its phase says.
    """
    said = f"is still {session.phase}" if session.phase else "has no known phase"
    if session.phase in {None, Phase.PENDING} and session.pod_name is None:
        rest = "the operator took it up and made no Pod" if session.finalizers else "no operator took it up"
        return Fault(reason=Reason.OPERATOR_STALLED, summary=f"the session {said} after {budget_s:g} s: {rest}")
    summary = f"the session {said} after {budget_s:g} s"
    return Fault(reason=Reason.RUNNING_TIMEOUT, summary=summary)


def vanished(session: SessionView) -> Fault:
    """Explains a session that somebody else deleted while it was in use."""
    summary = f"the session {session.ref.name} was deleted by somebody else"
    return Fault(reason=Reason.PHASE_FAILED, summary=summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What was seen of a session since its deletion was accepted; all times in seconds.

    A sign of life is whatever only a platform at work does: the session's status or finalizers change, one of its
    objects goes or begins to go. A new resourceVersion alone is none, for operators touch what they are stuck on.

    Attributes:
        session: Its latest view.
        waited_s: How long ago the deletion was accepted.
        quiet_s: How long ago there was a sign of life; `waited_s` where there was none.
        left: Its objects that are still there.
        went: How many of its objects were seen to go.
        gaps: What could not be seen of its objects.
    """

    session: SessionView
    waited_s: float
    quiet_s: float
    left: tuple[Leftover, ...] = ()
    went: int = 0
    gaps: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether the end is under way, rather than stuck.

        It is while one of the objects is being deleted (a Pod has its grace, a volume its protection), or as long as
        the platform was silent for less than half of the time: a measure that fits short and long budgets.
        """
        return self.quiet_s < self.waited_s / 2 or any(child.deleting_s is not None for child in self.left)


def overdue_deletion(ending: Ending) -> Fault:
    """Explains a session that is still there although its deletion was asked for.

    `finalizer_stuck` is a finalizer behind which nothing moves; an operator that is slow is `cleanup_timeout`.
    """
    session, waited = ending.session, age_words(ending.waited_s)
    if not session.deleting or not session.finalizers:
        summary = f"the session is still there {waited} after its deletion"
        return Fault(reason=Reason.CLEANUP_TIMEOUT, summary=summary)
    kept = f"the finalizer {', '.join(session.finalizers)} is still there"
    seen = "".join((f", with {named(ending.left)}" if ending.left else "", _unseen(ending.gaps)))
    if ending.goes_on:
        summary = f"the session's end is slow: {waited} after its deletion {kept}{seen}; {_progress(ending)}"
        return Fault(reason=Reason.CLEANUP_TIMEOUT, summary=summary)
    summary = f"deletion was accepted {waited} ago and {kept}{seen}; {_standstill(ending)}"
    return Fault(reason=Reason.FINALIZER_STUCK, summary=summary)


def is_held(session: SessionView, *, now: datetime, after_s: float) -> bool:
    """Tells whether a session's deletion was accepted longer ago than its end may take.

    Args:
        session: A session that is there.
        now: The present, by the wall clock.
        after_s: How long its end may take, in seconds.
    """
    deleting_s = age_s(session.deleted_at, now=now)
    return session.deleting and deleting_s is not None and deleting_s > after_s


def held(session: SessionView, *, now: datetime) -> Fault:
    """Explains a session that does not go, to somebody who did not watch its end."""
    deleting_s = age_s(session.deleted_at, now=now)
    since = "" if deleting_s is None else f" {age_words(deleting_s)}"
    kept = f": the finalizer {', '.join(session.finalizers)} keeps it" if session.finalizers else ""
    summary = f"{session.ref.name} is still there{since} after its deletion{kept}"
    return Fault(reason=Reason.FINALIZER_STUCK, summary=summary)


def _progress(ending: Ending) -> str:
    parts = (
        f"{ending.went} of its objects went" if ending.went else None,
        f"the last sign of life was {age_words(ending.quiet_s)} ago" if ending.quiet_s < ending.waited_s else None,
        f'the platform says "{ending.session.message}"' if ending.session.message else None,
    )
    return ", ".join(part for part in parts if part) or "some of them are being deleted"


def _standstill(ending: Ending) -> str:
    if ending.quiet_s >= ending.waited_s:
        said = ending.session.phase or "not known"
        return f"the operator has not touched the session since, its phase is {said}"
    nothing = "" if ending.left or ending.gaps else "nothing else is left of it, and "
    return f"{nothing}nothing has moved for {age_words(ending.quiet_s)}"


def _unseen(gaps: tuple[str, ...]) -> str:
    return f" (what could not be seen: {'; '.join(gaps)})" if gaps else ""
