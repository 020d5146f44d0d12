"""What begins, what is skipped, how it ends; in real time, for the library reads the wall clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from prober.adapters.schedule import FirstRun, Scheduler
from prober.domain.ids import TargetName
from prober.domain.outcomes import SkipReason
from prober.domain.target import Schedule

SOON = Schedule(every_s=0.2)
RARELY = Schedule(every_s=3600)
A, B = TargetName("a"), TargetName("b")


@dataclass(slots=True)
class Heard:
    """What the scheduler told, with a way to wait for it."""

    skipped: list[tuple[TargetName, SkipReason]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    crashes: list[tuple[TargetName, str]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def on_skipped(self, name: TargetName, reason: SkipReason) -> None:
        """Notes a skipped run."""
        self.skipped.append((name, reason))
        self.news.set()

    def on_delay(self, seconds: float) -> None:
        """Notes a delay."""
        self.delays.append(seconds)
        self.news.set()

    def on_crashed(self, name: TargetName, error: Exception) -> None:
        """Notes a crash."""
        self.crashes.append((name, str(error)))
        self.news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until something was told that makes the condition true."""
        async with asyncio.timeout(3):
            while not condition():
                self.news.clear()
                await self.news.wait()


class Job:
    """A job that lasts until it is released, and takes a moment to tear down when it is cancelled."""

    def __init__(self, heard: Heard) -> None:
        self.begun = 0
        self.ended = 0
        self.torn_down = 0
        self.release = asyncio.Event()
        self._heard = heard

    async def __call__(self) -> str:
        """Runs once."""
        self.begun += 1
        self._heard.news.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            self.torn_down += 1
            raise
        self.ended += 1
        self._heard.news.set()
        return "a report"


@pytest.fixture
def heard() -> Heard:
    """What is told."""
    return Heard()


@pytest.fixture
async def scheduler(heard: Heard) -> AsyncIterator[Scheduler]:
    """A started scheduler with one place; no task of it outlives it."""
    before = asyncio.all_tasks()
    scheduler = Scheduler(capacity=1, on_skipped=heard.on_skipped, on_delay=heard.on_delay, on_crashed=heard.on_crashed)
    scheduler.start()
    yield scheduler
    await scheduler.stop()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - before <= {asyncio.current_task()}


async def test_runs_repeat(scheduler: Scheduler, heard: Heard) -> None:
    """A job begins at once where that is asked for, then at its interval, each time with a small delay."""
    job = Job(heard)
    job.release.set()
    scheduler.add(A, schedule=SOON, job=job, first_run=FirstRun.NOW)
    await heard.until(lambda: job.ended >= 3)
    assert len(heard.delays) == job.begun
    assert min(heard.delays) < 0.2


async def test_overlap_is_skipped(scheduler: Scheduler, heard: Heard) -> None:
    """While a target's run is under way its next one is skipped; afterwards it goes on."""
    job = Job(heard)
    scheduler.add(A, schedule=SOON, job=job, first_run=FirstRun.NOW)
    await heard.until(lambda: heard.skipped.count((A, SkipReason.OVERLAP)) >= 2)
    assert job.begun == 1
    job.release.set()
    await heard.until(lambda: job.begun >= 2)


async def test_misfire_is_skipped(scheduler: Scheduler, heard: Heard) -> None:
    """A run that is noticed far too late is skipped, and the next one is planned."""
    job = Job(heard)
    scheduler.add(A, schedule=RARELY, job=job)
    scheduler._clock.modify_job(A, next_run_time=datetime.now(UTC) - timedelta(minutes=5))
    await heard.until(lambda: heard.skipped == [(A, SkipReason.MISFIRE)])
    due = scheduler.next_due(A)
    assert due is not None
    assert due > datetime.now(UTC)
    assert job.begun == 0


async def test_capacity_is_skipped(scheduler: Scheduler, heard: Heard) -> None:
    """A run that gets no place until its next one is due is skipped for capacity, not for overlap."""
    busy, waiting = Job(heard), Job(heard)
    scheduler.add(A, schedule=RARELY, job=busy, first_run=FirstRun.NOW)
    await heard.until(lambda: busy.begun == 1)
    scheduler.add(B, schedule=SOON, job=waiting, first_run=FirstRun.NOW)
    await heard.until(lambda: heard.skipped.count((B, SkipReason.CAPACITY)) >= 2)
    assert (B, SkipReason.OVERLAP) not in heard.skipped
    assert waiting.begun == 0
    busy.release.set()
    await heard.until(lambda: waiting.begun == 1)


