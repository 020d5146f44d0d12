"""Due times, computed without waiting for any."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.adapters.schedule import check_schedule
from prober.adapters.schedule.triggers import trigger_for
from prober.domain.target import Schedule

SUNDAY = datetime(2026, 11, 22, 9, 40, 19, tzinfo=UTC)


def due_times(schedule: Schedule, *, number: int, first: datetime = SUNDAY) -> list[datetime]:
    """Returns the first due times as the scheduler asks for them: each one after the one before."""
    trigger = trigger_for(schedule, first=first, chance=random.Random(7))
    times: list[datetime] = []
    for _ in range(number):
        previous = times[-1] if times else None
        due = trigger.get_next_fire_time(previous, previous or first)
        assert due is not None
        times.append(due)
    return times


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("*/15 * * * *", ["Sun 22 09:45", "Sun 22 10:00", "Sun 22 10:15"]),
        ("30 7-9 * * *", ["Mon 23 07:30", "Mon 23 08:30", "Mon 23 09:30"]),
        ("0 12 * * 1", ["Mon 23 12:00", "Mon 30 12:00", "Mon 07 12:00"]),
        ("0 12 * * 0", ["Sun 22 12:00", "Sun 29 12:00", "Sun 06 12:00"]),
        ("0 12 * * 7", ["Sun 22 12:00", "Sun 29 12:00", "Sun 06 12:00"]),
        ("0 12 * * 5-7", ["Sun 22 12:00", "Fri 27 12:00", "Sat 28 12:00"]),
        ("0 12 * * MON-fri/2", ["Mon 23 12:00", "Wed 25 12:00", "Fri 27 12:00"]),
        ("0 12 1 jan-mar/2 *", ["Fri 01 12:00", "Mon 01 12:00", "Sat 01 12:00"]),
        ("0 12 24 * 1", ["Mon 23 12:00", "Tue 24 12:00", "Mon 30 12:00"]),
        ("*/90 9,10 * * *", ["Sun 22 10:00", "Mon 23 09:00", "Mon 23 10:00"]),
    ],
    ids=[
        "step",
        "range",
        "monday-is-1",
        "sunday-is-0",
        "sunday-is-7",
        "weekend",
        "names-in-steps",
        "months-in-steps",
        "day-or-weekday",
        "step-longer-than-the-hour",
    ],
)
def test_cron_means_what_crontab_says(cron: str, expected: list[str]) -> None:
    """Weekdays count from Sunday, and restricted days and weekdays are alternatives."""
    times = due_times(Schedule(cron=cron), number=3)
    assert [time.strftime("%a %d %H:%M") for time in times] == expected


def test_cron_keeps_its_time_zone() -> None:
    """Noon stays noon where the clocks change meanwhile."""
    first = datetime(2026, 10, 24, 0, 0, tzinfo=UTC)
    times = due_times(Schedule(cron="0 12 * * *", timezone="Europe/Berlin"), number=2, first=first)
    assert [time.astimezone(UTC).hour for time in times] == [10, 11]


@given(every_s=st.floats(min_value=0.5, max_value=100_000), share=st.floats(min_value=0, max_value=0.9))
def test_jitter_never_adds_up(every_s: float, share: float) -> None:
    """Each run is late by the jitter at most, however many came before it."""
    jitter_s = every_s * share
    times = due_times(Schedule(every_s=every_s, jitter_s=jitter_s), number=30)
    for index, time in enumerate(times):
        late_s = (time - SUNDAY).total_seconds() - index * every_s
        assert -0.001 <= late_s <= jitter_s + 0.001


def test_jitter_varies() -> None:
    """The delays differ, so that targets of the same interval drift apart and together again."""
    times = due_times(Schedule(every_s=300, jitter_s=30), number=10)
    assert len({later - earlier for earlier, later in pairwise(times)}) > 5


def test_jitter_on_cron() -> None:
    """A cron expression's runs are delayed too, and none is left out."""
    times = due_times(Schedule(cron="*/5 * * * *", jitter_s=60), number=12)
    slots = [
        time - timedelta(minutes=time.minute % 5, seconds=time.second, microseconds=time.microsecond) for time in times
    ]
    assert all(later - earlier == timedelta(minutes=5) for earlier, later in pairwise(slots))


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        (Schedule(), "either an interval or a cron expression"),
        (Schedule(every_s=60, cron="* * * * *"), "either an interval or a cron expression"),
        (Schedule(every_s=0), "the interval is not longer than nothing"),
        (Schedule(every_s=60, jitter_s=-1), "the jitter is negative"),
        (Schedule(cron="* * * *"), "has 5 fields, this one has 4"),
        (Schedule(cron="60 * * * *"), "the minute '60' is not between 0 and 59"),
        (Schedule(cron="* * * foo *"), "the month 'foo' is not between 1 and 12"),
        (Schedule(cron="5/15 * * * *"), "the minute '5/15' cannot be read"),
        (Schedule(cron="*/0 * * * *"), "the minute '*/0' cannot be read"),
        (Schedule(cron="* 9-7 * * *"), "the hour '9-7' ends before it begins"),
        (Schedule(cron="* * * * *", timezone="Europe/Berlin2"), "'Europe/Berlin2' is no time zone of this machine"),
        (Schedule(cron="* * * * *", timezone="../etc/passwd"), "is no time zone of this machine"),
    ],
    ids=[
        "neither",
        "both",
        "no-interval",
        "negative-jitter",
        "four-fields",
        "minute",
        "month",
        "step-of-one",
        "step-zero",
        "backwards",
        "timezone",
        "path-as-timezone",
    ],
)
def test_bad_schedules_are_explained(schedule: Schedule, problem: str) -> None:
    """Each problem has its sentence."""
    with pytest.raises(ValueError, match=problem.replace("*", r"\*")):
        check_schedule(schedule)


def test_good_schedules_pass() -> None:
    """An interval is fine, a cron expression in a time zone too."""
    check_schedule(Schedule(every_s=300, jitter_s=30))
    check_schedule(Schedule(cron="*/10 7-18 * * mon-fri", timezone="Europe/Berlin"))
