"""Keeps what the cluster shows of a session, while it is there to be seen.

No step of the story: it has no budget and no outcome of its own, and never decides how a run ends. It looks twice at
most: when a fault of the target ended the visit, and when the teardown did not go well.
"""

import asyncio
from dataclasses import replace

from prober.domain.aside import LOOK_GRACE_S, Doing
from prober.domain.errors import ProbeError
from prober.domain.evidence import Evidence, Gap, GapCause
from prober.domain.outcomes import Outcome
from prober.domain.session import SessionView
from prober.domain.steps import TEARDOWN_STEPS
from prober.flow.journal import Journal
from prober.flow.ports import Clock, Sessions
from prober.flow.shielding import is_being_cancelled


async def keep_evidence(journal: Journal, sessions: Sessions, *, clock: Clock) -> None:
    """Adds to the report what the cluster shows of the journal's session, where there is one; raises nothing.

    What is looked at second stands beside the first, as what is left.
    """
    if journal.session is None or not journal.target.evidence.asked():
        return
    begin, now = clock.monotonic(), clock.now()
    with journal.aside(Doing.KUBERNETES):
        seen = await _look(journal, journal.session, sessions)
    after = journal.report.steps[-1].name
    evidence = replace(seen, taken_at=now, took_s=clock.monotonic() - begin, after=after)
    report = journal.report
    if report.kubernetes is None:
        journal.report = replace(report, kubernetes=evidence)
    else:
        journal.report = replace(report, kubernetes_left=evidence)


async def keep_evidence_of_what_is_left(journal: Journal, sessions: Sessions, *, clock: Clock) -> None:
    """Does the same after a teardown that failed."""
    if is_being_cancelled():  # a shutdown waits for the teardown, and for nothing after it
        return
    failed = {record.name for record in journal.report.steps if record.outcome is Outcome.FAILURE}
    if not failed.isdisjoint(TEARDOWN_STEPS):
        await keep_evidence(journal, sessions, clock=clock)


async def _look(journal: Journal, session: SessionView, sessions: Sessions) -> Evidence:
    plan = journal.target.evidence
    try:
        async with asyncio.timeout(plan.limit_s + LOOK_GRACE_S):
            return await sessions.evidence(session, plan=plan)
    except TimeoutError:
        return _nothing(f"none within {plan.limit_s + LOOK_GRACE_S:g} s")
    except ProbeError as error:
        return _nothing(error.fault.summary)
    except Exception as error:  # noqa: BLE001 - a fault of our own in looking must not hide the one that was met
        journal.blame(error)
        return _nothing(f"the prober's own code failed with {type(error).__name__}")


def _nothing(why: str) -> Evidence:
    return Evidence(gaps=(Gap(source=None, cause=GapCause.NO_ANSWER, detail=why),))
