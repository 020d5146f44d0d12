"""The end of every run: close the page, end the session, see that nothing is left.

It runs whatever happened, and each part of it runs whatever happened to the part before. Its faults are recorded in
the journal, beside the one that ended the run.
"""

import asyncio
from dataclasses import replace

from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.domain.steps import PAGE_END_S, StepName
from prober.flow.journal import Journal
from prober.flow.ports import Clock, Desktop, Exposure, Sessions
from prober.flow.steps.teardown import Leftovers, find, terminate, unverified, wait_clean

CLOSE_PAGE_S = PAGE_END_S / 2
"""How long the page may take to close, in seconds; a browser that hangs must not keep the session alive. It is past the
browser's own limit, after which a page is given up without a word."""


async def tear_down(
    journal: Journal, *, desktop: Desktop, sessions: Sessions, exposure: Exposure, clock: Clock
) -> None:
    """Closes the page, ends the journal's session, verifies the cleanup; raises nothing, the journal has it all.

    A session whose creation was asked for and never confirmed is looked for by the run's id.
    """
    remarks = await _close_page(journal, desktop)
    gone = await _terminate(journal, sessions, clock=clock, remarks=remarks)
    await _clean_up(journal, sessions=sessions, exposure=exposure, gone=gone)


async def _close_page(journal: Journal, desktop: Desktop) -> tuple[str, ...]:
    """Closes the page and returns what there is to remark on that."""
    try:
        async with asyncio.timeout(CLOSE_PAGE_S):
            await desktop.close()
    except TimeoutError:
        summary = f"the page did not close within {CLOSE_PAGE_S:g} s"
        journal.blame(ProberFailed.because(Reason.DRIVER_ERROR, summary))
        return (summary,)
    except Exception as error:  # noqa: BLE001 - whatever it was, the session must be ended
        journal.blame(error)
        return (f"closing the page failed with {type(error).__name__}",)
    return ()


async def _terminate(journal: Journal, sessions: Sessions, *, clock: Clock, remarks: tuple[str, ...]) -> bool:
    target, begin = journal.target, clock.monotonic()
    budget = target.budgets.terminate
    try:
        with journal.step(StepName.TERMINATE) as notes:
            notes.notes.extend(remarks)
            if journal.session is None and _may_exist(journal):
                journal.session = await find(sessions, target.session.namespace, run_id=journal.run_id, budget_s=budget)
            if journal.session is None:
                notes.notes.append("there was no session to end")
                return True
            left = budget - (clock.monotonic() - begin)
            await terminate(sessions, journal.session, budget_s=left, notes=notes)
    except Exception:  # noqa: BLE001 - the journal has recorded it; the cleanup must follow
        return False
    return True


async def _clean_up(journal: Journal, *, sessions: Sessions, exposure: Exposure, gone: bool) -> None:
    try:
        with journal.step(StepName.CLEANUP) as notes:
            if journal.session is None and gone:
                notes.notes.append("there was no session to clean up after")
                return
            look = await _look(journal, sessions=sessions, exposure=exposure, gone=gone)
            notes.notes.extend(look.gaps)
            kinds = tuple(child.kind for child in look.children)
            journal.report = replace(journal.report, children_left=kinds)
            look.check()
    except Exception:  # noqa: BLE001 - the journal has recorded it; a teardown raises nothing
        return


async def _look(journal: Journal, *, sessions: Sessions, exposure: Exposure, gone: bool) -> Leftovers:
    target = journal.target
    if journal.session is None:
        return Leftovers(unverified=unverified("whether a session was created is not known"))
    look = await wait_clean(
        sessions,
        exposure,
        session=journal.session,
        target=target,
        url=journal.url,
        budget_s=target.budgets.cleanup,
        once=not gone,
    )
    return look if gone else look.while_owned()


def _may_exist(journal: Journal) -> bool:
    """Tells whether a creation without a result may have made a session: a refusal made none."""
    fault = journal.report.fault
    return fault is None or fault.reason in {Reason.API_UNREACHABLE, Reason.INTERNAL}
