"""One run: a user's visit to the platform, from asking for a desktop to leaving nothing behind.

This is the page to read first. `_visit` tells the story in its order; each step has a budget, and the first that
fails ends the visit. Then, in every case, `tear_down` ends the session. Three things are told apart: a fault of the
target or of ourselves, which becomes the report; an error of our own code, which becomes the report too; a
cancellation, which is raised again once the teardown is done. A target that asks for confirmation is visited again
after a failure, each time in full.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from prober.domain.artefacts import Artefact, of_attempt
from prober.domain.connection import timings
from prober.domain.errors import ProbeError, TargetFailed
from prober.domain.ice import is_told
from prober.domain.ids import ClusterName, RunId
from prober.domain.input import judge_input
from prober.domain.outcomes import Trigger
from prober.domain.report import RunReport
from prober.domain.rules import judge
from prober.domain.session import SessionView
from prober.domain.steps import StepName
from prober.domain.target import Target
from prober.flow.creations import Creations
from prober.flow.journal import Journal, StepNotes
from prober.flow.ports import Browser, Clock, Desktop, EvidenceSink, Exposure, Health, Observer, Secrets, Sessions
from prober.flow.preparing import prepared
from prober.flow.shielding import is_being_cancelled, shielded
from prober.flow.steps import checks, connecting, quality, url
from prober.flow.steps import desktop as page
from prober.flow.steps.confirming import is_worth_confirming
from prober.flow.steps.diagnosing import diagnose_beginning, diagnose_end, diagnose_fault
from prober.flow.steps.evidence import keep_evidence, keep_evidence_of_what_is_left
from prober.flow.steps.picturing import FIRST_FRAME, LAST, WINDOW_END, page_artefacts, picture
from prober.flow.steps.session import create, request_for, wait_running
from prober.flow.teardown import tear_down


class Runner:
    """Runs the flow.

    Args:
        sessions: The clusters by name.
        exposure: For asking URLs.
        browser: For the desktop's page.
        secrets: For credentials.
        clock: For all times.
        observer: Hears of everything.
        instance: Which prober this is, written onto its sessions.
        evidence: Keeps what there is to keep of a run; `None` keeps nothing.
        health: What the prober's own machine was like; `None` where nobody measures.
    """

    def __init__(
        self,
        *,
        sessions: Mapping[ClusterName, Sessions],
        exposure: Exposure,
        browser: Browser,
        secrets: Secrets,
        clock: Clock,
        observer: Observer,
        instance: str,
        evidence: EvidenceSink | None = None,
        health: Health | None = None,
    ) -> None:
        self._sessions = sessions
        self._exposure = exposure
        self._browser = browser
        self._secrets = secrets
        self._clock = clock
        self._observer = observer
        self._instance = instance
        self._evidence = evidence
        self._health = health
        self._creations = Creations()

    async def run(self, target: Target, *, run_id: RunId, trigger: Trigger) -> RunReport:
        """Probes the target, once more for each attempt that it has left after a failure, and reports.

        Raises:
            asyncio.CancelledError: After the teardown; the observer has the report then.
        """
        earlier: tuple[RunReport, ...] = ()
        seen: list[Sequence[Artefact]] = []
        while True:
            journal = Journal(
                run_id=run_id,
                target=target,
                trigger=trigger,
                clock=self._clock,
                observer=self._observer,
                earlier=earlier,
            )
            try:
                await self._attempt(journal)
                report = journal.complete()
                over = len(earlier) + 1 >= target.attempts or not is_worth_confirming(report)
                seen.append(journal.artefacts)
                if over:
                    await self._keep(journal, seen)  # no part of the run's time
            except asyncio.CancelledError:
                journal.finish()
                raise
            if over:
                return journal.finish()
            earlier = (*earlier, replace(report, earlier=()))

    async def _keep(self, journal: Journal, seen: Sequence[Sequence[Artefact]]) -> None:
        """Keeps what the browser saw of each attempt, that of the attempt which decided without a number."""
        report = journal.conclude()
        if self._evidence is None:
            return
        decided = len(report.earlier)
        artefacts = [
            artefact
            for place, some in enumerate(seen)
            for artefact in of_attempt(some, None if place == decided else place + 1)
        ]
        where = await self._evidence.keep(report, journal.target, artefacts)
        journal.report = replace(report, evidence=where)

    async def _attempt(self, journal: Journal) -> None:
        """Visits once and tears down; the journal has what became of it."""
        target = journal.target
        try:
            sessions = self._sessions[target.session.cluster]
            # The page comes first: a prober without a browser must not create sessions.
            marks = target.correlation.headers(journal.run_id)
            page_of_target = prepared(target, browser=self._browser, secrets=self._secrets, headers=marks)
            async with page_of_target as desktop:
                try:
                    await self._visit(journal, desktop, sessions)
                except ProbeError as error:
                    # Now, since the teardown takes away what there is to see.
                    await self._picture(journal, desktop, LAST)
                    if isinstance(error, TargetFailed):
                        await keep_evidence(journal, sessions, clock=self._clock)
                    await diagnose_fault(journal, desktop, health=self._health)
                    raise
                finally:
                    await self._leave(journal, desktop, sessions)
        except asyncio.CancelledError:
            journal.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it becomes the report
            journal.blame(error)
            diagnose_beginning(journal, health=self._health)

    async def _leave(self, journal: Journal, desktop: Desktop, sessions: Sessions) -> None:
        """Ends the visit, whatever became of it: what the page knows, the teardown, what is left."""
        try:
            if self._evidence is not None and not is_being_cancelled():
                journal.artefacts = tuple(await page_artefacts(journal, desktop))
        finally:
            leaving = tear_down(journal, desktop=desktop, sessions=sessions, exposure=self._exposure, clock=self._clock)
            await shielded(leaving, name=f"teardown {journal.run_id}")
            await keep_evidence_of_what_is_left(journal, sessions, clock=self._clock)
            diagnose_end(journal, health=self._health)

    async def _picture(self, journal: Journal, desktop: Desktop, name: str) -> None:
        if self._evidence is not None:
            await picture(journal, desktop, name)

    async def _visit(self, journal: Journal, desktop: Desktop, sessions: Sessions) -> None:
        target, budgets, step = journal.target, journal.target.budgets, journal.step
        with step(StepName.CREATE) as notes:
            # Whoever cancels waits for the answer: a session that nobody knows of is one that nobody ends.
            session = await shielded(self._create(journal, sessions, notes), name=f"create {journal.run_id}")
        with step(StepName.RUNNING) as notes:
            journal.session = await wait_running(sessions, session, budget_s=budgets.running, notes=notes)
        with step(StepName.URL) as notes:
            begin = self._clock.monotonic()
            journal.url = await url.extract(sessions, journal.session, rules=target.url, budget_s=budgets.url)
            marked_url = url.marked(journal.url, target=target, run_id=journal.run_id, notes=notes)
            answer = await url.wait_serving(
                self._exposure,
                marked_url,
                rules=target.url,
                headers=target.correlation.headers(journal.run_id),
                clock=self._clock,
                since=begin,
                budget_s=budgets.url,
                notes=notes,
            )
            journal.report = replace(journal.report, certificate_expires_at=answer.certificate_expires_at)
        with step(StepName.LOGIN) as notes:
            notes.timings.update(await page.log_in(desktop, marked_url, target=target))
        with step(StepName.CONNECT) as notes:
            connected = await connecting.wait_connected(desktop, target=target)
            notes.timings.update(timings(connected.connections))
            journal.webrtc = connecting.connected_summary(journal.webrtc, connected)
            connecting.check_connected(connected, target=target)
        with step(StepName.FIRST_FRAME) as notes:
            look = await page.wait_first_frame(desktop, target=target)
            notes.notes.extend(f"clicked {selector}" for selector in look.clicked)
            journal.webrtc = replace(journal.webrtc, time_to_first_frame_s=look.visible_s)
            page.check_first_frame(look, budget_s=budgets.first_frame)
        await self._picture(journal, desktop, FIRST_FRAME)
        with step(StepName.STREAM) as notes:
            seen = await quality.observe(desktop, target=target, clock=self._clock)
            journal.webrtc = quality.observed_summary(journal.webrtc, seen)
            notes.checks.extend(checks.judge_checks(seen.stream, plan=target.checks))
            connecting.check_carried(seen.connections, path=seen.path, target=target)
            journal.accept(judge(seen.stream, target.thresholds, stimulated=target.stream.stimulated))
            if not is_told(seen.path, target.network):
                notes.notes.append(f"the browser told no network path, so {target.network} was not verified")
                journal.degrade("path_untold")
            connecting.check_still_established(seen.connections, target=target)
            await checks.complete_checks(notes.checks, desktop=desktop, target=target, clock=self._clock)
        await self._picture(journal, desktop, WINDOW_END)
        if target.input is not None:
            with step(StepName.INPUT) as notes:
                tried = await quality.try_inputs(desktop, plan=target.input, target=target, notes=notes)
                journal.webrtc = quality.tried_summary(journal.webrtc, tried)
                journal.accept(judge_input(tried, target.thresholds.input_s))

    async def _create(self, journal: Journal, sessions: Sessions, notes: StepNotes) -> SessionView:
        target = journal.target
        place = target.session.cluster, target.session.namespace
        request = request_for(target, run=journal.report, instance=self._instance, clock=self._clock)
        with self._creations.announced(place, journal.run_id) as before:
            journal.session = await create(
                sessions,
                request,
                before=before,
                cap=target.session_cap,
                clock=self._clock,
                budget_s=target.budgets.create,
                notes=notes,
            )
        return journal.session
