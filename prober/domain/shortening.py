"""Making a document of plain data small enough, by cutting what is worth least first.

Works on what JSON knows: mappings, lists, texts. Keeps the document's shape, so that what was valid under a schema
stays so; which cuts there are, in which order, is the business of whoever owns the document.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TRUNCATED = "truncated"
"""The document's member that names what was cut."""

_MARK = "..."
_QUOTES = 2
_OPEN_MAPPINGS = frozenset({"timings", "facts"})
"""Members whose own members are data, not shape: they are counted as items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One way of making a document smaller.

    A path is written `steps[].notes`: `[]` stands for any item of a list.

    Attributes:
        where: The paths that it is made at and below; none is everywhere.
        items: How many items of each list are kept, the first ones; `None` keeps all.
        text_bytes: How long each text may be as JSON, in bytes; `None` keeps all of it.
        keep_end: Whether a text's end is kept, as of a log, not its beginning.
        dropped: Whether the members at these paths are left out altogether.
    """

    where: tuple[str, ...] = ()
    items: int | None = None
    text_bytes: int | None = None
    keep_end: bool = False
    dropped: bool = False

    def reaches(self, path: str) -> bool:
        """Tells whether something at that path is cut."""
        return not self.where or any(
            path == place or path.startswith((f"{place}.", f"{place}[")) for place in self.where
        )


def size(document: Any) -> int:
    """Returns how many bytes a document has as JSON, by the longest form: non-ASCII characters as their escapes."""
    return len(json.dumps(document))


def bounded(document: dict[str, Any], *, cuts: Sequence[Cut], most_bytes: int) -> dict[str, Any]:
    """Returns the document with `truncated`: the paths that were cut, in order; empty where it fitted as it was.

    Args:
        document: What may be too large.
        cuts: Made in this order until it fits.
        most_bytes: How large it may be, `truncated` included, as `size` counts.
    """
    paths: set[str] = set()
    marked = {**document, TRUNCATED: []}
    for cut in cuts:
        if size(marked) <= most_bytes:
            break
        document = _members(document, path="", cut=cut, paths=paths)
        marked = {**document, TRUNCATED: sorted(paths)}
    return marked


def _shortened(value: Any, *, path: str, cut: Cut, paths: set[str]) -> Any:
    match value:
        case str():
            return _text(value, path=path, cut=cut, paths=paths)
        case list():
            kept = value[: _items(cut, path)]
            _note(len(kept) < len(value), path=path, paths=paths)
            return [_shortened(item, path=f"{path}[]", cut=cut, paths=paths) for item in kept]
        case dict():
            return _members(value, path=path, cut=cut, paths=paths)
        case _:
            return value


def _members(mapping: dict[str, Any], *, path: str, cut: Cut, paths: set[str]) -> dict[str, Any]:
    if path.rpartition(".")[2] in _OPEN_MAPPINGS:
        kept = dict(list(mapping.items())[: _items(cut, path)])
        _note(len(kept) < len(mapping), path=path, paths=paths)
        return {key: _shortened(value, path=path, cut=cut, paths=paths) for key, value in kept.items()}
    below = {key: f"{path}.{key}" if path else key for key in mapping}
    gone = {key for key in mapping if cut.dropped and cut.reaches(below[key])}
    paths |= {below[key] for key in gone}
    return {
        key: _shortened(value, path=below[key], cut=cut, paths=paths)
        for key, value in mapping.items()
        if key not in gone
    }


def _items(cut: Cut, path: str) -> int | None:
    return cut.items if cut.reaches(path) else None


def _note(was_cut: bool, *, path: str, paths: set[str]) -> None:  # noqa: FBT001 - reads as a condition where it is called
    if was_cut:
        paths.add(path)


def _text(text: str, *, path: str, cut: Cut, paths: set[str]) -> str:
    if cut.text_bytes is None or not cut.reaches(path) or size(text) <= cut.text_bytes:
        return text
    paths.add(path)
    room = cut.text_bytes - _QUOTES - len(_MARK)
    kept = _part(text, room, cut=cut)
    while (taken := size(kept) - _QUOTES) > room:
        # At least one character less each time; for plain texts none is needed, for escapes one or two rounds.
        kept = _part(kept, min(len(kept) - 1, len(kept) * room // taken), cut=cut)
    return f"{_MARK}{kept}" if cut.keep_end else f"{kept}{_MARK}"


def _part(text: str, length: int, *, cut: Cut) -> str:
    return text[len(text) - length :] if cut.keep_end and length < len(text) else text[:length]
