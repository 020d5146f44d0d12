import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.shortening import Cut, bounded, size

TEXT = "one two three four five"


@pytest.mark.parametrize(
    ("cut", "left", "paths"),
    [
        pytest.param(Cut(where=("log",), text_bytes=13), {"log": "one two ...", "rest": [TEXT]}, ["log"], id="begin"),
        pytest.param(
            Cut(where=("log",), text_bytes=13, keep_end=True),
            {"log": "...our five", "rest": [TEXT]},
            ["log"],
            id="end",
        ),
        pytest.param(Cut(where=("rest",), text_bytes=8), {"log": TEXT, "rest": ["one..."]}, ["rest[]"], id="below"),
        pytest.param(Cut(where=("rest",), items=0), {"log": TEXT, "rest": []}, ["rest"], id="items"),
        pytest.param(Cut(where=("rest",), dropped=True), {"log": TEXT}, ["rest"], id="dropped"),
        pytest.param(Cut(where=("res",), dropped=True), {"log": TEXT, "rest": [TEXT]}, [], id="no path by its begin"),
        pytest.param(Cut(text_bytes=8), {"log": "one...", "rest": ["one..."]}, ["log", "rest[]"], id="everywhere"),
    ],
)
def test_a_cut_reaches_its_paths(cut: Cut, left: dict[str, Any], paths: list[str]) -> None:
    """What is at or below a path is cut, marked in the text, and named; the rest stays."""
    document = {"log": TEXT, "rest": [TEXT]}
    assert bounded(document, cuts=[cut], most_bytes=1) == {**left, "truncated": paths}


def test_what_fits_stays_whole() -> None:
    """A small document is what it was, and says that nothing was cut."""
    assert bounded({"log": TEXT, "n": 1}, cuts=[Cut(text_bytes=8)], most_bytes=1000) == {
        "log": TEXT,
        "n": 1,
        "truncated": [],
    }


def test_later_cuts_are_made_only_when_needed() -> None:
    """Once the document fits, what is worth more is left alone."""
    document = {"log": "a" * 500, "summary": "b" * 50}
    cuts = [Cut(where=("log",), text_bytes=20), Cut(where=("summary",), text_bytes=20)]
    shortened = bounded(document, cuts=cuts, most_bytes=200)
    assert shortened == {"log": f"{'a' * 15}...", "summary": "b" * 50, "truncated": ["log"]}


def test_open_mappings_are_counted_like_lists() -> None:
    """Of sub-timings and facts the first are kept; members that make up a shape are never left out by number."""
    document = {"timings": {"a": 1, "b": 2, "c": 3}, "shape": {"a": 1, "b": 2, "c": 3}}
    shortened = bounded(document, cuts=[Cut(items=2)], most_bytes=1)
    assert shortened == {"timings": {"a": 1, "b": 2}, "shape": {"a": 1, "b": 2, "c": 3}, "truncated": ["timings"]}


@given(text=st.text(max_size=200), most=st.integers(min_value=5, max_value=100), keep_end=st.booleans())
def test_a_text_is_never_longer_than_asked_for(text: str, most: int, *, keep_end: bool) -> None:
    """Whatever its characters are escaped to, a cut text has at most so many bytes as JSON."""
    cut = Cut(text_bytes=most, keep_end=keep_end)
    shortened = bounded({"text": text}, cuts=[cut], most_bytes=0)
    assert size(shortened["text"]) <= max(most, min(size(text), most))
    assert (shortened["text"] == text) == (shortened["truncated"] == []) or text.endswith("...")


@given(text=st.text())
def test_size_is_the_longest_form(text: str) -> None:
    """A log that writes characters as they are is never larger."""
    assert size(text) >= len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass"))
