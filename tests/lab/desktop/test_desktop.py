"""A session's desktop, without anybody who looks at it."""

from math import inf

import pytest

from prober.lab.desktop import Behaviour
from prober.lab.desktop import desktop as module
from prober.lab.desktop.artwork import Artwork
from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.spell import Spell

PRESS = '{"kind": "pointerdown", "x": 300, "y": 150, "button": 2}'


class Clock:
    """Stands in for the module `time` in the desktop's module."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now

    def strftime(self, _: str) -> str:
        """The clock in the panel."""
        return "12:00:00"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The desktop's time."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def make_desktop(behaviour: Behaviour) -> Desktop:
    """A small desktop."""
    artwork = Artwork.draw(width=640, height=360)
    return Desktop(session="s", name="s", route="ann", behaviour=behaviour, artwork=artwork)


def test_late_input_has_its_effect_late(clock: Clock) -> None:
    """The picture changes when the time has come, and the truth knows when the event was received."""
    desktop = make_desktop(Behaviour(input_delay_s=0.45))
    before = desktop.shoot().pixels.copy()
    desktop.hear(PRESS)
    clock.now = 100.4
    shot = desktop.shoot()
    assert shot.revision == 0
    clock.now = 100.5
    shot = desktop.shoot()
    assert shot.revision == 1
    assert (shot.pixels[200:280, 320:460] != before[200:280, 320:460]).any()
    desktop.shown(shot)
    (entry,) = desktop.truth().inputs
    assert entry.received == 100
    assert entry.frame_sent is not None


def test_what_no_page_would_send_is_ignored() -> None:
    """It is no input."""
    desktop = make_desktop(Behaviour())
    desktop.hear("nonsense")
    assert desktop.truth().inputs == ()


def test_a_standstill_counts_from_the_first_frame_that_anybody_got(clock: Clock) -> None:
    """A later visitor does not put it off."""
    desktop = make_desktop(Behaviour(standstill=Spell(after_s=3)))
    assert desktop.elapsed() is None
    clock.now = 200
    assert desktop.still() == 0
    desktop.shown(desktop.shoot())
    clock.now = 202
    desktop.shown(desktop.shoot())
    assert desktop.elapsed() == 2
    assert desktop.still() == 0
    clock.now = 203
    assert desktop.still() == inf


def test_a_sound_desktop_never_stands_still(clock: Clock) -> None:
    """Without a standstill there is none to wait for."""
    desktop = make_desktop(Behaviour())
    desktop.shown(desktop.shoot())
    clock.now = 1000
    assert desktop.still() == 0


def test_nothing_moves_on_an_idle_desktop(clock: Clock) -> None:
    """However much time passes, each picture is the same, until input changes it."""
    desktop = make_desktop(Behaviour(idle=True))
    before = desktop.shoot().pixels.copy()
    clock.now += 3
    assert (desktop.shoot().pixels == before).all()
    desktop.hear(PRESS)
    assert (desktop.shoot().pixels != before).any()


def test_an_idle_desktop_cannot_be_late_with_input() -> None:
    """What happens late is noticed by the clock of frames, which it is without: the two are refused together."""
    with pytest.raises(ValueError, match="idle"):
        Behaviour(idle=True, input_delay_s=0.1)
