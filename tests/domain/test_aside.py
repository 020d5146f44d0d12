"""What is done beside the steps of a run: how long it took, how long it may take."""

from dataclasses import fields

import pytest

from prober.domain.aside import Aside, Doing, longest_aside_s


def test_times_add_up() -> None:
    """Each is summed by itself; what was not done stays absent, and takes no time."""
    aside = Aside().and_so(Doing.PICTURES, 0.5).and_so(Doing.SELF_CHECK, 0.0).and_so(Doing.PICTURES, 0.25)
    assert aside == Aside(pictures_s=0.75, self_check_s=0.0)
    assert aside.total_s() == 0.75
    assert Aside().total_s() == 0.0


def test_everything_that_is_done_has_its_time() -> None:
    """No doing lacks a field, and no field its doing."""
    assert {doing.value for doing in Doing} == {part.name for part in fields(Aside)}


@pytest.mark.parametrize(
    ("look_s", "kept", "longest_s"),
    [(0.0, False, 5.0), (5.0, False, 17.0), (0.0, True, 19.0), (5.0, True, 31.0)],
    ids=["a self-check", "looks at the cluster", "pictures", "all of it"],
)
def test_what_it_may_take_is_bounded(look_s: float, *, kept: bool, longest_s: float) -> None:
    """Looks are taken where the target asks for any, pictures where they may be kept."""
    assert longest_aside_s(look_s=look_s, kept=kept) == longest_s
