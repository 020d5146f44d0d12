from datetime import UTC, datetime, timedelta

import pytest

from prober.domain.leftovers import Leftover, age_words, named
from prober.domain.session import Child, Tie

NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (0.6, "1 s"),
        (119.0, "119 s"),
        (120.0, "2 min"),
        (7199.0, "119 min"),
        (7200.0, "2 h"),
        (48 * 3600.0, "2 d"),
    ],
    ids=str,
)
def test_an_age_is_told_in_the_largest_unit_that_fits_twice(seconds: float, words: str) -> None:
    """Nobody counts hours in seconds, and one unit says enough."""
    assert age_words(seconds) == words


@pytest.mark.parametrize(
    ("child", "text"),
    [
        (Child(kind="Pod", name="web"), "Pod/web"),
        (Child(kind="Pod", name="web", created_at=NOW - timedelta(seconds=34)), "Pod/web (34 s old)"),
        (Child(kind="Pod", name="web", created_at=NOW + timedelta(seconds=2)), "Pod/web (0 s old)"),
        (Child(kind="Pod", name="web", finalizers=("a", "b")), "Pod/web (finalizers: a, b)"),
        (Child(kind="Pod", name="web", tie=Tie.LABEL), "Pod/web (known by its label)"),
        (
            Child(
                kind="Pod",
                name="web",
                tie=Tie.NAME,
                created_at=NOW - timedelta(minutes=3),
                deleted_at=NOW - timedelta(seconds=20),
                finalizers=("a",),
            ),
            "Pod/web (3 min old, being deleted for 20 s, finalizers: a, known by its name)",
        ),
    ],
    ids=["nothing known", "age", "a clock ahead of ours", "finalizers", "without an owner", "all of it"],
)
def test_a_leftover_says_what_helps_to_find_out_why(child: Child, text: str) -> None:
    """Kind and name as `kubectl` has them, then what is known of its age, end and finalizers, and of a looser tie."""
    assert str(Leftover.of(child, now=NOW)) == text


def test_several_are_named_in_their_order() -> None:
    """Names stand one after the other."""
    assert named(Leftover(kind=kind, name="web") for kind in ("Pod", "Service")) == "Pod/web, Service/web"
