"""What must not be read in a log: values under telling names, secrets that were registered.

Works on plain data (strings, mappings, sequences) before it is rendered, so that no form of escaping hides a secret
from the search. A safety net: code that knows a secret does not hand it over in the first place.
"""

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from prober.domain.encodings import Shape, shapes_of, word_of

MASK = "***"

_TELLING = re.compile(
    r"passw(or)?d|passphrase|pwd|secret|token|authorization|cookie|credential|(api|access|private)[_-]?key|^auth$",
    re.IGNORECASE,
)
"""Names whose values are masked whatever they are."""

SHORTEST = 6
"""Shorter secrets are masked only where they stand alone, in characters: they are parts of ordinary words, and a log
that is masked at random tells nothing."""

SHORTEST_WORD = 4
"""Still shorter ones are not searched for at all, in characters: they are ordinary words."""

KEPT = 8
"""How many values of one secret are known, the last ones: runs that are under way had earlier ones, logs and the words
of others repeat them, and one that is replaced each hour would be searched for in thousands of values some day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    anchor: str
    pattern: re.Pattern[str]
    secret: str

    @classmethod
    def of(cls, shape: Shape, *, secret: str) -> "_Search":
        return cls(anchor=shape.anchor, pattern=re.compile(shape.pattern), secret=secret)


class Redactor:
    """Masks; may be asked in other threads than the one that tells it secrets."""

    def __init__(self) -> None:
        self._searches: tuple[_Search, ...] = ()
        self._held: dict[Hashable, tuple[str, ...]] = {}

    def mask(self, secret: str, *, of: Hashable = None) -> None:
        """Has a secret masked from now on wherever it appears, however it is encoded (`prober.domain.encodings`).

        Args:
            secret: The secret.
            of: Where it was read; of each such place the last few values are known. Without it, it is known for ever.
        """
        searched = secret.strip()
        if len(searched) < SHORTEST_WORD:
            return
        others = tuple(other for other in self._held.get(of, ()) if other != searched)
        # The last one read comes last; what has no place is never let go.
        self._held[of] = (*others, searched)[-KEPT if of is not None else 0 :]
        held = {one for several in self._held.values() for one in several}
        searches = [search for search in self._searches if search.secret in held]
        if not any(search.secret == searched for search in searches):
            shapes = (word_of(searched),) if len(searched) < SHORTEST else shapes_of(searched)
            searches += (_Search.of(shape, secret=searched) for shape in shapes)
        # The longest first: of two secrets one may begin like the other.
        self._searches = tuple(sorted(searches, key=lambda search: len(search.secret), reverse=True))

    def text(self, text: str) -> str:
        """Returns the text with every registered secret masked."""
        if len(text) < SHORTEST_WORD:
            return text
        for search in self._searches:
            if search.anchor in text:
                text = search.pattern.sub(MASK, text)
        return text

    def mapping(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the mapping with every secret in it masked, as plain data: other objects become their `repr`."""
        return {self.text(key): MASK if _TELLING.search(key) else self._value(value) for key, value in values.items()}

    def values(self, value: Any) -> Any:
        """Returns plain data, as JSON has it, with registered secrets masked in its texts and keys.

        A number that is a secret becomes the mask; one that has a secret's digits within it is none.
        """
        match value:
            case None | bool():
                return value
            case int() | float():
                return MASK if self.text(json.dumps(value)) == MASK else value
            case str():
                return self.text(value)
            case Mapping():
                return {self.text(key): self.values(inner) for key, inner in value.items()}
            case _:
                return [self.values(inner) for inner in value]

    def _value(self, value: object) -> object:
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self.text(value)
            case Mapping():
                return self.mapping({str(key): item for key, item in value.items()})
            case list() | tuple():
                return [self._value(item) for item in value]
            case _:
                return self.text(repr(value))
