"""What must not be read in a log: values under telling names, secrets that were registered.

Works on plain data (strings, mappings, sequences) before it is rendered, so that no form of escaping hides a secret
from the search. A safety net: code that knows a secret does not hand it over in the first place.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

MASK = "***"

_TELLING = re.compile(r"passw(or)?d|passphrase|secret|token|authorization|cookie|credential|api_?key", re.IGNORECASE)
"""Names whose values are masked whatever they are."""

_SHORTEST = 6
"""Shorter secrets are not searched for, in characters: they are parts of ordinary words, and a log that is masked at
random tells nothing."""


class Redactor:
    """Masks."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def mask(self, secret: str) -> None:
        """Has a secret masked from now on wherever it appears, percent-encoded or in JSON too."""
        if len(secret) >= _SHORTEST:
            escaped = (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
            self._secrets |= {secret, quote(secret, safe=""), *escaped}

    def text(self, text: str) -> str:
        """Returns the text with every registered secret masked."""
        # The longest first: of two secrets one may begin like the other.
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text

    def mapping(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the mapping with every secret in it masked, as plain data: other objects become their `repr`."""
        return {self.text(key): MASK if _TELLING.search(key) else self._value(value) for key, value in values.items()}

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
