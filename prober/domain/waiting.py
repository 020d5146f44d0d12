"""Why a session did not become what was waited for.

Given the last view of a VDISession, names whom to blame. Finer causes come from Kubernetes evidence, where that may
be read.
"""

from prober.domain.errors import Fault
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


def overdue_deletion(session: SessionView, *, budget_s: float) -> Fault:
    """Explains a session that is still there although its deletion was asked for."""
    if session.deleting and session.finalizers:
        kept = ", ".join(session.finalizers)
        summary = f"deletion was accepted {budget_s:g} s ago and the finalizer {kept} is still there"
        return Fault(reason=Reason.FINALIZER_STUCK, summary=summary)
    summary = f"the session is still there {budget_s:g} s after its deletion"
    return Fault(reason=Reason.CLEANUP_TIMEOUT, summary=summary)
