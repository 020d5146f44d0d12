"""The ports for evidence: what a run hands it to, and the store behind that.

    Exception
    └── StoreFailed    the store is full, unreachable, or refuses

`StoreFailed` is no `ProbeError` on purpose: what cannot be kept is told and counted, and never decides how a run ends.
"""

from collections.abc import Sequence
from typing import Protocol

from prober.domain.artefacts import Artefact
from prober.domain.manifest import EvidenceRecord
from prober.domain.report import RunReport
from prober.domain.retention import KeptRun, Room
from prober.domain.target import Target


class StoreFailed(Exception):  # noqa: N818 - named like the domain's TargetFailed and ProberFailed
    """The store could not do what it was asked for; the words say what and why, on one line."""


class EvidenceSink(Protocol):
    """Takes what is there to keep of a run."""

    async def keep(self, report: RunReport, target: Target, artefacts: Sequence[Artefact]) -> str | None:
        """Keeps a run's evidence where that is wanted.

        Bounded in time, and raises nothing but cancellation: whatever goes wrong is told and counted there.

        Args:
            report: The run's report.
            target: Its target.
            artefacts: What else there is; the report itself is kept beside it.

        Returns:
            Where it is kept, as a URL; `None` where it is not.
        """


class EvidenceStore(Protocol):
    """Folders of evidence, one a run. No method has a deadline of its own."""

    async def keep(self, record: EvidenceRecord, artefacts: Sequence[Artefact]) -> str:
        """Stores a run's folder, the manifest last, and returns its URL.

        Raises:
            StoreFailed: Not all of it could be stored; what was stored is taken away again where that can be done.
            ValueError: The names of the artefacts are no file names, or not different from one another.
        """

    async def runs(self) -> Sequence[KeptRun]:
        """Lists what is kept, in no order, folders included of which the keeping was cut off.

        Raises:
            StoreFailed: It cannot be listed: an outage is no empty store.
        """

    async def remove(self, run: KeptRun) -> None:
        """Removes a run's folder, the manifest last; one that is gone already is no fault.

        Raises:
            StoreFailed: It could not be removed, or not all of it.
        """

    async def room(self) -> Room | None:
        """Returns the room of the disk that the store is on, `None` where it is on none that it could fill.

        Raises:
            StoreFailed: The disk cannot be asked.
        """
