"""Looks for a secret in what was written or served, in whatever form it is there.

Nothing of the prober's own is used: it encodes what it knows and looks for that, so here what was written is decoded,
again and again, and the secret looked for in all that comes out; a blind spot of one is none of the other. A part of a
secret is one too.
"""

import binascii
import gzip
import html
import io
import json
import re
import sqlite3
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

PART = 10
"""How much of a secret's beginning or end is one already, in characters."""

_DEEPEST = 4
"""How often what is packed or encoded is looked into."""

_MOST_VIEWS = 400
"""How many readings of one text are looked at."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_LIKE_BASE64 = {ord("-"): ord("+"), ord("_"): ord("/")}
_ESCAPE = re.compile(r"\\\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def places_of(secret: str, content: bytes, *, name: str) -> list[str]:
    """Returns where a secret, or a part of it, is in some bytes; empty where it is nowhere."""
    if len(secret) <= PART:
        raise ValueError(f"of a secret of {len(secret)} characters no part can be told from other words")
    return sorted({place for place, text in _unpacked(content, name=name, depth=0) if _is_in(secret, text)})


def files_below(folder: Path) -> dict[str, bytes]:
    """Returns the content of all files below a folder by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _is_in(secret: str, content: bytes) -> bool:
    parts = (secret[:PART], secret[-PART:])
    return any(part in view for view in _views(content.decode(errors="replace")) for part in parts)


def _views(text: str) -> Iterator[str]:
    """Yields a text, decoded in every way, and each of these again."""
    waiting, seen = [(text, 0)], {text}
    while waiting and len(seen) < _MOST_VIEWS:
        now, depth = waiting.pop(0)
        yield now
        for decode in _DECODINGS if depth < _DEEPEST - 1 else ():
            view = decode(now)
            if view not in seen:
                seen.add(view)
                waiting.append((view, depth + 1))


def _unescaped(text: str) -> str:
    def sign(found: re.Match[str]) -> str:
        code, byte, letter = found.groups()
        return chr(int(code or byte, 16)) if code or byte else _LETTERS.get(letter, letter)

    return _ESCAPE.sub(sign, text)


_DECODINGS: tuple[Callable[[str], str], ...] = (
    unquote,
    lambda text: unquote(text.replace("+", " ")),
    html.unescape,
    _unescaped,
)


def _unpacked(content: bytes, *, name: str, depth: int) -> Iterator[tuple[str, bytes]]:
    """Yields what there is to be read: the bytes, what is packed in them, what is encoded in them."""
    yield name, content
    if depth < _DEEPEST:
        for inner, packed in _packed(content):
            yield from _unpacked(packed, name=f"{name}!{inner}", depth=depth + 1)
    for form in (content, unquote(content.decode(errors="replace")).encode(), content.replace(b"\\/", b"/")):
        yield f"{name}!base64", b"\n".join(_from_base64(form))


def _packed(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content.startswith(b"\x1f\x8b"):
        yield "gzip", gzip.decompress(content)
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield member, archive.read(member)
    elif content.startswith(b"SQLite format 3\0"):
        yield from _rows(content)
    elif content[:1] in (b"{", b"["):
        for text in filter(None, map(_json, (content, *content.splitlines()))):
            yield "json", text


def _rows(content: bytes) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(":memory:")) as database:
        # The write-ahead log is a file of its own: without it the database is read as any other.
        database.deserialize(content[:18] + b"\1\1" + content[20:])
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name that the database gave
                for value in row:
                    yield table, value if isinstance(value, bytes) else str(value).encode()


def _json(content: bytes) -> bytes:
    """Returns all texts of a JSON document, decoded."""
    try:
        return "\n".join(_texts(json.loads(content))).encode(errors="replace")
    except ValueError:
        return b""


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _from_base64(content: bytes) -> Iterator[bytes]:
    """Yields what everything decodes to that may be base64, at each alignment."""
    for found in _BASE64.findall(content):
        signs = bytes(_LIKE_BASE64.get(sign, sign) for sign in found)
        for begin in range(4):
            some = signs[begin:]
            try:
                yield b64decode(
                    some[: len(some) // 4 * 4] + (b"" if len(some) % 4 < 2 else some[-(len(some) % 4) :] + b"==")
                )
            except (binascii.Error, zlib.error):
                continue
