"""What a user does at the desktop, parsed once from what the page sends."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONGEST_KEY = 32
"""Characters. The longest key name in the UI Events specification has 22."""


class EventKind(StrEnum):
    """The DOM events that the page forwards, by their own names."""

    POINTER_MOVE = "pointermove"  # the pointer is now at x, y
    POINTER_DOWN = "pointerdown"  # a button went down at x, y
    POINTER_UP = "pointerup"  # a button went up at x, y
    KEY_DOWN = "keydown"  # a key went down, or repeats
    KEY_UP = "keyup"  # a key went up


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent:
    """One input event, positions in pixels of the remote picture.

    Attributes:
        kind: What was done.
        x: Pixels from the left; 0 for keys.
        y: Pixels from the top; 0 for keys.
        button: `MouseEvent.button`: 0 left, 1 middle, 2 right.
        key: `KeyboardEvent.key`; empty for pointers.
        at: When the user did it, by the page's account, in seconds of Unix time; None where it gave none.
    """

    kind: EventKind
    x: int = 0
    y: int = 0
    button: int = 0
    key: str = ""
    at: float | None = None

    @property
    def detail(self) -> str:
        """The event's substance in a few characters, for the log."""
        match self.kind:
            case EventKind.KEY_DOWN | EventKind.KEY_UP:
                return self.key
            case EventKind.POINTER_MOVE:
                return f"{self.x},{self.y}"
            case EventKind.POINTER_DOWN | EventKind.POINTER_UP:
                return f"button {self.button} at {self.x},{self.y}"


def parse_event(text: str) -> UserEvent:
    """Parse one message of the input channel.

    Raises:
        ValueError: The message is not an event that the page could have sent.
    """
    content = json.loads(text)
    match content:
        case {"kind": str(kind), "key": str(key)}:
            return UserEvent(kind=EventKind(kind), key=key[:LONGEST_KEY], at=_time(content))
        case {"kind": str(kind), "x": int(x), "y": int(y), "button": int(button)}:
            return UserEvent(kind=EventKind(kind), x=x, y=y, button=button, at=_time(content))
        case _:
            raise ValueError("not an input event")


def _time(content: Mapping[str, Any]) -> float | None:
    match content:
        case {"at": int(at_ms) | float(at_ms)}:
            return at_ms / 1000
        case _:
            return None
