"""Runs on their way into the history."""

import asyncio
import sqlite3
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from prober.adapters.clock import SystemClock
from prober.adapters.history import HistoryError, RunHistory
from prober.adapters.metrics import Metrics
from prober.adapters.redaction import Redactor
from prober.app.config.settings import HistorySetting
from prober.app.last_reports import LastReports
from prober.app.recording import Recorder, Recording, recording
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName
from tests.adapters.metrics.scraping import value_of
from tests.adapters.reporting import make_failure, make_report, make_target

TARGET = make_target()


def setting(folder: Path, *, age_s: float = 1e9, count: int = 100) -> HistorySetting:
    return HistorySetting(path=folder / "history.db", age_s=age_s, count=count)


def numbered(number: int) -> RunReport:
    return replace(make_report(), run_id=RunId(f"r{number}"))


async def test_the_status_page_keeps_its_runs_over_a_restart(tmp_path: Path) -> None:
    """What a run came to is there in the next process, for a target that is still probed."""
    failure = make_failure(Reason.DNS, StepName.URL)
    async with recording(setting(tmp_path), redactor=Redactor(), clock=SystemClock()) as records:
        assert records is not None
        records.observer.run_finished(TARGET, failure)
    async with recording(setting(tmp_path), redactor=Redactor(), clock=SystemClock()) as records:
        assert records is not None
        last = LastReports()
        last.remember(await records.last_reports())
    assert last.reports() == {}
    last.add(TARGET.name)
    last.add(TargetName("fedora"))
    shown = last.reports()
    assert shown[TargetName("fedora")] is None
    report = shown[TARGET.name]
    assert report is not None
    assert (report.run_id, report.outcome, report.fault) == (failure.run_id, Outcome.FAILURE, failure.fault)
    last.run_finished(TARGET, make_report())
    assert last.reports()[TARGET.name] == make_report()


async def test_no_history_is_kept_unless_asked_for() -> None:
    """Without a setting there is nothing to hear of runs."""
    async with recording(None, redactor=Redactor(), clock=SystemClock()) as records:
        assert records is None


