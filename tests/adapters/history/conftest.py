"""A history in a folder of the test, and runs for it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prober.adapters.clock import SystemClock
from prober.adapters.history import Opening, RunHistory
from prober.domain.ids import RunId
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName
from tests.adapters.reporting import STARTED_AT, make_failure, make_report
from tests.fakes.clock import FakeClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the history is kept."""
    return tmp_path / "state" / "history.db"


def untouched(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return values


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[tuple[RunHistory, Opening]]:
    """Opens a history by the system's clock."""
    history = RunHistory(path, redact=untouched, clock=SystemClock())
    opening = await history.open()
    try:
        yield history, opening
    finally:
        await history.close()


class LaterClock(FakeClock):
    """A clock that reads so long after the runs of these tests."""

    def __init__(self, later: timedelta) -> None:
        self._later = later

    def now(self) -> Any:
        return STARTED_AT + self._later


def success(number: int, *, target: str = "ubuntu") -> RunReport:
    """Makes the report of a run that began so many minutes after the first."""
    return _at(number, make_report(target=target))


def failure(number: int, *, target: str = "ubuntu") -> RunReport:
    """Makes the same of a failure."""
    return _at(number, make_failure(Reason.DNS, StepName.URL, target=target))


def error(number: int, *, target: str = "ubuntu") -> RunReport:
    """Makes the same of an error of ours."""
    return _at(number, make_failure(Reason.BROWSER_CRASHED, StepName.LOGIN, target=target))


def _at(number: int, report: RunReport) -> RunReport:
    assert report.outcome in {Outcome.SUCCESS, Outcome.FAILURE, Outcome.ERROR}
    return replace(report, run_id=RunId(f"r{number:03}"), started_at=STARTED_AT + timedelta(minutes=number))
