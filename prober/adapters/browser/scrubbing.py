"""Takes out of texts what must not leave a page: credentials, addresses, what URLs carry.

Pages write to their console what they like, session descriptions included. What is known to be secret is masked by
whoever knows it, through the function that is given; what looks like a secret is masked here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

Mask: TypeAlias = Callable[[str], str]
"""Returns a text without the secrets that are known."""

MASK = "***"

LONGEST_TEXT = 2000
"""Characters of one text that are kept: a message with the first frames of its stack."""

LONGEST_URL = 500
"""Characters of a URL that are kept."""

_MOST_READ = 8000
"""Characters of one text that are looked at at all: they take a millisecond at most (measured), in which nothing else
goes on."""

_EDGE = 4000
"""Characters that go from the end of a text that was not read to its end: a secret that was cut there would not be
known again. Longer than any secret."""

_URL = re.compile(r"\b(?:https?|wss?|ftp|blob:https?)://[^\s\"'<>)\]}]+", re.IGNORECASE)
_TELLING = re.compile(
    r"((?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|authorization|cookie|credential|api_?key|ice-ufrag|ice-pwd|"
    r"usernameFragment|ufrag|username)[\w-]{0,40}[\\\"']{0,4}\s{0,4}[:=]\s{0,4}[\\\"']{0,4})"
    r"(?:(?:bearer|basic|digest)\s{1,4})?[^\s\"'\\,;&}]+",
    re.IGNORECASE,
)
"""Values under telling names, as headers, forms, JSON and session descriptions have them."""

_SCHEME = re.compile(r"\b(bearer|basic|digest|negotiate)\s{1,4}[\w+/.~-]{6,}=*", re.IGNORECASE)
"""Credentials as an Authorization header has them, wherever they stand: the Basic form of a password is none that the
mask knows."""

_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")
_COOKIES = re.compile(r"((?:set-)?cookie2?[\\\"']{0,4}\s{0,4}[:=]\s{0,4})[^\r\n]+", re.IGNORECASE)
_TURN_USER = re.compile(r"\b(turns?:)[^@\s]{1,500}@", re.IGNORECASE)
_FRAGMENT = re.compile(r"\bufrag \S+")
_CANDIDATE = re.compile(r"\bcandidate:\S{1,64} \d{1,5} (\w{1,8}) \d{1,12} \S{1,64} \d{1,5} typ (\w{1,8})[^\"'\\\r\n]*")
_KEY = re.compile(r"\b(?:a=crypto:|inline:)[^\"'\\\r\n]*")
_IPV4 = re.compile(r"(?<![\w./@-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(
    r"(?<![\w:./\[])(?:(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}|"
    r"(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,5})?)(?![\w:])",
    re.IGNORECASE,
)


class Scrubber:
    """Scrubs with what is known to be secret."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def text(self, text: str) -> str:
        """Returns what may be kept of a text that a page wrote, shortened."""
        read = self._mask(text[:_MOST_READ])
        if len(text) > _MOST_READ:
            read = read[:-_EDGE]
        read = _CANDIDATE.sub(rf"candidate:{MASK} \1 typ \2", read)
        read = _URL.sub(lambda found: _bare(found[0]), read)
        read = _JWT.sub(MASK, _COOKIES.sub(rf"\1{MASK}", read))
        read = _TURN_USER.sub(rf"\1{MASK}@", _SCHEME.sub(rf"\1 {MASK}", read))
        read = _TELLING.sub(rf"\1{MASK}", _FRAGMENT.sub(f"ufrag {MASK}", _KEY.sub(MASK, read)))
        read = _IPV6.sub(MASK, _IPV4.sub(MASK, read))
        return _cut(read, LONGEST_TEXT)

    def url(self, url: str) -> str:
        """Returns a URL without user, query and fragment, shortened; of one that carries its content, the scheme."""
        return _cut(_bare(self._mask(url[:_MOST_READ])), LONGEST_URL)

    def plain(self, value: Any) -> Any:
        """Returns plain data of our own making with every known secret masked in its texts."""
        if isinstance(value, str):
            return self._mask(value)
        if isinstance(value, Mapping):
            return {name: self.plain(inner) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.plain(inner) for inner in value]
        return value


def _bare(url: str) -> str:
    scheme, colon, rest = url.partition(":")
    if colon and not rest.startswith("//"):
        inner = f":{_bare(rest)}" if scheme == "blob" else ":"
        return scheme[:20] + inner
    try:
        parts = urlsplit(url)
    except ValueError:  # an address that is none
        return f"{scheme[:20]}:"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