class Stalled(RunHistory):
    """A history on a disk that does not answer until it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, redact=lambda values: values, clock=SystemClock())
        self.answers = asyncio.Event()
        self.kept: list[RunReport] = []

    async def add(self, report: RunReport) -> None:
        await self.answers.wait()
        self.kept.append(report)


async def test_a_stalled_disk_delays_nobody(tmp_path: Path) -> None:
    """Runs beyond the queue are lost, each with a warning that counts; those in the queue are written later."""
    history = Stalled(tmp_path / "history.db")
    recorder = Recorder(history, queued=2)
    writing = asyncio.create_task(recorder.write())
    with capture_logs() as told:
        recorder.run_finished(TARGET, numbered(0))
        await asyncio.sleep(0)
        for number in range(1, 5):
            recorder.run_finished(TARGET, numbered(number))
    assert [(event["event"], event["run_id"], event["lost"]) for event in told] == [
        ("history_run_lost", "r3", 1),
        ("history_run_lost", "r4", 2),
    ]
    history.answers.set()
    await recorder.written()
    assert [report.run_id for report in history.kept] == ["r0", "r1", "r2"]
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await history.close()


class Refusing(RunHistory):
    """A history that refuses one run, and cannot be read or pruned."""

    async def add(self, report: RunReport) -> None:
        if report.run_id == "r0":
            raise HistoryError("database or disk is full")
        await super().add(report)

    async def last_of_each(self) -> tuple[()]:
        raise HistoryError("disk I/O error")


async def test_a_full_disk_ends_nothing(tmp_path: Path) -> None:
    """A run that cannot be written is a warning, the next one is written; nothing remembered is a warning too."""
    history = Refusing(tmp_path / "history.db", redact=lambda values: values, clock=SystemClock())
    await history.open()
    metrics = Metrics(version="1.2.3")
    records = Recording(history, counts=metrics)
    writing = asyncio.create_task(records.observer.write())
    with capture_logs() as told:
        records.observer.run_finished(TARGET, numbered(0))
        records.observer.run_finished(TARGET, numbered(1))
        await records.observer.written()
        assert await records.last_reports() == ()
    assert [(event["event"], event["summary"]) for event in told] == [
        ("history_run_lost", "database or disk is full"),
        ("history_not_read", "disk I/O error"),
    ]
    assert [run.run_id for run in await history.latest(9)] == ["r1"]
    for operation in ("write", "read"):
        name = "vdi_prober_history_failures_total"
        assert await asyncio.to_thread(partial(value_of, metrics, name, operation=operation)) == 1
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await history.close()


async def test_a_broken_file_is_reported_at_the_start(tmp_path: Path) -> None:
    """Setting it aside is one event with the place where it is now; the run goes into the new file."""
    write(tmp_path / "history.db", b"garbage" * 1000)
    metrics = Metrics(version="1.2.3")
    with capture_logs() as told:
        async with recording(setting(tmp_path), redactor=Redactor(), clock=SystemClock(), counts=metrics) as records:
            assert records is not None
            records.observer.run_finished(TARGET, make_report())
            await records.observer.written()
            assert len(await records.history.latest(9)) == 1
    (event,) = told
    assert (event["event"], event["log_level"]) == ("history_set_aside", "error")
    assert read(Path(event["path"])) == b"garbage" * 1000
    assert await asyncio.to_thread(value_of, metrics, "vdi_prober_history_set_aside_total") == 1
    assert await asyncio.to_thread(value_of, metrics, "vdi_prober_history_in_memory") == 0


async def test_a_file_that_breaks_in_use_loses_no_further_run(tmp_path: Path) -> None:
    """It is replaced at the next write, which is told, and the run that met it is kept."""
    async with recording(setting(tmp_path), redactor=Redactor(), clock=SystemClock()) as records:
        assert records is not None
        for number in range(50):
            records.observer.run_finished(TARGET, numbered(number))
        await records.observer.written()
        scribble(tmp_path / "history.db")
        with capture_logs() as told:
            records.observer.run_finished(TARGET, numbered(50))
            await records.observer.written()
        assert [event["event"] for event in told] == ["history_set_aside"]
        assert [run.run_id for run in await records.history.latest(9)] == ["r50"]


async def test_a_file_that_cannot_be_kept_is_reported(tmp_path: Path) -> None:
    """With a folder in its place the history lives in memory, which is an error that somebody must see."""
    (tmp_path / "history.db").mkdir()
    metrics = Metrics(version="1.2.3")
    with capture_logs() as told:
        async with recording(setting(tmp_path), redactor=Redactor(), clock=SystemClock(), counts=metrics):
            pass
    assert await asyncio.to_thread(value_of, metrics, "vdi_prober_history_in_memory") == 1
    assert [(event["event"], event["summary"]) for event in told] == [
        ("history_in_memory", "it is a folder, not a file")
    ]


async def test_old_runs_are_forgotten_at_the_start(tmp_path: Path) -> None:
    """What is too much is gone soon after the start, with nobody asking for it."""
    async with recording(setting(tmp_path), redactor=Redactor(), clock=SystemClock()) as records:
        assert records is not None
        for number in range(5):
            records.observer.run_finished(TARGET, numbered(number))
    async with recording(setting(tmp_path, count=2), redactor=Redactor(), clock=SystemClock()) as records:
        assert records is not None
        await asyncio.sleep(0)  # the loop that forgets has begun: what is asked from now on is answered after it
        assert len(await records.history.latest(9)) == 2


async def test_a_disk_that_hangs_keeps_nobody_from_stopping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end waits for the last writes, then for the closing, a few seconds each, and tells that it gave up."""
    monkeypatch.setattr("prober.app.recording.LAST_WRITES_S", 0.05)
    monkeypatch.setattr("prober.app.recording.CLOSE_S", 0.05)
    released = threading.Event()
    monkeypatch.setattr("prober.adapters.history.history._row", lambda _: released.wait(60))
    with capture_logs() as told:
        async with (
            asyncio.timeout(10),
            recording(setting(tmp_path), redactor=Redactor(), clock=SystemClock()) as records,
        ):
            assert records is not None
            records.observer.run_finished(TARGET, make_report())
            await asyncio.sleep(0.01)
    released.set()
    (event,) = told
    assert (event["event"], event["log_level"]) == ("history_not_closed", "warning")
    assert "did not answer within 0.05 s" in event["summary"]


async def test_a_disk_that_hangs_keeps_nobody_from_probing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that does not open in time is told, and there is none."""
    monkeypatch.setattr("prober.app.recording.OPEN_S", 0.05)
    released = threading.Event()
    monkeypatch.setattr("prober.adapters.history.history.open_file", lambda *_, **__: released.wait(60))
    with capture_logs() as told:
        async with asyncio.timeout(10), recording(setting(tmp_path), redactor=Redactor(), clock=SystemClock()) as none:
            assert none is None
    released.set()
    (event,) = told
    assert (event["event"], event["log_level"]) == ("history_not_opened", "error")


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def read(path: Path) -> bytes:
    return path.read_bytes()


def scribble(path: Path) -> None:
    """Has another process write last, then breaks what it wrote."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE runs SET flaky = 1")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
