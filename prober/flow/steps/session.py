"""The control-plane steps: create the session, see it run."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from functools import partial

from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.ids import RunId
from prober.domain.orphans import is_ours
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.session import RUN_ID_LABEL, Phase, SessionRequest, SessionView, marks, trail
from prober.domain.target import Target
from prober.domain.waiting import failed_phase, overdue_running, vanished
from prober.flow.creations import check_cap
from prober.flow.journal import StepNotes
from prober.flow.ports import Clock, Sessions
from prober.flow.steps.asking import Asking
from prober.flow.steps.finding import CONFIRM_S, find

DEADLINE_MARGIN_S = 60.0
"""How much later than its budgets allow a run may end before its session counts as an orphan, in seconds."""

CONFIRM_SHARE = 0.3
"""How much of the budget is kept at most for finding out what became of a creation that was not answered."""

LAST_LOOK_S = 3.0
"""How long the look may take that follows a wait in vain, in seconds; it comes on top of the budget."""

_LABEL_LENGTH = 40
"""How much of the target's name goes into the session's: names are limited to 63 characters with the suffix."""


def request_for(target: Target, *, run: RunReport, instance: str, clock: Clock) -> SessionRequest:
    """Returns what is asked of the API server for one run."""
    deadline = clock.now() + timedelta(seconds=target.longest_s() + DEADLINE_MARGIN_S)
    labels, annotations = marks(target=target.name, run_id=run.run_id, instance=instance, deadline=deadline)
    annotations |= trail(run_id=run.run_id, instance=instance, trigger=run.trigger, started_at=run.started_at)
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
    sessions: Sessions,
    request: SessionRequest,
    *,
    before: Collection[RunId],
    cap: int,
    clock: Clock,
    budget_s: float,
    notes: StepNotes,
) -> SessionView:
    """Creates the session, unless too many of ours live already; notes how long the look for those took (`listing`).

    The creation is asked for once. Where its answer is lost, or does not come while there is time left to look for
    what became of it, the session is looked for by its run's id.

    Raises:
        ProberFailed: `leak_cap_reached`.
        TargetFailed: What the API server answered, `api_unreachable` when it did not in time, `finalizer_stuck` when
            sessions that the platform does not let go of fill the cap.
    """
    begin, asking, asked = clock.monotonic(), Asking(notes), False
    try:
        async with asyncio.timeout(budget_s - min(CONFIRM_S, budget_s * CONFIRM_SHARE)):
            listed = await asking.answer(partial(sessions.ours, request.namespace))
            notes.timings["listing"] = clock.monotonic() - begin
            own = [session for session in listed if is_ours(session)]
            check_cap(own, before=before, namespace=request.namespace, cap=cap, now=clock.now())
            asked = True
            return await asking.answer(partial(sessions.create, request))
    except TimeoutError:
        summary = f"the API server did not accept the session within {clock.monotonic() - begin:.3g} s"
        fault = asking.refused or Fault(reason=Reason.API_UNREACHABLE, summary=summary)
    except TargetFailed as error:
        if error.fault.reason is not Reason.API_UNREACHABLE:
            raise
        fault = error.fault
    if not asked or asking.refused:
        raise failed(fault)
    return await _resolve(sessions, request, lost=fault, budget_s=budget_s - (clock.monotonic() - begin), notes=notes)


async def _resolve(
    sessions: Sessions, request: SessionRequest, *, lost: Fault, budget_s: float, notes: StepNotes
) -> SessionView:
    """Returns the session of a creation whose answer was lost, where there is one.

    Raises:
        TargetFailed: What the creation met, otherwise.
    """
    run_id = RunId(request.labels[RUN_ID_LABEL])
    try:
        found = await find(sessions, request.namespace, run_id=run_id, budget_s=budget_s, share=1.0)
    except TargetFailed:
        raise failed(lost) from None
    if found is None:
        raise failed(lost)
    notes.notes.append(f"the answer to the creation was lost, the session was found by its run id: {lost.summary}")
    return found


async def wait_running(sessions: Sessions, session: SessionView, *, budget_s: float, notes: StepNotes) -> SessionView:
    """Watches the session until it is Running, and returns that view; notes what lists and outages cost, with gaps.

    Raises:
        TargetFailed: `phase_failed` or `template_not_found` at once, `operator_stalled` or `running_timeout` when the
            budget is used up, `api_unreachable` when that happened during an outage.
    """
    last = session
    async with sessions.watch(session.ref) as views:
        try:
            async with asyncio.timeout(budget_s):
                while last.phase is not Phase.RUNNING:
                    last = _alive(await anext(views), last=last)
        except TimeoutError:
            if views.outage is not None:
                raise failed(views.outage) from None
        finally:
            notes.timings.update(views.timings)
            notes.notes.extend(views.gaps)
    if last.phase is not Phase.RUNNING:
        last = await _last_look(sessions, last)
        if last.phase is not Phase.RUNNING:
            raise failed(overdue_running(last, budget_s=budget_s))
        notes.notes.append("the watch had not told that the session is Running: a last look did")
    return last


def _alive(view: SessionView | None, *, last: SessionView) -> SessionView:
    """Returns the view of a session that may still come to run.

    Raises:
        TargetFailed: Why it will not.
    """
    if view is None or view.deleting:
        raise failed(vanished(last))
    if view.phase is Phase.FAILED:
        raise failed(failed_phase(view))
    return view


async def _last_look(sessions: Sessions, last: SessionView) -> SessionView:
    """Reads the session once more: an API server that fell silent a moment ago has not been noticed yet.

    Raises:
        TargetFailed: `api_unreachable`, or what else the API server answers.
    """
    try:
        async with asyncio.timeout(LAST_LOOK_S):
            view = await sessions.get(last.ref)
    except TimeoutError:
        summary = f"the API server has not answered for {LAST_LOOK_S:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None
    return _alive(view, last=last)
