"""What several frames say of their pictures, as one."""

from typing import Any

from prober.adapters.browser.collector import Answer
from prober.adapters.browser.pictures import parse_first, parse_picture

FOUND = {"videos": 1, "canvases": 2, "meant": 3}
FIRST = {
    "standing": 900.0,
    "canvas": False,
    "hidden": False,
    "rendered": 200.0,
    "visible": 300.0,
    "luma": 80.0,
    "frames": 7,
    "paused": False,
}
SAMPLE = {
    "standing": 900.0,
    "at": 4000.0,
    "paused": False,
    "frames": 70,
    "age": 10.0,
    "gap": 40.0,
    "width": 1280,
    "height": 720,
    "luma": 80.0,
    "changed": True,
}


def _answer(picture: dict[str, Any] | None, *, since_s: float = 0.0, shown: bool = True) -> Answer:
    value = {"at": 4000.0, "picture": picture, "found": FOUND}
    return Answer(frame=None, since_s=since_s, value=value, shown=shown)


def test_the_picture_that_stands_highest_counts() -> None:
    """Its times are brought to the page's; elements are counted over all frames, those without a picture too."""
    small = _answer(FIRST | {"standing": 400.0, "frames": 90})
    large = _answer(FIRST, since_s=2.0)
    first = parse_first([_answer(None), small, large], decoded=11)
    assert (first.rendered_s, first.visible_s, first.frames_rendered, first.frames_decoded) == (2.2, 2.3, 7, 11)
    assert (first.videos, first.canvases, first.meant) == (3, 6, 9)
    sample = parse_picture([_answer(SAMPLE | {"standing": -0.1, "width": 640}), _answer(SAMPLE, since_s=2.0)])
    assert (sample.at_s, sample.width, sample.height) == (6.0, 1280, 720)
    assert (sample.last_frame_age_s, sample.longest_gap_s, sample.changed) == (0.01, 0.04, True)


def test_a_frame_that_is_hidden_shows_nothing() -> None:
    """Its picture loses against any that is shown, and alone it is hidden, whatever was counted inside."""
    hidden = _answer(FIRST | {"standing": 5000.0}, shown=False)
    assert parse_first([hidden, _answer(FIRST)], decoded=None).hidden is False
    alone = parse_first([hidden], decoded=30)
    assert alone.hidden
    assert (alone.rendered_s, alone.visible_s, alone.luma, alone.frames_rendered) == (None, None, None, 0)
    assert alone.frames_decoded == 30
    sample = parse_picture([_answer(SAMPLE, shown=False)])
    assert (sample.luma, sample.changed) == (None, None)


def test_what_cannot_be_counted_stays_absent() -> None:
    """A canvas that a worker draws to has no frames, no ages, no gaps; a page without a picture has only its time."""
    canvas = SAMPLE | {"paused": None, "frames": None, "age": None, "gap": None, "width": 0, "height": 0}
    sample = parse_picture([_answer(canvas)])
    assert (sample.frames_rendered, sample.last_frame_age_s, sample.longest_gap_s) == (None, None, None)
    assert (sample.paused, sample.width, sample.height) == (None, None, None)
    nothing = parse_picture([_answer(None, since_s=1.0)])
    assert (nothing.at_s, nothing.frames_rendered) == (5.0, None)
    assert parse_picture([]).at_s == 0.0
    assert parse_first([_answer(None)], decoded=4).frames_decoded == 4
