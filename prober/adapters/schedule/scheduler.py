"""Begins what is due, one run per target at a time, so many over all targets.

APScheduler tells when; it does not run anything: under asyncio its shutdown cancels what it runs. Each due run becomes
a task of ours, which only we end. Every due run that does not begin is told as skipped: with the target's last run
still under way (`overlap`), noticed too late (`misfire`), without a place before the next is due (`capacity`).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from apscheduler.events import EVENT_JOB_MISSED, EVENT_JOB_SUBMITTED, JobExecutionEvent, JobSubmissionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from prober.adapters.schedule.triggers import check_schedule, trigger_for
from prober.domain.ids import TargetName
from prober.domain.outcomes import SkipReason
from prober.domain.target import Schedule

STAGGER_S = 120.0
"""First runs are spread over the interval, over this many seconds of a longer one: a restart is noticed soon, and does
not send every target's user at once."""

LONGEST_WAIT_S = 300.0
"""How long a due run waits for a place at most, in seconds: later it would not be the run that was due."""

GRACE_S = 30
"""How late a due run may be noticed and still begin, in seconds; half the interval where that is less."""

_BEFORE_NEXT_S = 0.05
"""A run that waits gives up this long before the next is due, which would count as an overlap otherwise."""


class FirstRun(StrEnum):
    """When a target is probed for the first time."""

    NOW = "now"
    """At once: somebody is watching."""
    STAGGERED = "staggered"
    """An interval's by chance within its first part, a cron expression's when it says."""


