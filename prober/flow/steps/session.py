"""The control-plane steps: create the session, see it run."""

import asyncio
from datetime import timedelta

from prober.domain.errors import ProberFailed, TargetFailed, failed
from prober.domain.ids import RunId
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionRequest, SessionView, marks
from prober.domain.target import Target
from prober.domain.waiting import failed_phase, overdue_running, vanished
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


async def create(sessions: Sessions, request: SessionRequest, *, cap: int, budget_s: float) -> SessionView:
    """Creates the session, unless too many of ours live already.

    Raises:
        ProberFailed: `leak_cap_reached`.
        TargetFailed: What the API server answered, or `api_unreachable` when it did not in time.
    """
    try:
        async with asyncio.timeout(budget_s):
            alive = len(await sessions.ours(request.namespace))
            if alive >= cap:
                summary = f"{alive} sessions of ours live in namespace {request.namespace} (cap {cap}): run a sweep"
                raise ProberFailed.because(Reason.LEAK_CAP_REACHED, summary)
            return await sessions.create(request)
    except TimeoutError:
        summary = f"the API server did not accept the session within {budget_s:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None


async def wait_running(sessions: Sessions, session: SessionView, *, budget_s: float) -> SessionView:
    """Watches the session until it is Running, and returns that view.

    Raises:
        TargetFailed: `phase_failed` or `template_not_found` at once, `operator_stalled` or `running_timeout` when the
        budget is used up.
    """
    last = session
    try:
        async with asyncio.timeout(budget_s), sessions.watch(session.ref) as views:
            async for view in views:
                if view is None or view.deleting:
                    raise failed(vanished(last))
                if view.phase is Phase.RUNNING:
                    return view
                if view.phase is Phase.FAILED:
                    raise failed(failed_phase(view))
                last = view
    except TimeoutError:
        pass
    raise failed(overdue_running(last, budget_s=budget_s))
