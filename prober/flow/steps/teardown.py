"""The step that ends a session; `vigil` is its wait, `inspection` the proof that follows."""

import asyncio

from prober.domain.errors import Fault, ProbeError, ProberFailed, TargetFailed, failed
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.domain.waiting import overdue_deletion
from prober.flow.journal import StepNotes
from prober.flow.ports import Clock, Sessions
from prober.flow.steps.asking import note_repetition, pause_s, repeatable
from prober.flow.steps.vigil import Vigil

ACCEPTED = "accepted"
"""The step's sub-timing until the API server took the deletion."""

DELETE_EVERY_S = 0.5
"""Distance of the attempts to delete while nobody answers, in seconds."""


async def terminate(
    sessions: Sessions, session: SessionView, *, clock: Clock, budget_s: float, notes: StepNotes
) -> None:
    """Deletes the session and waits until it is gone, finalizers included; notes when the deletion was `accepted`.

    A request that the API server did not answer, or throttled, or that we could not make for now (our credentials may
    be being rotated), is made again, as a visible attempt: else the session would be left.

    Raises:
        ProberFailed: What kept us from asking, up to the budget's end.
        TargetFailed: `delete_rejected`; when the budget is used up `finalizer_stuck` with the finalizer's name,
            `cleanup_timeout` when the end is only slow, `api_unreachable` when nobody could be asked any more.
    """
    begin, vigil = clock.monotonic(), None
    met = Fault(reason=Reason.API_UNREACHABLE, summary=f"the API server took no deletion within {budget_s:g} s")
    notes.attempts, refusal = 0, None
    async with sessions.watch(session.ref) as views:
        try:
            async with asyncio.timeout(budget_s):
                while True:
                    notes.attempts += 1
                    refusal = await _delete(sessions, session, before=refusal)
                    if refusal is None:
                        break
                    met = refusal.fault
                    note_repetition(refusal, notes=notes)
                    await asyncio.sleep(pause_s(refusal, otherwise_s=DELETE_EVERY_S))
                notes.timings[ACCEPTED] = clock.monotonic() - begin
                vigil = Vigil(sessions, session, clock=clock, budget_s=budget_s - notes.timings[ACCEPTED])
                await vigil.wait(views)
        except TimeoutError:
            if vigil is not None:
                met = views.outage or overdue_deletion(vigil.ending())
            raise failed(met) from None
        finally:
            notes.notes.extend(views.gaps)


async def _delete(sessions: Sessions, session: SessionView, *, before: ProbeError | None) -> ProbeError | None:
    """Asks once; returns what was met when nobody was asked, or answered, or it may be repeated after `before`."""
    try:
        await sessions.delete(session.ref)
    except ProberFailed as error:
        return error
    except TargetFailed as error:
        if error.fault.reason is not Reason.API_UNREACHABLE and not repeatable(error, before=before):
            raise
        return error
    return None
