"""Durations as people write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.app.config.durations import LONGEST_S, PATTERN, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("500ms", 0.5, id="milliseconds"),
        pytest.param("30s", 30, id="seconds"),
        pytest.param("5m", 300, id="minutes"),
        pytest.param("1h30m", 5400, id="hours and minutes"),
        pytest.param("1.5s", 1.5, id="a fraction"),
        pytest.param("1h1m1s1ms", 3661.001, id="all units"),
        pytest.param("0s", 0, id="nothing"),
    ],
)
def test_reads(text: str, seconds: float) -> None:
    """Each unit counts as what it says."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "30", "s", "-5s", "5 s", "1s1m", "1d", "1e3s", "٣s", "5s\n", "5S", "inf", "9999999h", "9" * 400 + "s"],
    ids=[
        "empty",
        "no unit",
        "no number",
        "negative",
        "space",
        "wrong order",
        "unknown unit",
        "exponent",
        "foreign digit",
        "newline",
        "capital",
        "infinity",
        "too long",
        "beyond floats",
    ],
)
def test_refuses(text: str) -> None:
    """What is no duration, or an absurd one, is refused."""
    with pytest.raises(ValueError, match=r"not a duration|longer than a year"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=int(LONGEST_S * 1000)))
def test_reads_what_it_writes(milliseconds: int) -> None:
    """Writing a duration loses nothing to the millisecond."""
    text = format_duration(milliseconds / 1000)
    assert parse_duration(text) == milliseconds / 1000
    assert re.search(PATTERN, text)


@given(st.text(alphabet="0123456789.hms ", max_size=8))
def test_the_pattern_knows_what_the_parser_knows(text: str) -> None:
    """Editors, who have the pattern only, agree with the parser about form."""
    try:
        parse_duration(text)
    except ValueError as error:
        parsed = str(error) == "longer than a year"
    else:
        parsed = True
    assert parsed == bool(re.search(PATTERN, text))
