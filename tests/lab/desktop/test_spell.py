"""When something is out of order."""

from math import inf

import pytest

from prober.lab.desktop.spell import Spell


@pytest.mark.parametrize(
    ("spell", "elapsed", "remaining"),
    [
        (Spell(after_s=2, lasts_s=6), None, 0),
        (Spell(after_s=2, lasts_s=6), 1.9, 0),
        (Spell(after_s=2, lasts_s=6), 2, 6),
        (Spell(after_s=2, lasts_s=6), 7, 1),
        (Spell(after_s=2, lasts_s=6), 8, 0),
        (Spell(after_s=2, lasts_s=6), 100, 0),
        (Spell(after_s=3), 1000, inf),
        (Spell(after_s=1, lasts_s=8, every_s=20), 10, 0),
        (Spell(after_s=1, lasts_s=8, every_s=20), 42, 7),
    ],
    ids=["no frame yet", "before", "begins", "within", "ends", "once", "without end", "pause", "again"],
)
def test_how_long_a_spell_still_lasts(spell: Spell, elapsed: float | None, remaining: float) -> None:
    """Time counts from the first frame; a spell with an interval comes back."""
    assert spell.remaining(elapsed) == remaining
