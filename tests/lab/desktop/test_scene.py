"""What events do to a scene, and how they are parsed."""

import pytest

from prober.lab.desktop.events import EventKind, UserEvent, parse_event
from prober.lab.desktop.scene import PROMPT, TERMINAL_COLUMNS, TERMINAL_LINES, Scene


@pytest.fixture
def scene() -> Scene:
    """An untouched screen."""
    return Scene(width=1280, height=720)


def press(button: int) -> UserEvent:
    """A button going down."""
    return UserEvent(kind=EventKind.POINTER_DOWN, x=600, y=300, button=button)


def key(name: str) -> UserEvent:
    """A key going down."""
    return UserEvent(kind=EventKind.KEY_DOWN, key=name)


def test_the_cursor_follows_the_pointer(scene: Scene) -> None:
    """A move is seen; the same position again is not."""
    move = UserEvent(kind=EventKind.POINTER_MOVE, x=10, y=20)
    assert scene.apply(move)
    assert not scene.apply(move)
    assert scene.pointer == (10, 20)
    assert scene.revision == 1


def test_the_pointer_stays_on_the_screen(scene: Scene) -> None:
    """Positions outside are pulled to the border."""
    scene.apply(UserEvent(kind=EventKind.POINTER_MOVE, x=-5, y=9999))
    assert scene.pointer == (0, 719)


@pytest.mark.parametrize("closing", [press(0), key("Escape")], ids=["left click", "Escape"])
def test_the_menu_opens_and_closes(scene: Scene, closing: UserEvent) -> None:
    """Right click opens the menu at the pointer, left click or Escape closes it."""
    assert scene.apply(press(2))
    assert scene.menu == (600, 300)
    assert scene.apply(closing)
    assert scene.menu is None


def test_releases_and_key_ups_show_nothing(scene: Scene) -> None:
    """A release where the button went down changes nothing."""
    scene.apply(press(2))
    assert not scene.apply(UserEvent(kind=EventKind.POINTER_UP, x=600, y=300, button=2))
    assert not scene.apply(UserEvent(kind=EventKind.KEY_UP, key="a"))


def test_keys_type_into_the_terminal(scene: Scene) -> None:
    """Characters appear, Backspace takes them back but not the prompt, Enter starts a line."""
    for name in ("l", "s", "x", "Backspace", "Shift"):
        scene.apply(key(name))
    assert scene.lines == [PROMPT + "ls"]
    scene.apply(key("Enter"))
    assert scene.lines == [PROMPT + "ls", PROMPT]
    assert not scene.apply(key("Backspace"))


def test_the_terminal_is_bounded(scene: Scene) -> None:
    """Long input wraps and scrolls; a desktop does not grow."""
    for _ in range(TERMINAL_COLUMNS * TERMINAL_LINES * 2):
        scene.apply(key("x"))
    assert len(scene.lines) == TERMINAL_LINES
    assert max(map(len, scene.lines)) == TERMINAL_COLUMNS


@pytest.mark.parametrize(
    ("text", "event", "detail"),
    [
        (
            '{"kind": "pointerdown", "x": 1, "y": 2, "button": 2}',
            UserEvent(kind=EventKind.POINTER_DOWN, x=1, y=2, button=2),
            "button 2 at 1,2",
        ),
        (
            '{"kind": "pointermove", "x": 1, "y": 2, "button": -1}',
            UserEvent(kind=EventKind.POINTER_MOVE, x=1, y=2, button=-1),
            "1,2",
        ),
        ('{"kind": "keydown", "key": "a"}', key("a"), "a"),
    ],
    ids=["button", "move", "key"],
)
def test_parses_what_the_page_sends(text: str, event: UserEvent, detail: str) -> None:
    """Messages of the input channel become events."""
    assert parse_event(text) == event
    assert event.detail == detail


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"kind": "keydown"}', '{"kind": "explode", "key": "a"}', '{"kind": "keyup", "x": 1}'],
    ids=["empty", "no object", "no key", "unknown kind", "incomplete"],
)
def test_refuses_what_it_cannot_have_sent(text: str) -> None:
    """Anything else is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - the message is the JSON parser's or the enum's
        parse_event(text)
