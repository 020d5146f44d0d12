"""What may be told of a URL: where it leads, and nothing that it carries.

Pure. User, query, fragment and the parameters of path segments (`;jsessionid=...`) go whole. Of the path stays what is
a name; a segment that looks like a token is masked. Names of sessions are words, numbers and a short random end, so
what has words apart by dashes is a name; so is a UUID, which the platform may name a session by. A token of such a
form, or a short one, is not known.
"""

import re
from itertools import pairwise
from urllib.parse import unquote, urlsplit

MASK = "***"

_LONGEST_SCHEME = 20
_MOST_NESTED = 3
"""URLs within one another that are looked into: `blob:`, `view-source:`."""

_NESTING = frozenset({"blob", "filesystem", "view-source"})

_UUID = re.compile(r"\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{5,}")
_HEXADECIMAL = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_ASSET = re.compile(
    r"\.(?:avif|css|gif|html?|ico|jpe?g|js|json|map|mjs|png|svg|ttf|wasm|webm|webp|woff2?)\Z", re.IGNORECASE
)
"""Files of a page, whose names often have a hash of their content."""

_LONG = 16
"""Letters and digits in a row from which on a piece may be a token, in characters: shorter ones are ends of names."""

_VERY_LONG = 24
"""From which on letters with digits among them are one, whatever their order."""

_LEAST_CHANGES = 1 / 3
"""Of all neighbours, the share that differ in kind (small letter, capital, digit): random ones do in half of all cases,
words written together in one of six."""


def bare(url: str) -> str:
    """Returns scheme, host, port and path of a URL; of one without a host, such as `data:`, the scheme."""
    return _bare(url, depth=0)


def looks_like_token(segment: str) -> bool:
    """Tells whether one segment of a path looks random, rather than named."""
    plain = unquote(segment)
    if _JWT.search(plain):
        return True
    if _UUID.fullmatch(plain) or _ASSET.search(plain):
        return False
    pieces = _PIECE.findall(plain)
    whole = "".join(pieces)
    return any(map(_is_random, pieces)) or (_has_all_kinds(whole) and len(whole) >= _LONG and _changes(whole))


def _bare(url: str, *, depth: int) -> str:
    scheme, colon, rest = url.partition(":")
    if not colon:
        return _path(re.split(r"[?#]", url, maxsplit=1)[0])
    if not rest.startswith("//"):
        nested = scheme.lower() in _NESTING and depth < _MOST_NESTED
        return f"{scheme[:_LONGEST_SCHEME]}:{_bare(rest, depth=depth + 1) if nested else ''}"
    try:
        parts = urlsplit(url)
    except ValueError:  # an address that is none
        return f"{scheme[:_LONGEST_SCHEME]}:"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{_path(parts.path)}"


def _path(path: str) -> str:
    return "/".join(map(_segment, path.split("/")))


def _segment(segment: str) -> str:
    named = re.split(";|%3b", segment, maxsplit=1, flags=re.IGNORECASE)[0]
    return MASK if looks_like_token(named) else named


def _is_random(piece: str) -> bool:
    if len(piece) < _LONG or piece.isalpha() or piece.isdigit():
        return len(piece) >= _LONG and _changes(piece)
    return len(piece) >= _VERY_LONG or bool(_HEXADECIMAL.fullmatch(piece)) or _changes(piece)


def _has_all_kinds(text: str) -> bool:
    return any(map(str.islower, text)) and any(map(str.isupper, text)) and any(map(str.isdigit, text))


def _changes(text: str) -> bool:
    changed = sum(_kind(one) != _kind(other) for one, other in pairwise(text))
    return changed >= _LEAST_CHANGES * (len(text) - 1)


def _kind(sign: str) -> str:
    return "digit" if sign.isdigit() else "capital" if sign.isupper() else "small"
