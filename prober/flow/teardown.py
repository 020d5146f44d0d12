"""The end of every run: close the page, end the session, see that nothing is left.

It runs whatever happened, and each part of it runs whatever happened to the part before. Its faults are recorded in
the journal, beside the one that ended the run.
"""

import asyncio
from dataclasses import replace
from enum import Enum, auto
from functools import partial

from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.leftovers import Leftover, named
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.domain.steps import PAGE_END_S, StepName
from prober.flow.journal import Journal, StepNotes
from prober.flow.ports import Clock, Desktop, Exposure, Sessions
from prober.flow.steps.finding import find
from prober.flow.steps.inspection import Findings, Inspection, serving_status, unverified
from prober.flow.steps.teardown import ACCEPTED, terminate

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
    teardown = _Teardown(journal, sessions=sessions, exposure=exposure, clock=clock)
    await teardown.terminate(remarks)
    await teardown.clean_up()


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


class _End(Enum):
    """How far the session's end has come when its step is over."""

    GONE = auto()
    """It is gone, or never was."""
    SLOW = auto()
    """The platform is at it: it is worth waiting for."""
    UNCERTAIN = auto()
    """It is stuck, refused, or not known: waiting would change nothing."""


class _Teardown:
    """The two steps of one teardown."""

    def __init__(self, journal: Journal, *, sessions: Sessions, exposure: Exposure, clock: Clock) -> None:
        self._journal = journal
        self._sessions = sessions
        self._exposure = exposure
        self._clock = clock
        self._end = _End.UNCERTAIN
        self._deleted_at = clock.monotonic()

    async def terminate(self, remarks: tuple[str, ...]) -> None:
        """Ends the session, once it is known which."""
        begin, budget_s = self._clock.monotonic(), self._journal.target.budgets.terminate
        try:
            with self._journal.step(StepName.TERMINATE) as notes:
                notes.notes.extend(remarks)
                session = await self._session(budget_s=budget_s)
                if session is None:
                    notes.notes.append("there was no session to end")
                else:
                    left_s = budget_s - (self._clock.monotonic() - begin)
                    await self._delete(session, budget_s=left_s, notes=notes)
                self._end = _End.GONE
        except Exception as error:  # noqa: BLE001 - the journal has recorded it; the cleanup must follow
            if isinstance(error, ProbeError) and error.fault.reason is Reason.CLEANUP_TIMEOUT:
                self._end = _End.SLOW

    async def clean_up(self) -> None:
        """Sees that nothing is left."""
        try:
            with self._journal.step(StepName.CLEANUP) as notes:
                session = self._journal.session
                if session is not None:
                    await self._inspect(session, notes)
                elif self._end is _End.GONE:
                    notes.notes.append("there was no session to clean up after")
                else:
                    Findings(unverified=unverified("whether a session was created is not known")).check()
        except Exception:  # noqa: BLE001 - the journal has recorded it; a teardown raises nothing
            return

    async def _session(self, *, budget_s: float) -> SessionView | None:
        """Returns what there is to end; a creation without a result may have made a session, a refusal made none."""
        journal, fault = self._journal, self._journal.report.fault
        unknown = fault is None or fault.reason in {Reason.API_UNREACHABLE, Reason.INTERNAL}
        if journal.session is None and unknown:
            namespace = journal.target.session.namespace
            journal.session = await find(self._sessions, namespace, run_id=journal.run_id, budget_s=budget_s)
        return journal.session

    async def _delete(self, session: SessionView, *, budget_s: float, notes: StepNotes) -> None:
        begin = self._clock.monotonic()
        try:
            await terminate(self._sessions, session, clock=self._clock, budget_s=budget_s, notes=notes)
        finally:
            self._deleted_at = begin + notes.timings.get(ACCEPTED, 0.0)

    async def _inspect(self, session: SessionView, notes: StepNotes) -> None:
        target = self._journal.target
        inspection = Inspection(
            self._sessions,
            session,
            clock=self._clock,
            keep=target.keep_children,
            gone=self._end is _End.GONE,
            serving=partial(
                serving_status,
                self._exposure,
                self._journal.url,
                verify_tls=target.url.verify_tls,
                headers=target.correlation.headers(self._journal.run_id),
            ),
        )
        look = await inspection.wait(budget_s=target.budgets.cleanup, patient=self._end is not _End.UNCERTAIN)
        if inspection.gone_at is not None:
            after_s = inspection.gone_at - self._deleted_at
            notes.notes.append(f"the session was gone {after_s:.1f} s after its deletion")
        self._record(look, notes)
        look.check()

    def _record(self, look: Findings, notes: StepNotes) -> None:
        notes.notes.extend(look.gaps)
        if look.kept:
            notes.notes.append(f"kept by policy: {named(look.kept)}")
        journal = self._journal
        now = self._clock.now()
        held = () if look.held is None else (Leftover.of_session(look.held, now=now),)
        journal.report = replace(journal.report, children_left=(*held, *look.left), children_kept=look.kept)
