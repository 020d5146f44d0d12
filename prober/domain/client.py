"""How a desktop page is driven: data that a preset brings along or a user writes.

A client says how its page is recognised, which buttons stand between a user and the picture, which element shows the
desktop, and which input is harmless there. The generic client knows none of that and takes the largest picture.
"""

from dataclasses import dataclass
from enum import StrEnum


class GestureKind(StrEnum):
    """What a hand does."""

    CIRCLE = "circle"
    """Moves the pointer in a small circle about the picture's middle."""
    SWEEP = "sweep"
    """Moves the pointer up and down over the entries of a menu that opened where it is, and back to there."""
    CLICK = "click"
    """Clicks the primary button where the pointer is."""
    RIGHT_CLICK = "right_click"
    """Clicks the secondary button where the pointer is."""
    KEY = "key"
    """Presses and releases a key, or a chord such as Control+Alt+T; names as in UI Events KeyboardEvent.key."""
    TYPE = "type"
    """Types a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """One thing that a hand does; `text` is the key's name or the text to type, empty for the pointer's gestures."""

    kind: GestureKind
    text: str = ""


class Region(StrEnum):
    """Where the reaction to an input is looked for."""

    POINTER = "pointer"
    """A square about the pointer."""
    PICTURE = "picture"
    """The whole picture: for keys, which act elsewhere."""


class Stimulus(StrEnum):
    """What keeps the desktop busy during the observation window."""

    POINTER = "pointer"
    """The pointer moves in small circles."""
    TYPING = "typing"
    """A run of letters is typed and removed again, over and over."""
    CLIENT = "client"
    """What the client has for it."""
    NONE = "none"
    """Nothing: frame rate and freezes are not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """How a desktop page is driven.

    Attributes:
        name: The preset's name.
        recognise: CSS selector of something that the client's page always has; a loaded page without it is not the
            desktop's. `None` takes every page.
        click: CSS selectors of buttons that stand between a user and the picture; each is clicked while it is visible
            and never waited for.
        element: CSS selector of the element that shows the desktop, or that contains it; `None` takes the largest
            visible picture.
        input: The harmless input of the `input` step.
        undo: What undoes it.
        region: Where the input's effect is looked for.
        stimulus: What keeps the desktop busy in the client's own way, over and over. A round of it that was begun is
            ended: what its first presses open, its last ones must close.
    """

    name: str
    recognise: str | None = None
    click: tuple[str, ...] = ()
    element: str | None = None
    input: tuple[Gesture, ...] = (Gesture(kind=GestureKind.RIGHT_CLICK),)
    undo: tuple[Gesture, ...] = (Gesture(kind=GestureKind.KEY, text="Escape"),)
    region: Region = Region.POINTER
    stimulus: tuple[Gesture, ...] = (Gesture(kind=GestureKind.CIRCLE),)


GENERIC = Client(name="generic")
"""Any page with a WebRTC video: every page is taken, its largest visible picture is the desktop."""

SELKIES = Client(
    name="selkies",
    recognise="#overlayInput, #video_container > video#stream",
    click=("#playButton", ".loading > div:not(:has(.loading-text)) > button"),
    element=".video-container",
    stimulus=(
        Gesture(kind=GestureKind.RIGHT_CLICK),
        Gesture(kind=GestureKind.SWEEP),
        Gesture(kind=GestureKind.KEY, text="Escape"),
    ),
)
"""Selkies 2.x, and gst-web of 1.x: of each pair of selectors the first is the new client's.

Both show a button only where the browser refuses autoplay. That of 1.x has no name: it stands alone in the overlay,
where a failed connection puts a text beside a button that reloads. Both have one container for picture and input.

Its page draws the pointer, so that moving it changes nothing on the desktop: a menu's entries do, as the pointer comes
and goes. Nothing is ever pressed while the menu is open but the key that closes it.
"""

CLIENTS = {client.name: client for client in (GENERIC, SELKIES)}
"""The presets by name."""
