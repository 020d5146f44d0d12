"""An observer that remembers, for tests of the flow."""

import asyncio

from prober.domain.ids import RunId
from prober.domain.outcomes import Trigger
from prober.domain.report import RunReport
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import Target
from prober.flow.ports.observer import Observer


class FakeObserver(Observer):
    """Everything that it was told, in order.

    Attributes:
        runs: The runs that began.
        begun: The steps that began.
        records: The steps that are over.
        reports: The runs that are over.
        crashes: The errors of our own code.
    """

    def __init__(self) -> None:
        self.runs: list[tuple[RunId, Trigger]] = []
        self.begun: list[StepName] = []
        self.records: list[StepRecord] = []
        self.reports: list[RunReport] = []
        self.crashes: list[Exception] = []
        self._waiting: dict[StepName, asyncio.Event] = {}

    async def reached(self, step: StepName) -> None:
        """Waits until a step has begun."""
        if step not in self.begun:
            await self._waiting.setdefault(step, asyncio.Event()).wait()

    def run_started(self, run_id: RunId, target: Target, trigger: Trigger) -> None:
        """Remembers the run."""
        self.runs.append((run_id, trigger))

    def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:
        """Remembers the step, and wakes those who wait for it."""
        self.begun.append(step)
        if step in self._waiting:
            self._waiting[step].set()

    def step_finished(self, run_id: RunId, target: Target, record: StepRecord) -> None:
        """Remembers the record."""
        self.records.append(record)

    def run_finished(self, target: Target, report: RunReport) -> None:
        """Remembers the report."""
        self.reports.append(report)

    def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
        """Remembers the error."""
        self.crashes.append(error)
