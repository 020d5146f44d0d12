"""The control-plane steps: create the session, see it run."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from prober.domain.errors import ProberFailed, TargetFailed, failed
from prober.domain.ids import RunId
from prober.domain.orphans import is_ours
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionRequest, SessionView, marks
from prober.domain.target import Target
from prober.domain.waiting import failed_phase, overdue_running, vanished
from prober.flow.journal import StepNotes
from prober.flow.ports import Clock, Sessions

DEADLINE_MARGIN_S = 60.0
"""How much later than its budgets allow a run may end before its session counts as an orphan, in seconds."""

_LABEL_LENGTH = 40
"""How much of the target's name goes into the session's: names are limited to 63 characters with the suffix."""


def request_for(target: Target, *, run_id: RunId, instance: str, clock: Clock) -> SessionRequest:
    """Returns what is asked of the API server for one run."""
    deadline = clock.now() + timedelta(seconds=target.longest_s() + DEADLINE_MARGIN_S)
    labels, annotations = marks(target=target.name, run_id=run_id, instance=instance, deadline=deadline)
    return SessionRequest(
        namespace=target.session.namespace,
        generate_name=f"probe-{target.name[:_LABEL_LENGTH]}-",
        user=target.session.user,
        template=target.session.template,
        timeout=target.session.timeout,
        labels=labels,
        annotations={**target.session.annotations, **annotations},
        overlay=target.session.overlay,
    )


async def create(
    sessions: Sessions, request: SessionRequest, *, cap: int, clock: Clock, budget_s: float, notes: StepNotes
) -> SessionView:
    """Creates the session, unless too many of ours live already; notes how long the look for those took (`listing`).

    Raises:
        ProberFailed: `leak_cap_reached`.
        TargetFailed: What the API server answered, `api_unreachable` when it did not in time, `finalizer_stuck` when
            sessions that the platform does not let go of fill the cap.
    """
    begin = clock.monotonic()
    try:
        async with asyncio.timeout(budget_s):
            own = [session for session in await sessions.ours(request.namespace) if is_ours(session)]
            notes.timings["listing"] = clock.monotonic() - begin
            _check_cap(own, namespace=request.namespace, cap=cap)
            return await sessions.create(request)
    except TimeoutError:
        summary = f"the API server did not accept the session within {budget_s:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None


def _check_cap(own: Sequence[SessionView], *, namespace: str, cap: int) -> None:
    if len(own) < cap:
        return
    ending = [session for session in own if session.deleting]
    if len(own) - len(ending) < cap:
        summary = f"{len(ending)} sessions of ours are being deleted in namespace {namespace} and do not go (cap {cap})"
        raise TargetFailed.because(Reason.FINALIZER_STUCK, summary)
    summary = f"{len(own)} sessions of ours live in namespace {namespace} (cap {cap}): run a sweep"
    raise ProberFailed.because(Reason.LEAK_CAP_REACHED, summary)


async def wait_running(sessions: Sessions, session: SessionView, *, budget_s: float) -> SessionView:
    """Watches the session until it is Running, and returns that view.

    Raises:
        TargetFailed: `phase_failed` or `template_not_found` at once, `operator_stalled` or `running_timeout` when the
            budget is used up, `api_unreachable` when that happened during an outage.
    """
    last = session
    async with sessions.watch(session.ref) as views:
        try:
            async with asyncio.timeout(budget_s):
                async for view in views:
                    if view is None or view.deleting:
                        break
                    if view.phase is Phase.RUNNING:
                        return view
                    if view.phase is Phase.FAILED:
                        raise failed(failed_phase(view))
                    last = view
        except TimeoutError:
            raise failed(views.outage or overdue_running(last, budget_s=budget_s)) from None
    raise failed(vanished(last))