async def test_waiting_for_a_place_is_delay(scheduler: Scheduler, heard: Heard) -> None:
    """A run that waits for a place begins when there is one, and the wait is in its delay."""
    busy, waiting = Job(heard), Job(heard)
    scheduler.add(A, schedule=RARELY, job=busy, first_run=FirstRun.NOW)
    await heard.until(lambda: busy.begun == 1)
    scheduler.add(B, schedule=RARELY, job=waiting, first_run=FirstRun.NOW)
    asyncio.get_running_loop().call_later(0.3, busy.release.set)
    await heard.until(lambda: waiting.begun == 1)
    assert heard.delays[-1] >= 0.25
    assert heard.skipped == []


async def test_a_failing_job_stops_nobody(scheduler: Scheduler, heard: Heard) -> None:
    """A job that raises is told, gives its place back, and comes again; the other target is not affected."""

    async def broken() -> None:
        raise LookupError("broken")

    job = Job(heard)
    job.release.set()
    scheduler.add(A, schedule=SOON, job=broken, first_run=FirstRun.NOW)
    scheduler.add(B, schedule=SOON, job=job, first_run=FirstRun.NOW)
    await heard.until(lambda: len(heard.crashes) >= 2 and job.ended >= 2)
    assert set(heard.crashes) == {(A, "broken")}


async def test_pause_and_drain(scheduler: Scheduler, heard: Heard) -> None:
    """After a pause nothing begins, what waits for a place gives up, and what is under way may end."""
    busy, waiting = Job(heard), Job(heard)
    scheduler.add(A, schedule=SOON, job=busy, first_run=FirstRun.NOW)
    await heard.until(lambda: busy.begun == 1)
    scheduler.add(B, schedule=RARELY, job=waiting, first_run=FirstRun.NOW)
    await heard.until(lambda: (A, SkipReason.OVERLAP) in heard.skipped)
    scheduler.pause()
    assert await scheduler.drain(timeout_s=0.3) is False
    busy.release.set()
    assert await scheduler.drain(timeout_s=1) is True
    assert (busy.begun, busy.ended, waiting.begun) == (1, 1, 0)
    assert await scheduler.drain(timeout_s=0) is True


async def test_a_run_submitted_before_the_pause_does_not_begin(scheduler: Scheduler, heard: Heard) -> None:
    """A run that is handed over in the very turn of the pause does not slip through."""
    job = Job(heard)
    scheduler.add(A, schedule=RARELY, job=job, first_run=FirstRun.NOW)
    await asyncio.sleep(0)
    scheduler.pause()
    await scheduler.stop()
    assert (job.begun, heard.skipped) == (0, [])


async def test_cancelled_runs_tear_down_first(scheduler: Scheduler, heard: Heard) -> None:
    """Cancelling waits for the teardown; it is no crash."""
    job = Job(heard)
    scheduler.add(A, schedule=RARELY, job=job, first_run=FirstRun.NOW)
    await heard.until(lambda: job.begun == 1)
    await scheduler.cancel_running()
    assert (job.torn_down, heard.crashes) == (1, [])


