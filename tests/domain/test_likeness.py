import pytest

from prober.domain.likeness import Likeness, compare
from prober.domain.picture import Look

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
        (DESKTOP, DESKTOP, Likeness.ALIKE),
        (DESKTOP, [cell + 4 for cell in DESKTOP], Likeness.ALIKE),
        (DESKTOP, window(DESKTOP, left=6, top=0, luma=140.0, width=2, height=2), Likeness.ALIKE),
        (FLAT, window(FLAT, left=3, top=3, luma=120.0, width=1, height=1), Likeness.ALIKE),
        (FLAT, FLAT, Likeness.ALIKE),
        (window(FLAT, left=1, top=1, luma=20.0), window(FLAT, left=2, top=1, luma=20.0), Likeness.ALIKE),
        (DESKTOP, LOGIN, Likeness.DIFFERENT),
        (DESKTOP, [cell + 30 for cell in DESKTOP], Likeness.DIFFERENT),
        (DESKTOP, [255.0 - cell for cell in DESKTOP], Likeness.DIFFERENT),
        (window(FLAT, left=1, top=1, luma=20.0), window(FLAT, left=9, top=4, luma=200.0, width=5), Likeness.DIFFERENT),
        (FLAT, window(FLAT, left=4, top=2, luma=220.0, width=6, height=5), Likeness.DIFFERENT),
        (DESKTOP, [0.0] * len(DESKTOP), Likeness.DIFFERENT),
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
def test_the_same_desktop_is_known_again(before: list[float], after: list[float], expected: Likeness) -> None:
    """Its ground and most of what stands out must be there again, in either direction of time."""
    assert compare([look(before)] * 3, look(after)) is expected
    assert compare([look(after)] * 3, look(before)) is expected


def playing(share: float, *, phase: int) -> list[float]:
    """Returns the desktop with a video over this share of its cells, from the right, at one of its moments."""
    left = round(COLUMNS * (1 - share))
    moment = (phase * 67) % 256
    return window(DESKTOP, left=left, top=0, luma=float(moment), width=COLUMNS - left, height=ROWS)


def test_what_moves_by_itself_says_nothing() -> None:
    """A video over half of the picture is left out, in which a single look before would find another desktop."""
    before = [look(playing(0.5, phase=phase)) for phase in range(4)]
    after = look(playing(0.5, phase=9))
    assert compare(before, after) is Likeness.ALIKE
    assert compare(before[:1], after) is Likeness.DIFFERENT


def test_another_desktop_beside_what_moves_is_told() -> None:
    """The cells that kept still are enough to tell a login page."""
    before = [look(playing(0.5, phase=phase)) for phase in range(4)]
    assert compare(before, look(LOGIN)) is Likeness.DIFFERENT


def test_a_desktop_that_moves_all_over_has_no_likeness() -> None:
    """Under a video that fills the picture nothing is left to know it by, nor without a look before."""
    before = [look(playing(0.8, phase=phase)) for phase in range(4)]
    assert compare(before, look(LOGIN)) is Likeness.UNTOLD
    assert compare([], look(DESKTOP)) is Likeness.UNTOLD


def test_looks_of_other_shapes_are_not_alike() -> None:
    """Cells that do not lie in the same places cannot be compared, and no cells say nothing."""
    wide, high = Look(columns=2, rows=1, cells=(1.0, 2.0)), Look(columns=1, rows=2, cells=(1.0, 2.0))
    assert compare([wide], high) is Likeness.DIFFERENT
    empty = Look(columns=0, rows=0, cells=())
    assert compare([empty], empty) is Likeness.UNTOLD
