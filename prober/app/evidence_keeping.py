"""Keeping evidence: which runs', bounded in time, within the limits of what may be kept.

Nothing that goes wrong here decides how a run ends. A store that is full, slow or gone is a warning in the log and a
count, and the run's report says that there is no evidence by having none. What is too much is removed beside the runs.
None of them waits for a list of all that is kept, but where the disk is short of its free share: then room is made
first, within the run's own limit.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from prober.adapters.logs import event_log
from prober.adapters.redaction import Redactor
from prober.app.config.settings import EvidenceSetting
from prober.app.evidence_files import files_of
from prober.domain.artefacts import Artefact
from prober.domain.manifest import EvidenceRecord
from prober.domain.report import RunReport
from prober.domain.retention import KeptRun, Room, shortage, surplus
from prober.domain.target import Target
from prober.flow.ports import Clock, EvidenceSink, EvidenceStore, StoreFailed

TIDY_EVERY_S = 300.0
"""How often kept evidence is held against its limits, in seconds: it ages, and others fill the disk too."""

TIDY_LIMIT_S = 300.0
"""How long that may take, in seconds: no run waits for it, and a bucket with thousands of runs takes its time."""


class EvidenceCounts(Protocol):
    """Counts what becomes of evidence; must neither block nor raise."""

    def evidence_kept(self) -> None:
        """A run's evidence was kept."""

    def evidence_failed(self) -> None:
        """Evidence could not be kept, or what is too much could not be removed."""

    def evidence_removed(self) -> None:
        """A run's evidence was removed."""

    def evidence_size(self, size: int) -> None:
        """All kept evidence takes so many bytes."""


class Uncounted(EvidenceCounts):
    """Counts nothing, for commands that nobody scrapes."""

    def evidence_kept(self) -> None:
        """Does nothing."""

    def evidence_failed(self) -> None:
        """Does nothing."""

    def evidence_removed(self) -> None:
        """Does nothing."""

    def evidence_size(self, size: int) -> None:
        """Does nothing."""


class EvidenceKeeper(EvidenceSink):
    """Keeps evidence in a store, and the store within its limits.

    Args:
        store: Where it is kept.
        setting: What is kept, for how long, and how long keeping may take.
        redactor: Masks secrets in all that is text.
        clock: For the ages of what is kept.
        counts: Is told what becomes of it.
    """

    def __init__(
        self,
        *,
        store: EvidenceStore,
        setting: EvidenceSetting,
        redactor: Redactor,
        clock: Clock,
        counts: EvidenceCounts,
    ) -> None:
        self._store = store
        self._setting = setting
        self._redactor = redactor
        self._clock = clock
        self._counts = counts
        self._due = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, report: RunReport, target: Target, artefacts: Sequence[Artefact]) -> str | None:
        """Keeps a run's evidence where the configuration wants it; what is too much then is due to be removed."""
        if not self._setting.keep.keeps(report):
            return None
        url = None
        limit_s = self._setting.limit_s
        async with self._bounded("evidence_not_kept", limit_s=limit_s, run_id=report.run_id, target=target.name):
            url = await self._keep(report, artefacts)
            self._counts.evidence_kept()
        if url is not None:
            self._due.set()
        return url

    async def tidy_for_ever(self) -> None:
        """Holds what is kept against the limits: at once, soon after each run that was kept, and every few minutes."""
        while True:
            await self.tidy()
            with suppress(TimeoutError):
                async with asyncio.timeout(TIDY_EVERY_S):
                    await self._due.wait()

    async def tidy_if_due(self) -> None:
        """Holds what is kept against the limits if a run was kept since that was done last; waits where it is done.

        Who ends calls it: it takes no longer than keeping may.
        """
        async with self._bounded("evidence_not_removed", limit_s=self._setting.limit_s), self._one_at_a_time:
            if self._due.is_set():
                await self._tidy()

    async def tidy(self) -> None:
        """Removes what is beyond the limits; raises nothing but cancellation."""
        async with self._one_at_a_time:
            await self._tidy()

    async def _tidy(self) -> None:
        self._due.clear()  # first: what is kept from now on may be missing from the list
        async with self._bounded("evidence_not_removed", limit_s=TIDY_LIMIT_S):
            room = await self._room()
            kept = await self._store.runs()
            going = surplus(kept, limits=self._setting.limits, now=self._clock.now(), room=room)
            await self._remove(going)
            self._counts.evidence_size(sum(run.size for run in kept) - sum(run.size for run in going))

    async def _keep(self, report: RunReport, artefacts: Sequence[Artefact]) -> str:
        # In a thread: megabytes of text, and other runs' latencies are measured by this loop.
        files = await asyncio.to_thread(files_of, report, artefacts, redactor=self._redactor)
        await self._make_room(sum(len(file.content) for file in files))
        record = EvidenceRecord(
            run_id=report.run_id,
            target=report.target,
            outcome=report.outcome,
            started_at=report.started_at,
            kept_at=self._clock.now(),
        )
        return await self._store.keep(record, files)

    async def _make_room(self, coming: int) -> None:
        """Has the disk keep its free share, rather than finding out that it is full."""
        limits = self._setting.limits
        room = await self._store.room()
        if not shortage(room, limits=limits, coming=coming):
            return
        kept = await self._store.runs()
        await self._remove(surplus(kept, limits=limits, now=self._clock.now(), room=room, coming=coming))
        if missing := shortage(await self._store.room(), limits=limits, coming=coming):
            raise StoreFailed(f"less than {limits.free:.0%} of the disk would stay free: {missing} bytes are missing")

    async def _room(self) -> Room | None:
        """Asks first what any disk answers at once: one that hangs keeps the runs waiting no longer than they may."""
        limit_s = self._setting.limit_s
        try:
            async with asyncio.timeout(limit_s):
                return await self._store.room()
        except TimeoutError as error:
            raise StoreFailed(_no_answer(limit_s)) from error

    async def _remove(self, going: Iterable[KeptRun]) -> None:
        for run in going:
            await self._store.remove(run)
            self._counts.evidence_removed()
            event_log().info("evidence_removed", run_id=run.run_id, target=run.target, size_bytes=run.size)

    @asynccontextmanager
    async def _bounded(self, event: str, *, limit_s: float, **facts: str) -> AsyncIterator[None]:
        """Ends the block at the limit; whatever it raises becomes a warning with this name, and a count."""
        try:
            async with asyncio.timeout(limit_s):
                yield
        except TimeoutError:
            self._counts.evidence_failed()
            event_log().warning(event, summary=_no_answer(limit_s), **facts)
        except StoreFailed as error:
            self._counts.evidence_failed()
            event_log().warning(event, summary=str(error), **facts)
        except Exception as error:  # noqa: BLE001 - a defect of ours must not decide how a run ends
            self._counts.evidence_failed()
            event_log().error(event, exc_info=error, **facts)


def _no_answer(limit_s: float) -> str:
    return f"the store did not answer within {limit_s:g} s"
