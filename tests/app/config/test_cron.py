"""Cron expressions: what can be read, with the shortest and the longest time between two runs."""

import pytest

from prober.app.config.cron import check_cron, longest_gap_s, shortest_gap_s


@pytest.mark.parametrize(
    ("expression", "gap_s"),
    [
        pytest.param("* * * * *", 60, id="every minute"),
        pytest.param("*/10 * * * *", 600, id="every ten minutes"),
        pytest.param("*/25 * * * *", 600, id="a step that does not divide the hour"),
        pytest.param("0 * * * *", 3600, id="hourly"),
        pytest.param("5 3 * * *", 86_400, id="daily"),
        pytest.param("0 0,23 * * *", 3600, id="across midnight"),
        pytest.param("0,55 0,23 * * mon-fri", 300, id="across midnight of weekdays"),
        pytest.param("0,55 0,23 * * fri,6", 300, id="across midnight of a day by name and one by number"),
        pytest.param("0 0,23 * * 6,7", 3600, id="across midnight into a Sunday as 7"),
        pytest.param("0 0,23 * * */6", 3600, id="across midnight from Saturday to Sunday, by a step"),
        pytest.param("0 0,23 1,31 * *", 3600, id="across the end of a month"),
        pytest.param("0 0,23 1,31 1,12 *", 3600, id="across the end of a year"),
        pytest.param("0 0,23 1,28 2,3 *", 3600, id="across the end of February in common years"),
        pytest.param("0 0,23 1,29 2,3 *", 3600, id="across the end of February in leap years"),
        pytest.param("0 0,23 1 * mon", 3600, id="either day field, one day next to the other"),
        pytest.param("0 0,23 */2 * mon", 23 * 3600, id="both day fields, where one begins with a star"),
        pytest.param("0 0,23 1,31 4 *", 23 * 3600, id="days whose neighbours are in other months"),
        pytest.param("0 0,23 * * mon", 23 * 3600, id="midnight is not crossed on single days"),
        pytest.param("0 8 * * mon,wed", 2 * 86_400, id="every other day"),
        pytest.param("0 8 1 JAN SUN", 86_400, id="names"),
        pytest.param("0-30/15 7-18/2 * 1-6 mon-fri", 900, id="ranges with steps"),
        pytest.param("0 8 * * sat,7", 86_400, id="Sunday as 7"),
    ],
)
def test_reads(expression: str, gap_s: float) -> None:
    """A crontab's expression is read; two runs never come closer than the gap."""
    check_cron(expression)
    assert shortest_gap_s(expression) == gap_s


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        pytest.param("", "needs 5 fields, has 0", id="empty"),
        pytest.param("* * * * * *", "needs 5 fields, has 6", id="seconds"),
        pytest.param("@daily", "needs 5 fields, has 1", id="alias"),
        pytest.param("60 * * * *", "its minute is outside 0 to 59", id="minute"),
        pytest.param("* 24 * * *", "its hour is outside 0 to 23", id="hour"),
        pytest.param("* * 0 * *", "its day of month is outside 1 to 31", id="day"),
        pytest.param("* * * 13 *", "its month is outside 1 to 12", id="month"),
        pytest.param("* * * * 8", "its day of week is outside 0 to 7", id="weekday"),
        pytest.param("* * * * fr", "its day of week is outside 0 to 7", id="weekday name"),
        pytest.param("*/0 * * * *", "its minute cannot be read", id="step of nothing"),
        pytest.param("5/10 * * * *", "its minute cannot be read", id="step without a range"),
        pytest.param("30-10 * * * *", "its minute cannot be read", id="backwards"),
        pytest.param("*-5 * * * *", "its minute cannot be read", id="star in a range"),
        pytest.param("1,,2 * * * *", "its minute cannot be read", id="empty item"),
    ],
)
def test_refuses(expression: str, message: str) -> None:
    """What cannot be read is refused, naming the field."""
    with pytest.raises(ValueError, match=message):
        check_cron(expression)


@pytest.mark.parametrize(
    ("expression", "gap_s"),
    [
        pytest.param("* * * * *", 60, id="every minute"),
        pytest.param("*/10 * * * *", 600, id="every ten minutes"),
        pytest.param("*/25 * * * *", 25 * 60, id="a step that does not divide the hour"),
        pytest.param("5 3 * * *", 86_400, id="daily"),
        pytest.param("0 7-18 * * *", 13 * 3600, id="over night"),
        pytest.param("*/10 7-18 * * mon-fri", 3 * 86_400 - (11 * 60 + 50) * 60, id="over a weekend"),
        pytest.param("0 8 1 * *", 31 * 86_400, id="monthly"),
        pytest.param("0 8 29 2 *", (4 * 365 + 1) * 86_400, id="leap days"),
        pytest.param("0 8 30 2 *", None, id="never"),
    ],
)
def test_longest_gap(expression: str, gap_s: float | None) -> None:
    """The longest time without a run is known, over nights, weekends and months."""
    assert longest_gap_s(expression) == gap_s
