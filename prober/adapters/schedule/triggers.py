"""Due times of a schedule: an interval or a cron expression, each due time a little later by chance."""

import random
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from prober.adapters.schedule.crontab import crontab_trigger
from prober.domain.target import Schedule

_TICK = timedelta(milliseconds=1)
"""What separates a due time from the search for the next one: more than rounding, less than any interval."""


class JitteredTrigger(BaseTrigger):  # type: ignore[misc] # apscheduler ships no types
    """Delays each due time of another trigger by chance, and the one after it not at all.

    APScheduler's own jitter adds the delay to the interval as well, so that a target with `every: 5m, jitter: 30s`
    would be probed every 315 s in the mean. It asks again for times that it has seen, so nothing is remembered here.
    """

    def __init__(self, grid: BaseTrigger, *, jitter_s: float, chance: random.Random) -> None:
        self._grid = grid
        self._jitter_s = jitter_s
        self._chance = chance

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Returns the due time after the previous one, or the first one from now on."""
        after = now if previous_fire_time is None else previous_fire_time + _TICK
        due: datetime | None = self._grid.get_next_fire_time(None, after)
        return None if due is None else due + timedelta(seconds=self._chance.uniform(0, self._jitter_s))


def trigger_for(schedule: Schedule, *, first: datetime, chance: random.Random) -> JitteredTrigger:
    """Returns the schedule's trigger.

    Args:
        schedule: The schedule.
        first: From when on an interval is counted.
        chance: Where jitter comes from.

    Raises:
        ValueError: The schedule cannot be read; the message says what of it.
    """
    if (schedule.every_s is None) == (schedule.cron is None):
        raise ValueError("a schedule has either an interval or a cron expression")
    if schedule.jitter_s < 0:
        raise ValueError("the jitter is negative")
    grid = _interval(schedule.every_s, first=first) if schedule.every_s is not None else _cron(schedule)
    return JitteredTrigger(grid, jitter_s=schedule.jitter_s, chance=chance)


def check_schedule(schedule: Schedule) -> None:
    """Checks that runs can be planned by a schedule.

    Raises:
        ValueError: They cannot; the message says what of it is wrong.
    """
    trigger_for(schedule, first=datetime.now(UTC), chance=random.Random(0))  # noqa: S311 - nothing is drawn


def _interval(every_s: float, *, first: datetime) -> BaseTrigger:
    if every_s <= 0:
        raise ValueError("the interval is not longer than nothing")
    return IntervalTrigger(seconds=every_s, start_date=first, timezone=UTC)


def _cron(schedule: Schedule) -> BaseTrigger:
    return crontab_trigger(schedule.cron or "", timezone=_zone(schedule.timezone))


def _zone(name: str) -> tzinfo:
    if name == "UTC":  # known without a time zone database, which slim images lack
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # unknown, no such form, a folder of the database
        raise ValueError(f"{name!r} is no time zone of this machine") from error
