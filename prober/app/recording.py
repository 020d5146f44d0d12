"""Runs into the history, without a run ever waiting for it.

A run that ends is put into a bounded queue; one task takes runs out of it and writes them. What cannot be written, or
finds the queue full, is lost and told in the log with how many were lost so far: a probe that waits for a disk
measures the disk.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prober.adapters.history import HistoryCorruptError, HistoryError, Opening, RunHistory
from prober.adapters.logs import event_log
from prober.adapters.redaction import Redactor
from prober.app.background import background
from prober.app.config.settings import HistorySetting
from prober.app.observers import Quiet
from prober.app.record_counts import RecordCounts, Uncounted
from prober.domain.past import outlines
from prober.domain.report import RunReport
from prober.domain.target import Target
from prober.flow.ports import Clock

QUEUED = 256
"""How many runs may wait to be written: more than end while a busy disk stalls for a minute."""

LAST_WRITES_S = 5.0
"""How long the end waits for what is still to be written, in seconds; each run takes milliseconds."""

OPEN_S = 30.0
"""How long the start waits for the file to be opened, which checks it, in seconds: a disk that hangs keeps nobody from
probing."""

CLOSE_S = 5.0
"""How long the end then waits for the file to be closed, in seconds: a disk that hangs keeps nobody from stopping."""

PRUNE_EVERY_S = 3600.0
"""How often old runs are forgotten, in seconds."""


class Recorder(Quiet):
    """Hears of runs and hands them to the history.

    Args:
        history: Where they are kept.
        queued: How many may wait to be written.
        counts: Is told of runs that are lost, and of each opening of the history.
    """

    def __init__(self, history: RunHistory, *, queued: int = QUEUED, counts: RecordCounts | None = None) -> None:
        self._history = history
        self._counts = counts or Uncounted()
        self._waiting: asyncio.Queue[RunReport] = asyncio.Queue(maxsize=queued)
        self._lost = 0

    def run_finished(self, target: Target, report: RunReport) -> None:  # noqa: ARG002 - the port's signature
        """Puts the run into the queue, or counts it as lost."""
        try:
            self._waiting.put_nowait(report)
        except asyncio.QueueFull:
            self._lose(report, why=f"{self._waiting.maxsize} runs wait to be written")

    async def write(self) -> None:
        """Writes what is in the queue, for ever."""
        while True:
            report = await self._waiting.get()
            try:
                await self._add(report)
            except Exception as error:  # noqa: BLE001 - one run that cannot be kept must not end the keeping of others
                self._lose(report, why=str(error) or type(error).__name__)
            finally:
                self._waiting.task_done()

    async def written(self) -> None:
        """Waits until the queue is empty, and what was in it is written or lost."""
        await self._waiting.join()

    async def _add(self, report: RunReport) -> None:
        try:
            await self._history.add(report)
        except HistoryCorruptError:
            tell_opening(await self._history.open(), counts=self._counts)
            await self._history.add(report)

    def _lose(self, report: RunReport, *, why: str) -> None:
        self._lost += 1
        self._counts.history_failed("write")
        event_log().warning(
            "history_run_lost", run_id=report.run_id, target=report.target, summary=why, lost=self._lost
        )


class Recording:
    """The history as the rest of the application sees it.

    Attributes:
        history: The runs themselves.
        observer: Is to hear of each run.
    """

    def __init__(self, history: RunHistory, *, counts: RecordCounts | None = None) -> None:
        self.history = history
        self.observer = Recorder(history, counts=counts)
        self._counts = counts or Uncounted()

    async def last_reports(self) -> tuple[RunReport, ...]:
        """Returns the last run of each target, in outline; a history that cannot be read has none."""
        try:
            return outlines(await self.history.last_of_each())
        except HistoryError as error:
            event_log().warning("history_not_read", summary=str(error))
            self._counts.history_failed("read")
            return ()


@asynccontextmanager
async def recording(
    setting: HistorySetting | None, *, redactor: Redactor, clock: Clock, counts: RecordCounts | None = None
) -> AsyncIterator[Recording | None]:
    """Opens the history; leaving the block writes what waits, for a few seconds at most, and closes it.

    Args:
        setting: Where it is kept, for how long; `None` for no history, which gives `None`, as does a disk that hangs.
        redactor: Masks the secrets that it knows in what is written.
        clock: Tells how old a run is.
        counts: Is told what becomes of it; `None` counts nothing.
    """
    told = counts or Uncounted()
    if setting is None:
        yield None
        return
    history = RunHistory(setting.path, redact=redactor.mapping, clock=clock)
    try:
        async with asyncio.timeout(OPEN_S):
            opening = await history.open()
    except TimeoutError:
        summary = f"its disk did not answer within {OPEN_S:g} s: no run is remembered"
        event_log().error("history_not_opened", path=str(setting.path), summary=summary)
        yield None
        return
    tell_opening(opening, counts=told)
    records = Recording(history, counts=told)
    try:
        async with background(
            history=records.observer.write(), history_pruning=_prune_for_ever(history, setting, counts=told)
        ):
            try:
                yield records
            finally:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WRITES_S):
                        await records.observer.written()
    finally:
        try:
            async with asyncio.timeout(CLOSE_S):
                await history.close()
        except TimeoutError:
            summary = f"its disk did not answer within {CLOSE_S:g} s: what was still to be written may be lost"
            event_log().warning("history_not_closed", path=str(setting.path), summary=summary)


def tell_opening(opening: Opening, *, counts: RecordCounts) -> None:
    """Logs and counts what there is to tell of a history that was opened."""
    counts.history_opened(set_aside=opening.set_aside is not None, in_memory=opening.in_memory)
    if opening.set_aside is not None:
        event_log().error("history_set_aside", path=str(opening.set_aside), summary=opening.problem)
    if opening.in_memory:
        event_log().error("history_in_memory", summary=opening.problem)


async def _prune_for_ever(history: RunHistory, setting: HistorySetting, *, counts: RecordCounts) -> None:
    while True:
        try:
            await history.prune(max_age_s=setting.age_s, max_count=setting.count)
        except HistoryError as error:
            event_log().warning("history_not_pruned", summary=str(error))
            counts.history_failed("prune")
        await asyncio.sleep(PRUNE_EVERY_S)