async def test_stop_ends_everything(scheduler: Scheduler, heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    """A stop tears down what runs, plans nothing more, logs no error, and may be called again."""
    job = Job(heard)
    scheduler.add(A, schedule=SOON, job=job, first_run=FirstRun.NOW)
    await heard.until(lambda: job.begun == 1)
    await scheduler.stop()
    await scheduler.stop()
    assert (job.begun, job.torn_down) == (1, 1)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_removed_target_runs_no_more(scheduler: Scheduler, heard: Heard) -> None:
    """A removed target's run under way ends by itself, no other begins; removing twice is no fault."""
    job = Job(heard)
    scheduler.add(A, schedule=SOON, job=job, first_run=FirstRun.NOW)
    await heard.until(lambda: job.begun == 1)
    scheduler.remove(A)
    scheduler.remove(A)
    assert scheduler.next_due(A) is None
    job.release.set()
    assert await scheduler.drain(timeout_s=1) is True
    assert (job.begun, job.ended) == (1, 1)


async def test_adding_again_replaces_the_plan(scheduler: Scheduler, heard: Heard) -> None:
    """A reloaded schedule takes the old one's place."""
    job = Job(heard)
    scheduler.add(A, schedule=RARELY, job=job)
    scheduler.add(A, schedule=Schedule(cron="0 0 1 1 *"), job=job)
    due = scheduler.next_due(A)
    assert due is not None
    assert (due.month, due.day, due.hour) == (1, 1, 0)


@pytest.mark.parametrize(("every_s", "within_s"), [(10.0, 10.0), (86_400.0, 120.0)], ids=["short", "long"])
async def test_first_runs_are_staggered(scheduler: Scheduler, heard: Heard, every_s: float, within_s: float) -> None:
    """First runs are spread over the interval, and over two minutes at most."""
    names = [TargetName(f"t{number}") for number in range(20)]
    before = datetime.now(UTC)
    for name in names:
        scheduler.add(name, schedule=Schedule(every_s=every_s), job=Job(heard))
    after = datetime.now(UTC)
    dues = [scheduler.next_due(name) for name in names]
    assert all(due is not None and before <= due <= after + timedelta(seconds=within_s) for due in dues)
    assert len(set(dues)) == len(names)


async def test_targets_may_be_added_before_the_start(heard: Heard) -> None:
    """What is added before the start is planned from the start on, and may be removed before it."""
    scheduler = Scheduler(capacity=1, on_skipped=heard.on_skipped, on_delay=heard.on_delay, on_crashed=heard.on_crashed)
    job, removed = Job(heard), Job(heard)
    scheduler.add(A, schedule=RARELY, job=job, first_run=FirstRun.NOW)
    scheduler.add(B, schedule=RARELY, job=removed, first_run=FirstRun.NOW)
    scheduler.remove(B)
    assert scheduler.next_due(A) is None
    scheduler.start()
    await heard.until(lambda: job.begun == 1)
    assert removed.begun == 0
    await scheduler.stop()


async def test_stop_does_not_wait_twice(scheduler: Scheduler, heard: Heard) -> None:
    """A run whose teardown took too long for its canceller does not hold up the stop."""
    released = asyncio.Event()
    began = asyncio.Event()

    async def stubborn() -> None:
        began.set()
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    scheduler.add(A, schedule=RARELY, job=stubborn, first_run=FirstRun.NOW)
    await began.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await scheduler.cancel_running()
    async with asyncio.timeout(1):
        await scheduler.stop()
    released.set()
    assert await scheduler.drain(timeout_s=1) is True


async def test_a_bad_schedule_is_refused(scheduler: Scheduler, heard: Heard) -> None:
    """A schedule that cannot be read plans nothing."""
    with pytest.raises(ValueError, match="the minute '61'"):
        scheduler.add(A, schedule=Schedule(cron="61 * * * *"), job=Job(heard))
    assert scheduler.next_due(A) is None


async def test_a_removed_target_that_waits_for_a_place_gives_up(scheduler: Scheduler, heard: Heard) -> None:
    """Removing ends the wait, without a word of a skipped run; who has the place is not disturbed."""
    busy, waiting = Job(heard), Job(heard)
    scheduler.add(A, schedule=SOON, job=busy, first_run=FirstRun.NOW)
    await heard.until(lambda: busy.begun == 1)
    scheduler.add(B, schedule=RARELY, job=waiting, first_run=FirstRun.NOW)
    await heard.until(lambda: (A, SkipReason.OVERLAP) in heard.skipped)
    assert scheduler.running(A)
    assert scheduler.running(B)
    scheduler.remove(B)
    scheduler.remove(A)
    busy.release.set()
    assert await scheduler.drain(timeout_s=1) is True
    assert not scheduler.running(B)
    assert (busy.ended, waiting.begun, heard.crashes) == (1, 0, [])
    assert all(name == A for name, _ in heard.skipped)


async def test_a_run_submitted_before_the_removal_does_not_begin(scheduler: Scheduler, heard: Heard) -> None:
    """A run that is handed over in the very turn of the removal does not slip through."""
    job = Job(heard)
    scheduler.add(A, schedule=RARELY, job=job, first_run=FirstRun.NOW)
    await asyncio.sleep(0)
    scheduler.remove(A)
    await asyncio.sleep(0)
    assert not scheduler.running(A)
    assert (job.begun, heard.skipped, heard.crashes) == (0, [], [])


async def test_a_target_may_come_back(scheduler: Scheduler, heard: Heard) -> None:
    """A target that is added again while its last run is under way waits for that run's end."""
    first, second = Job(heard), Job(heard)
    scheduler.add(A, schedule=SOON, job=first, first_run=FirstRun.NOW)
    await heard.until(lambda: first.begun == 1)
    scheduler.remove(A)
    scheduler.add(A, schedule=SOON, job=second, first_run=FirstRun.NOW)
    await heard.until(lambda: (A, SkipReason.OVERLAP) in heard.skipped)
    first.release.set()
    second.release.set()
    await heard.until(lambda: second.ended >= 1)
    assert (first.begun, first.ended) == (1, 1)
