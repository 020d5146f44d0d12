"""What a hand does on the desktop, as a person writes it: `right_click`, `{key: Escape}`, `{type: hello}`."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from prober.app.config.models.base import refusal
from prober.app.config.spelling import nearest
from prober.domain.client import Gesture, GestureKind

_POINTER = (GestureKind.CIRCLE, GestureKind.SWEEP, GestureKind.CLICK, GestureKind.RIGHT_CLICK)
_MIXED = "write right_click, click, circle, sweep, {key: Escape} or {type: hello}"

_MODIFIERS = ("Alt", "Control", "Meta", "Shift")
_KEYS = (
    *("ArrowDown", "ArrowLeft", "ArrowRight", "ArrowUp", "Backspace", "CapsLock", "ContextMenu", "Delete", "End"),
    *("Enter", "Escape", "Home", "Insert", "NumLock", "PageDown", "PageUp", "Pause", "PrintScreen", "ScrollLock"),
    *("Space", "Tab", *(f"F{number}" for number in range(1, 13))),
    *_MODIFIERS,
)
"""The keys that have a name instead of a character, by UI Events KeyboardEvent.key; only the space bar has none."""

KEY_PATTERN = rf"(({'|'.join(_MODIFIERS)})\+)*({'|'.join(_KEYS)}|[!-~])"
"""A key, or a chord."""


def _key(text: str) -> Gesture:
    if re.fullmatch(KEY_PATTERN, text):
        return Gesture(kind=GestureKind.KEY, text=text)
    *modifiers, last = text.split("+")
    close = nearest(last, among=_KEYS)
    spelt = [nearest(modifier, among=_MODIFIERS) for modifier in modifiers]
    mend = f"write {'+'.join(filter(None, (*spelt, close)))}" if close else "write it like Escape, a or Control+Alt+T"
    raise refusal("names no key", mend=mend)


def _gesture(value: Any) -> Gesture:
    """Returns a gesture by its name, or by the only key of its mapping."""
    if isinstance(value, str):
        if value in _POINTER:
            return Gesture(kind=GestureKind(value))
        close = nearest(value, among=_POINTER)
        raise refusal("is no gesture", mend=f"write {close}" if close else _MIXED)
    match value:
        case {"key": str(text), **rest} if text and not rest:
            return _key(text)
        case {"type": str(text), **rest} if text and not rest:
            return Gesture(kind=GestureKind.TYPE, text=text)
    raise refusal("is no gesture", mend=_MIXED)


def listed(value: Any) -> Any:
    """Returns one thing as a list of one; what may be given once or several times is written either way."""
    return [value] if isinstance(value, str | dict) else value


def _only(key: str, **text: Any) -> dict[str, Any]:
    said = {"type": "string", **text}
    return {"type": "object", "properties": {key: said}, "required": [key], "additionalProperties": False}


_ONE_SCHEMA = {
    "anyOf": [
        {"enum": [kind.value for kind in _POINTER]},
        _only("key", pattern=f"^(?:{KEY_PATTERN})$"),
        _only("type", minLength=1),
    ]
}

_One = Annotated[Gesture, PlainValidator(_gesture), WithJsonSchema(_ONE_SCHEMA)]


def _one_or(several: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [_ONE_SCHEMA, {"type": "array", "items": _ONE_SCHEMA, **several}]})


Gestures = Annotated[tuple[_One, ...], Field(strict=False), BeforeValidator(listed), _one_or({})]
"""Any number of gestures."""

SomeGestures = Annotated[
    tuple[_One, ...], Field(strict=False, min_length=1), BeforeValidator(listed), _one_or({"minItems": 1})
]
"""At least one gesture."""