class Scheduler:
    """Begins jobs by their schedules.

    Args:
        capacity: How many runs may be under way at once, of all targets.
        on_skipped: Is told of each due run that does not begin, with the reason.
        on_delay: Is told by how many seconds a run began later than it was due.
        on_crashed: Is told of a job that raised; the others go on, its own next run too.
    """

    def __init__(
        self,
        *,
        capacity: int,
        on_skipped: Callable[[TargetName, SkipReason], None],
        on_delay: Callable[[float], None],
        on_crashed: Callable[[TargetName, Exception], None],
    ) -> None:
        self._places = asyncio.Semaphore(capacity)
        self._on_skipped = on_skipped
        self._on_delay = on_delay
        self._on_crashed = on_crashed
        self._chance = random.Random()  # noqa: S311 - spreads load, guards nothing
        self._planned: set[TargetName] = set()
        self._unplanned: dict[TargetName, Callable[[], None]] = {}
        self._due: dict[TargetName, datetime] = {}
        self._tasks: dict[TargetName, asyncio.Task[None]] = {}
        self._waiting: set[TargetName] = set()
        self._paused = False
        self._clock = AsyncIOScheduler(timezone=UTC)
        self._clock.add_listener(self._note_due, EVENT_JOB_SUBMITTED)
        self._clock.add_listener(self._note_missed, EVENT_JOB_MISSED)

    def start(self) -> None:
        """Lets due runs begin, in the running event loop; what was added before is planned from now on."""
        self._clock.start()
        for plan in self._unplanned.values():
            plan()
        self._unplanned.clear()

    def add(
        self,
        name: TargetName,
        *,
        schedule: Schedule,
        job: Callable[[], Awaitable[object]],
        first_run: FirstRun = FirstRun.STAGGERED,
    ) -> None:
        """Plans a target's runs; a plan of the same name is replaced, a run under way goes on.

        Raises:
            ValueError: The schedule cannot be read.
        """
        check_schedule(schedule)
        self._planned.add(name)
        plan = partial(self._plan, name, schedule=schedule, job=job, first_run=first_run)
        if self._clock.running:
            plan()
        else:
            self._unplanned[name] = plan

    def remove(self, name: TargetName) -> None:
        """Plans no further run of a target; one under way goes on, one that waits for a place gives up.

        An unknown target is no fault.
        """
        self._planned.discard(name)
        self._unplanned.pop(name, None)
        if self._clock.get_job(name) is not None:
            self._clock.remove_job(name)
        if name in self._waiting:
            self._tasks[name].cancel()

    def running(self, name: TargetName) -> bool:
        """Tells whether a run of a target is under way, or waits for a place."""
        return name in self._tasks

    def next_due(self, name: TargetName) -> datetime | None:
        """Returns when the target's next run is due, or `None` where none is planned, as before the start."""
        plan = self._clock.get_job(name)
        return None if plan is None else plan.next_run_time

    def pause(self) -> None:
        """Begins no further run; those that wait for a place give up, those under way go on."""
        self._paused = True
        if self._clock.running:
            self._clock.pause()
        for name in self._waiting:
            self._tasks[name].cancel()

    async def drain(self, *, timeout_s: float) -> bool:
        """Waits for the runs under way, and tells whether all of them ended in time."""
        tasks = list(self._tasks.values())
        if not tasks:
            return True
        _, pending = await asyncio.wait(tasks, timeout=timeout_s)
        return not pending

    async def cancel_running(self) -> None:
        """Cancels the runs under way, and waits until each has torn down."""
        await _cancel(self._tasks.values())

    async def stop(self) -> None:
        """Ends everything: no further run, none under way, no timer. A second call does nothing.

        A run that was cancelled before is not waited for again: whoever did that has decided how long to wait.
        """
        self.pause()
        # What was submitted a moment ago begins now, sees the pause, and leaves nothing for APScheduler to cancel.
        await asyncio.sleep(0)
        await _cancel(task for task in self._tasks.values() if not task.cancelling())
        if self._clock.running:
            self._clock.shutdown(wait=False)
            await asyncio.sleep(0)  # it only asks the loop to shut down

    def _plan(
        self, name: TargetName, *, schedule: Schedule, job: Callable[[], Awaitable[object]], first_run: FirstRun
    ) -> None:
        now = datetime.now(UTC)
        first = now + timedelta(seconds=self._offset_s(schedule, first_run))
        trigger = trigger_for(schedule, first=first, chance=self._chance)
        begins_then = schedule.every_s is not None or first_run is FirstRun.NOW
        self._clock.add_job(
            self._begin,
            trigger,
            args=(name, job),
            id=name,
            replace_existing=True,
            coalesce=False,  # each missed run is a run that nobody made, so each is counted
            misfire_grace_time=_grace_s(schedule),
            next_run_time=first if begins_then else trigger.get_next_fire_time(None, now),
        )

    async def _begin(self, name: TargetName, job: Callable[[], Awaitable[object]]) -> None:
        if self._paused or name not in self._planned:
            return  # what was submitted in the very turn of a pause or a removal
        if name in self._tasks:
            self._on_skipped(name, SkipReason.OVERLAP)
            return
        task = asyncio.create_task(self._run(name, job), name=f"run {name}")
        self._tasks[name] = task
        self._waiting.add(name)
        task.add_done_callback(partial(self._forget, name))

    async def _run(self, name: TargetName, job: Callable[[], Awaitable[object]]) -> None:
        due = self._due[name]
        if not await self._take_place(name):
            self._on_skipped(name, SkipReason.CAPACITY)
            return
        try:
            self._on_delay(max(0.0, (datetime.now(UTC) - due).total_seconds()))
            await job()
        except Exception as error:  # noqa: BLE001 - one target's bug must not stop the others
            self._on_crashed(name, error)
        finally:
            self._places.release()

    async def _take_place(self, name: TargetName) -> bool:
        try:
            async with asyncio.timeout(self._patience_s(name)):
                await self._places.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(name)
        return True

    def _patience_s(self, name: TargetName) -> float:
        following = self.next_due(name)
        if following is None:
            return LONGEST_WAIT_S
        remaining = (following - datetime.now(UTC)).total_seconds() - _BEFORE_NEXT_S
        return max(0.0, min(remaining, LONGEST_WAIT_S))

    def _offset_s(self, schedule: Schedule, first_run: FirstRun) -> float:
        if first_run is FirstRun.NOW or schedule.every_s is None:
            return 0.0
        return self._chance.uniform(0, min(schedule.every_s, STAGGER_S))

    def _note_due(self, event: JobSubmissionEvent) -> None:
        # Comes before the job itself has its turn in the loop.
        self._due[event.job_id] = event.scheduled_run_times[-1]

    def _note_missed(self, event: JobExecutionEvent) -> None:
        self._on_skipped(event.job_id, SkipReason.MISFIRE)

    def _forget(self, name: TargetName, task: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]
            self._waiting.discard(name)  # still there where the task was cancelled before its first step
        if name not in self._planned:
            self._due.pop(name, None)


def _grace_s(schedule: Schedule) -> int:
    # Whole seconds, at least one: APScheduler takes nothing else.
    return max(1, min(GRACE_S, int((schedule.every_s or GRACE_S * 2) / 2)))


async def _cancel(running: Iterable[asyncio.Task[None]]) -> None:
    tasks = list(running)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
