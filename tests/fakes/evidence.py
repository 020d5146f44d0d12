"""An evidence store without a disk, and a sink that only remembers.

    FakeEvidenceStore(disk=Room(free=10, total=100))
    fake.fault = StoreFailed("the disk is full")
    fake.hanging = True

The store runs the contract suite of the real adapter.
"""

import asyncio
from collections.abc import Sequence

from prober.domain.artefacts import Artefact
from prober.domain.ids import RunId, TargetName
from prober.domain.manifest import EvidenceRecord, manifest_of
from prober.domain.report import RunReport
from prober.domain.retention import KeptRun, Room
from prober.domain.target import Target
from prober.flow.ports.evidence import EvidenceSink, EvidenceStore, StoreFailed


class FakeEvidenceStore(EvidenceStore):
    """Keeps folders in memory.

    Attributes:
        folders: The artefacts of each kept run, the manifest left out.
        fault: What every call meets, `None` where the store works.
        hanging: Whether every call waits until it is cancelled.
        disk: The disk that it is on; what is kept takes room there.
    """

    def __init__(self, *, disk: Room | None = None) -> None:
        self.folders: dict[tuple[TargetName, RunId], tuple[Artefact, ...]] = {}
        self.fault: StoreFailed | None = None
        self.hanging = False
        self.disk = disk
        self._runs: dict[tuple[TargetName, RunId], KeptRun] = {}

    async def keep(self, record: EvidenceRecord, artefacts: Sequence[Artefact]) -> str:
        manifest = manifest_of(record, artefacts)
        await self._answer()
        place = record.target, record.run_id
        self.folders[place] = tuple(artefacts)
        self._runs[place] = KeptRun(
            target=record.target,
            run_id=record.run_id,
            kept_at=record.kept_at,
            outcome=record.outcome,
            size=sum(entry.size for entry in manifest.entries),
        )
        return f"fake://evidence/{record.target}/{record.run_id}/"

    async def runs(self) -> Sequence[KeptRun]:
        await self._answer()
        return list(self._runs.values())

    async def remove(self, run: KeptRun) -> None:
        await self._answer()
        self.folders.pop((run.target, run.run_id), None)
        self._runs.pop((run.target, run.run_id), None)

    async def room(self) -> Room | None:
        await self._answer()
        if self.disk is None:
            return None
        taken = sum(run.size for run in self._runs.values())
        return Room(free=max(0, self.disk.free - taken), total=self.disk.total)

    async def _answer(self) -> None:
        if self.hanging:
            await asyncio.Event().wait()
        if self.fault is not None:
            raise self.fault


class FakeEvidenceSink(EvidenceSink):
    """Remembers what it was given.

    Attributes:
        kept: The reports, each with the names of its artefacts, in order.
        url: What it answers.
    """

    def __init__(self, *, url: str | None = "fake://evidence/") -> None:
        self.kept: list[tuple[RunReport, tuple[str, ...]]] = []
        self.url = url

    async def keep(self, report: RunReport, target: Target, artefacts: Sequence[Artefact]) -> str | None:
        self.kept.append((report, tuple(artefact.name for artefact in artefacts)))
        return self.url
