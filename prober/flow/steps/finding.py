"""The look for a session whose creation was asked for and never confirmed."""

import asyncio

from prober.domain.errors import TargetFailed
from prober.domain.ids import RunId
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.flow.ports import Sessions
from prober.flow.steps.asking import pause_s, repeatable

CONFIRM_S = 3.0
"""How long such a session is looked for, in seconds: longer than an API server that did not answer needs to carry out
what it has accepted."""

CONFIRM_EVERY_S = 0.5
"""Distance of those looks, in seconds."""


async def find(
    sessions: Sessions, namespace: str, *, run_id: RunId, budget_s: float, share: float = 0.5
) -> SessionView | None:
    """Looks for the session of a run whose creation was asked for and never confirmed.

    Looks for a while: an API server that did not answer in time may accept the request a moment later. A look that
    was not answered does not count.

    Args:
        sessions: The session's cluster.
        namespace: Where it was to be made.
        run_id: The run, whose mark it bears.
        budget_s: How long all may take, in seconds.
        share: How much of that may be spent on looks which find nothing.

    Returns:
        The session, or `None` when there is none.

    Raises:
        TargetFailed: What the API server answered, or `api_unreachable` when it did not within the budget.
    """
    looks = round(min(CONFIRM_S, budget_s * share) / CONFIRM_EVERY_S) + 1
    summary = f"the API server did not list the run's sessions within {budget_s:g} s"
    met = TargetFailed.because(Reason.API_UNREACHABLE, summary)
    try:
        async with asyncio.timeout(budget_s):
            while True:
                try:
                    own = await sessions.ours(namespace, run_id=run_id)
                except TargetFailed as error:
                    if error.fault.reason is not Reason.API_UNREACHABLE and not repeatable(error, before=met):
                        raise
                    met = error
                    await asyncio.sleep(pause_s(error, otherwise_s=CONFIRM_EVERY_S))
                    continue
                looks -= 1
                if own or not looks:
                    return own[0] if own else None
                await asyncio.sleep(CONFIRM_EVERY_S)
    except TimeoutError:
        raise met from None
