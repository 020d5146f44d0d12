"""Objects as the API server returned them, fit to be kept.

Pure. What was asked for is kept whole, down to the fields that nobody here knows, but for four things: the
bookkeeping of who manages which field, values of Secrets, what looks like a secret, and what is too long. Annotations
with the manifest that kubectl applied go as well: they repeat all of it in one text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from prober.adapters.kubernetes.resources import SECRETS, Resource
from prober.adapters.kubernetes.views import metadata_of
from prober.domain.masking import MASK, masked
from prober.domain.seen import Manifest

MOST_CHARACTERS = 24 * 1024
"""How much of one object is kept, in characters: twice a Pod with many variables and volumes."""

TEXT_LENGTH = 1000
"""How much of one text is kept, in characters: a script in a container's arguments is told by its beginning."""

_READ_LENGTH = 4 * TEXT_LENGTH
"""How much of one text is searched for secrets, in characters."""

_DEEPEST = 24
"""How deep objects are nested at most: an affinity of a Pod goes ten deep."""

_OVERHEAD = 8
"""What a value costs beside its own characters: indentation, quotes."""

_LEFT_OUT = frozenset({"managedFields", "kubectl.kubernetes.io/last-applied-configuration"})

_HARMLESS = frozenset({"secretName", "secretNamespace", "tokenExpirationSeconds"})
"""Keys that tell of a secret and hold none."""

_REFERENCES = frozenset({"imagePullSecrets", "secret", "secretKeyRef", "secretRef", "serviceAccountToken"})
"""Kubernetes' own keys whose objects say where a secret is."""

_VARIABLE = re.compile(
    r"(?:^|[_.-])(?:auth|cred|creds|dsn|key|pass|passwd|phrase|pin|private|pw|pwd|salt|signature)(?:$|[_.-])",
    re.IGNORECASE,
)
"""Names of variables that texts would not be searched for: there they are words like others."""

_OPTION = re.compile(r"--?[A-Za-z][\w.-]*")

Raw = Mapping[str, Any]


def manifest_of(raw: Raw, *, kind: Resource) -> tuple[Manifest, bool]:
    """Returns an object fit to be kept, and whether there was more of it; items of a list do not name their kind."""
    copy = _Copy(secret=kind.kind == SECRETS.kind)
    content = copy.mapping({"apiVersion": kind.api_version, "kind": kind.kind, **raw}, depth=0)
    name = metadata_of(raw).get("name")
    text = json.dumps(content, ensure_ascii=False)
    return Manifest(kind=kind.kind, name=masked(str(name or "")), text=text), copy.cut


def manifests_of(found: Sequence[Raw], *, kind: Resource) -> list[tuple[Manifest, bool]]:
    """Returns the same of several objects of a kind."""
    return [manifest_of(raw, kind=kind) for raw in found]


class _Copy:
    """A copy of one object in the making.

    Attributes:
        cut: Whether something of it was left out for its length.
    """

    def __init__(self, *, secret: bool) -> None:
        self.cut = False
        self._secret = secret
        self._room = MOST_CHARACTERS

    def mapping(self, raw: Raw, *, depth: int) -> dict[str, Any]:
        named = raw.get("name") or raw.get("key")
        copied: dict[str, Any] = {}
        for key, value in raw.items():
            if key in _LEFT_OUT:
                continue
            if not self._take(len(key)):
                break
            hidden = self._hides(key, value, depth=depth) or (key == "value" and _names_a_secret(named))
            copied[masked(key)] = _hidden(value) if hidden else self._value(value, depth=depth + 1)
        return copied

    def _hides(self, key: str, value: Any, *, depth: int) -> bool:
        if self._secret and depth == 0 and key in {"data", "stringData"}:
            return True
        refers = key in _HARMLESS or (key in _REFERENCES and isinstance(value, (Mapping, list)))
        return not refers and _is_telling(key)

    def _value(self, value: Any, *, depth: int) -> Any:
        if depth > _DEEPEST:
            self.cut = True
            return None
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return self.mapping(value, depth=depth)
        if isinstance(value, list):
            return self._list(value, depth=depth)
        return value

    def _list(self, items: Sequence[Any], *, depth: int) -> list[Any]:
        copied: list[Any] = []
        asked = False
        for item in items:
            if not self._take(1):
                break
            # `[--password, what it is]`: the option is an item of its own.
            copied.append(_hidden(item) if asked else self._value(item, depth=depth))
            asked = isinstance(item, str) and _OPTION.fullmatch(item) is not None and _names_a_secret(item.lstrip("-"))
        return copied

    def _text(self, text: str) -> str:
        kept = masked(text[:_READ_LENGTH])
        more = max(0, len(text) - _READ_LENGTH) + max(0, len(kept) - TEXT_LENGTH)
        self._take(min(len(kept), TEXT_LENGTH))
        if not more:
            return kept
        self.cut = True
        return f"{kept[:TEXT_LENGTH]}... ({more} more characters)"

    def _take(self, characters: int) -> bool:
        """Takes so much of the room that is left; tells whether there was any."""
        if self._room <= 0:
            self.cut = True
            return False
        self._room -= characters + _OVERHEAD
        return True


def _hidden(value: Any) -> Any:
    """Returns a value of which the keys alone are shown."""
    if isinstance(value, Mapping):
        return {masked(str(key)): _hidden(inner) for key, inner in list(value.items())[:100]}
    if isinstance(value, list):
        return [_hidden(item) for item in value[:100]]
    return value if value is None or isinstance(value, bool) else MASK


def _names_a_secret(name: object) -> bool:
    return isinstance(name, str) and (_VARIABLE.search(name) is not None or _is_telling(name))


@lru_cache(maxsize=2048)
def _is_telling(name: str) -> bool:
    """Tells whether a text that assigns to this name would be masked."""
    assignment = f"{name[:200]}=assigned-here"
    return masked(assignment) != assignment
