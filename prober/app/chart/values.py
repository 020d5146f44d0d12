"""The chart's values with the comments above them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

_KEY = re.compile(r"(?P<indent> *)(?P<name>[A-Za-z][A-Za-z0-9]*):(?= |$)")
_COMMENT = re.compile(r" *# ?(?:-- )?(?P<text>.*)")
_MARK = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value.

    Attributes:
        path: Its keys from the root.
        default: What values.yaml has.
        text: The comment above it, without its marks.
        marks: `open`: other keys are welcome; `configuration`: the prober's own file; `secret-keys`: references to keys
            of Secrets by the names of variables.
    """

    path: tuple[str, ...]
    default: Any
    text: str
    marks: frozenset[str]


def read_values(text: str) -> list[Value]:
    """Returns all values in the file's order, mappings before what is in them.

    Args:
        text: A values.yaml in which each key stands in a line of its own or within braces; what is within braces is
            part of its key's value.

    Raises:
        KeyError: The file is no mapping of mappings.
    """
    return list(_values(text, yaml.safe_load(text)))


def _values(text: str, data: dict[str, Any]) -> Iterator[Value]:
    above: list[str] = []
    stack: list[tuple[int, str]] = []
    for line in text.splitlines():
        if comment := _COMMENT.fullmatch(line):
            above.append(comment["text"].strip())
        elif key := _KEY.match(line):
            indent = len(key["indent"])
            stack = [(depth, name) for depth, name in stack if depth < indent]
            stack.append((indent, key["name"]))
            path = tuple(name for _, name in stack)
            marks = frozenset(word[1:] for word in above if word.startswith(_MARK))
            words = " ".join(word for word in above if not word.startswith(_MARK))
            yield Value(path=path, default=_at(data, path), text=words, marks=marks)
            above = []
        else:
            above = []


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        data = data[name]
    return data
