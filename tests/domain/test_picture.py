import pytest

from prober.domain.picture import FirstFrame, Look, alike, explain_no_picture
from prober.domain.reasons import Reason


@pytest.mark.parametrize(
    ("look", "reason", "words"),
    [
        (FirstFrame(paused=True, frames_decoded=200, videos=1), Reason.PLAYBACK_BLOCKED, "200 frames were decoded"),
        (
            FirstFrame(paused=True, frames_decoded=200, rendered_s=0.4, luma=0.0, videos=1),
            Reason.PLAYBACK_BLOCKED,
            "stays paused",
        ),
        (FirstFrame(rendered_s=0.4, luma=3.2, videos=1), Reason.BLACK_FRAMES, "black for 30 s (mean luma 3)"),
        (FirstFrame(rendered_s=0.4, videos=1), Reason.DRIVER_ERROR, "lets nobody look"),
        (FirstFrame(), Reason.NO_FIRST_FRAME, "no video element"),
        (FirstFrame(videos=1), Reason.NO_FIRST_FRAME, "(0 decoded)"),
        (FirstFrame(videos=1, paused=True), Reason.NO_FIRST_FRAME, "(0 decoded)"),
        (FirstFrame(videos=1, paused=False, frames_decoded=7), Reason.NO_FIRST_FRAME, "(7 decoded)"),
        (
            FirstFrame(videos=1, hidden=True, frames_decoded=90, frames_rendered=90, rendered_s=0.4),
            Reason.NO_FIRST_FRAME,
            "90 frames were decoded and the video element is hidden",
        ),
        (
            FirstFrame(canvases=1, canvas=True, hidden=True, frames_rendered=40),
            Reason.NO_FIRST_FRAME,
            "40 frames were drawn and the canvas is hidden",
        ),
        (FirstFrame(videos=1, hidden=True, paused=True), Reason.NO_FIRST_FRAME, "0 frames were decoded and"),
        (FirstFrame(canvases=1, canvas=True), Reason.NO_FIRST_FRAME, "nothing was drawn on the canvas in 30 s"),
        (
            FirstFrame(canvases=1, canvas=True, rendered_s=0.4, luma=0.0),
            Reason.BLACK_FRAMES,
            "the canvas is drawn and black for 30 s (mean luma 0)",
        ),
    ],
    ids=[
        "paused",
        "paused after a blank frame",
        "black",
        "pixels unread",
        "no video element",
        "nothing rendered",
        "paused and nothing decoded",
        "decoded, not rendered",
        "hidden",
        "hidden canvas",
        "hidden and paused",
        "canvas without a drawing",
        "black canvas",
    ],
)
def test_what_stands_before_the_picture_is_named(look: FirstFrame, reason: Reason, words: str) -> None:
    """A connection without a visible picture is explained by what was seen of it."""
    fault = explain_no_picture(look, budget_s=30.0)
    assert fault.reason is reason
    assert words in fault.summary


COLUMNS, ROWS = 16, 9
GROUND = [60.0 + row * 6 for row in range(ROWS) for _ in range(COLUMNS)]


def look(cells: list[float]) -> Look:
    """Returns a look with these cells."""
    return Look(columns=COLUMNS, rows=ROWS, cells=tuple(cells))


def window(cells: list[float], *, left: int, top: int, luma: float, width: int = 4, height: int = 3) -> list[float]:
    """Returns the cells with a window of one luma in them."""
    inside = {(top + row) * COLUMNS + left + column for row in range(height) for column in range(width)}
    return [luma if index in inside else cell for index, cell in enumerate(cells)]


FLAT = [50.0] * (COLUMNS * ROWS)
DESKTOP = window(window(GROUND, left=1, top=1, luma=24.0), left=10, top=5, luma=230.0)
LOGIN = window([245.0] * len(GROUND), left=6, top=3, luma=200.0)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (DESKTOP, DESKTOP, True),
        (DESKTOP, [cell + 4 for cell in DESKTOP], True),
        (DESKTOP, window(DESKTOP, left=6, top=0, luma=140.0, width=2, height=2), True),
        (FLAT, window(FLAT, left=3, top=3, luma=120.0, width=1, height=1), True),
        (FLAT, FLAT, True),
        (window(FLAT, left=1, top=1, luma=20.0), window(FLAT, left=2, top=1, luma=20.0), True),
        (DESKTOP, LOGIN, False),
        (DESKTOP, [cell + 30 for cell in DESKTOP], False),
        (DESKTOP, [255.0 - cell for cell in DESKTOP], False),
        (window(FLAT, left=1, top=1, luma=20.0), window(FLAT, left=9, top=4, luma=200.0, width=5), False),
        (FLAT, window(FLAT, left=4, top=2, luma=220.0, width=6, height=5), False),
        (DESKTOP, [0.0] * len(DESKTOP), False),
    ],
    ids=[
        "the same",
        "another quality",
        "a menu opened",
        "a pointer on a plain ground",
        "a plain ground",
        "a window moved a little",
        "a login page",
        "brighter",
        "inverted",
        "another desktop on the same ground",
        "a login form on the same ground",
        "black",
    ],
)
def test_the_same_desktop_is_known_again(before: list[float], after: list[float], expected: bool) -> None:  # noqa: FBT001 - a parameter
    """Its ground and most of what stands out must be there again, in either direction of time."""
    assert alike(look(before), look(after)) is expected
    assert alike(look(after), look(before)) is expected


def test_looks_of_other_shapes_are_not_alike() -> None:
    """Cells that do not lie in the same places cannot be compared, and no cells say nothing."""
    assert not alike(Look(columns=2, rows=1, cells=(1.0, 2.0)), Look(columns=1, rows=2, cells=(1.0, 2.0)))
    assert not alike(Look(columns=0, rows=0, cells=()), Look(columns=0, rows=0, cells=()))
