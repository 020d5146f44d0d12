"""The end of every run: close the page, end the session, see that nothing is left.

It runs whatever happened, and each part of it runs whatever happened to the part before. Its faults are recorded in
the journal, beside the one that ended the run.
"""

import asyncio
from dataclasses import replace

from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.domain.steps import StepName
from prober.flow.journal import Journal
from prober.flow.ports import Desktop, Exposure, Sessions
from prober.flow.steps.teardown import Leftovers, look_for_leftovers, terminate, wait_clean

CLOSE_PAGE_S = 5.0
"""How long the page may take to close, in seconds; a browser that hangs must not keep the session alive."""


async def tear_down(journal: Journal, *, desktop: Desktop, sessions: Sessions, exposure: Exposure) -> None:
    """Closes the page, ends the journal's session, verifies the cleanup; raises nothing, the journal has it all.

    A session whose creation was asked for and never confirmed is looked for by the run's id.
    """
    await _close_page(journal, desktop)
    if not journal.began(StepName.CREATE):
        return
    gone = await _terminate(journal, sessions)
    await _clean_up(journal, sessions=sessions, exposure=exposure, gone=gone)


async def _close_page(journal: Journal, desktop: Desktop) -> None:
    try:
        async with asyncio.timeout(CLOSE_PAGE_S):
            await desktop.close()
    except TimeoutError:
        summary = f"the page did not close within {CLOSE_PAGE_S:g} s"
        journal.blame(ProberFailed.because(Reason.DRIVER_ERROR, summary))
    except Exception as error:  # noqa: BLE001 - whatever it was, the session must be ended
        journal.blame(error)


async def _terminate(journal: Journal, sessions: Sessions) -> bool:
    try:
        with journal.step(StepName.TERMINATE) as notes:
            created = journal.session or await _find(journal, sessions)
            if created is None:
                notes.notes.append("there was no session to end")
                return True
            journal.session = created
            await terminate(sessions, created, budget_s=journal.target.budgets.terminate)
    except Exception:  # noqa: BLE001 - the journal has recorded it; the cleanup must follow
        return False
    return True


async def _find(journal: Journal, sessions: Sessions) -> SessionView | None:
    own = await sessions.ours(journal.target.session.namespace, run_id=journal.run_id)
    return next(iter(own), None)


async def _clean_up(journal: Journal, *, sessions: Sessions, exposure: Exposure, gone: bool) -> None:
    try:
        with journal.step(StepName.CLEANUP) as notes:
            if journal.session is None:
                notes.notes.append("there was no session to clean up after")
                return
            look = await _look(journal, journal.session, sessions=sessions, exposure=exposure, gone=gone)
            notes.notes.extend(look.gaps)
            kinds = tuple(child.kind for child in look.children)
            journal.report = replace(journal.report, children_left=kinds)
            look.check()
    except Exception:  # noqa: BLE001 - the journal has recorded it; a teardown raises nothing
        return


async def _look(
    journal: Journal, session: SessionView, *, sessions: Sessions, exposure: Exposure, gone: bool
) -> Leftovers:
    target, url = journal.target, journal.url
    if gone:
        budget = target.budgets.cleanup
        return await wait_clean(sessions, exposure, session=session, target=target, url=url, budget_s=budget)
    # Children cannot go before their owner: one look tells what there is, waiting would tell no more.
    return await look_for_leftovers(sessions, exposure, session=session, target=target, url=url)
