import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from prober.adapters.history import HistoryError, Opening, RunHistory
from prober.adapters.redaction import Redactor
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome
from prober.domain.past import PastRun
from prober.domain.report import as_dict
from tests.adapters.history.conftest import LaterClock, error, failure, opened, success, untouched
from tests.adapters.reporting import make_report

UBUNTU = TargetName("ubuntu")


async def test_a_run_survives_a_restart(path: Path) -> None:
    """What was kept is found by the next process, as a line of a list and as the whole report."""
    report = replace(failure(3), evidence="file:///evidence/r003", degraded=("high_rtt",))
    async with opened(path) as (history, opening):
        assert opening == Opening()
        await history.add(report)
    async with opened(path) as (history, opening):
        assert opening == Opening()
        assert await history.latest(10) == (
            PastRun(
                run_id=RunId("r003"),
                target=UBUNTU,
                trigger="schedule",
                started_at=report.started_at,
                duration_s=14.2,
                outcome="failure",
                step="url",
                layer="exposure",
                reason="dns",
                summary="it was dns",
                degraded=("high_rtt",),
                evidence="file:///evidence/r003",
            ),
        )
        assert await history.find(RunId("r003")) == as_dict(report)
        assert await history.find(RunId("r004")) is None


async def test_the_latest_come_first(path: Path) -> None:
    """Runs are listed from the last one back, all of them or those of one target, of one outcome, of both."""
    async with opened(path) as (history, _):
        for report in (success(2), failure(1), success(4, target="fedora"), failure(3), error(5)):
            await history.add(report)
        assert [run.run_id for run in await history.latest(3)] == ["r005", "r004", "r003"]
        assert [run.run_id for run in await history.latest(9, target=UBUNTU)] == ["r005", "r003", "r002", "r001"]
        assert [run.run_id for run in await history.latest(9, outcome=Outcome.SUCCESS)] == ["r004", "r002"]
        both = await history.latest(9, target=UBUNTU, outcome=Outcome.SUCCESS)
        assert [run.run_id for run in both] == ["r002"]


async def test_the_last_of_each_target(path: Path) -> None:
    """Each target's last run is told once; a last failure is the target's, never an error of ours."""
    async with opened(path) as (history, _):
        for report in (failure(1), failure(2), success(3), error(4), success(5, target="fedora")):
            await history.add(report)
        assert [run.run_id for run in await history.last_of_each()] == ["r005", "r004"]
        assert [run.run_id for run in await history.latest(1, target=UBUNTU, outcome=Outcome.FAILURE)] == ["r002"]
        assert await history.latest(1, target=TargetName("fedora"), outcome=Outcome.FAILURE) == ()


async def test_a_run_that_is_told_twice_is_kept_once(path: Path) -> None:
    """The later report of a run replaces the earlier."""
    async with opened(path) as (history, _):
        await history.add(success(1))
        await history.add(replace(success(1), duration_s=20.0))
        assert [run.duration_s for run in await history.latest(9)] == [20.0]


async def test_the_last_failure_survives_a_flood_of_successes(path: Path) -> None:
    """Beyond the count the oldest runs are forgotten, each target's last failure is not."""
    async with opened(path) as (history, _):
        for report in (
            failure(0),
            failure(1),
            failure(2, target="fedora"),
            *(success(number) for number in range(3, 9)),
        ):
            await history.add(report)
        forgotten = await history.prune(max_age_s=timedelta(days=36500).total_seconds(), max_count=3)
        assert forgotten == 4
        assert [run.run_id for run in await history.latest(99)] == ["r008", "r007", "r006", "r002", "r001"]


async def test_old_runs_are_forgotten(path: Path) -> None:
    """Beyond the age runs are forgotten, each target's last failure is not."""
    history = RunHistory(path, redact=untouched, clock=LaterClock(timedelta(minutes=10)))
    await history.open()
    for report in (success(1), failure(2), error(3), success(6)):
        await history.add(report)
    assert await history.prune(max_age_s=300.0, max_count=100) == 2
    assert [run.run_id for run in await history.latest(9)] == ["r006", "r002"]
    await history.close()


async def test_two_processes_share_a_file(path: Path) -> None:
    """A service and a command that keep the same history see each other's runs."""
    async with opened(path) as (one, _), opened(path) as (other, opening):
        assert opening == Opening()
        await asyncio.gather(*(one.add(success(number)) for number in range(0, 20, 2)))
        await asyncio.gather(*(other.add(success(number)) for number in range(1, 20, 2)))
        assert len(await one.latest(99)) == len(await other.latest(99)) == 20


async def test_no_secret_is_written(path: Path) -> None:
    """A secret that the redactor knows is in no byte of the folder, and masked in what is read."""
    redactor = Redactor()
    redactor.mask("planted-password")
    history = RunHistory(path, redact=redactor.mapping, clock=LaterClock(timedelta()))
    await history.open()
    report = failure(1)
    assert report.fault is not None
    await history.add(replace(report, fault=replace(report.fault, summary="refused planted-password")))
    (run,) = await history.latest(1)
    assert run.summary == "refused ***"
    kept = await history.find(run.run_id)
    assert kept is not None
    assert kept["summary"] == "refused ***"
    await history.close()


async def test_what_is_not_open_says_so(path: Path) -> None:
    """Before it is opened, a history refuses every question with an error of its own."""
    history = RunHistory(path, redact=untouched, clock=LaterClock(timedelta()))
    with pytest.raises(HistoryError, match="not open"):
        await history.add(make_report())
    await history.close()


async def test_nobody_else_may_read_it(path: Path) -> None:
    """Reports are the owner's, in the file and in SQLite's companions of it."""
    async with opened(path) as (history, _):
        await history.add(failure(1))
        modes = {file.name: file.stat().st_mode & 0o077 for file in path.parent.glob(f"{path.name}*")}
    assert path.name in modes
    assert set(modes.values()) == {0}
