"""Paths of the pointer: it is seen elsewhere whenever it is looked for."""

import math
from itertools import pairwise

import pytest

from prober.adapters.browser.paths import on_circle, on_sweep


@pytest.mark.parametrize("apart_s", [0.5, 0.95, 1.0, 1.5, 2.0, 3.0], ids=str)
def test_the_circle_is_seen_elsewhere_at_the_next_look(apart_s: float) -> None:
    """However far looks are apart, the pointer is at another cell of the picture, or is so at the look after next."""
    places = [on_circle(0, 0, width=1280, height=720, at_s=look * apart_s) for look in range(20)]
    for first, *later in zip(places, places[1:], places[2:], places[3:], strict=False):
        assert max(math.dist(first, place) for place in later) > 20


def test_each_step_of_the_sweep_is_at_another_entry() -> None:
    """Two places in a row are farther apart than an entry is high, and all are inside a menu."""
    places = [on_sweep((100, 100), step=step) for step in range(100)]
    assert min(math.dist(*pair) for pair in pairwise(places)) > 36
    assert all(x == 124 and 124 <= y <= 220 for x, y in places)
