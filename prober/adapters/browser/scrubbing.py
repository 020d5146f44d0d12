"""Takes out of texts what must not leave a page: credentials, addresses, what URLs carry.

Pages write to their console what they like, session descriptions included. What is known to be secret is masked by
whoever knows it, through the function that is given; what looks like a secret in any text is known by the domain
(`prober.domain.masking`), what does so in the texts of pages is known here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from prober.domain.masking import EDGE, IS, MASK, NAMES, QUOTED, VALUE, Mask, has_names, masked
from prober.domain.urls import bare

LONGEST_TEXT = 2000
"""Characters of one text that are kept: a message with the first frames of its stack."""

LONGEST_URL = 500
"""Characters of a URL that are kept."""

_MOST_READ = 8000
"""Characters of one text that are looked at at all: they take two milliseconds at most (measured), in which nothing
else goes on."""

_URL = re.compile(
    r"\b(?:https?|wss?|ftp|blob:https?|filesystem:https?)://(?:(?!\b(?:https?|wss?)://)[^\s\"'<>])+", re.IGNORECASE
)
"""A URL to its end, which is a blank or a quote: brackets may be a part of it."""

_CLOSING = re.compile(r"[)\]}]{0,8}[.,;:]?\Z")
"""What stands around a URL rather than in it, at its end."""

_ENCODED_URL = re.compile(r"\b(?:https?|wss?)%(?:25){0,3}3a[^\s\"'<>&]+", re.IGNORECASE)
"""A URL within another one."""

_MOST_ENCODED = 4
"""How often one may be encoded."""

_QUERY = re.compile(r"((?<![\w.~%/-])\.{0,2}/[\w.~%/-]{0,500}|(?<=[\w/~%-])(?=\?[\w.~%\[\]-]{1,60}=))\?[^\s\"'<>]+")
"""The query of a URL without a host: after a path, or by its form."""

_PATH_PARAMETER = re.compile(r"(;|%3b)((?:j|php)?sess(?:ion)?_?id=)[^\s\"'<>/?;]+", re.IGNORECASE)

_ICE = re.compile(rf"((?:ice-ufrag|ice-pwd|usernameFragment|ufrag|username)[\w-]{{0,40}}{IS}){VALUE}", re.IGNORECASE)
"""Names of what ICE and TURN keep secret, as session descriptions and JSON have them."""

_QUOTE = r"\\{0,3}[\"']"

_LISTED = re.compile(
    rf"((?:{NAMES}|authorization|cookie){_QUOTE}\s{{0,3}},\s{{0,3}})(?!{_QUOTE}[\w-]{{1,40}}{_QUOTE}\s{{0,3}}:){QUOTED}",
    re.IGNORECASE,
)
"""A name and its value one after the other in a list, as headers often are."""

_PAIR = re.compile(r"[\"']\s{0,3},\s{0,3}[\\\"']")

_SAID = re.compile(
    r"\b((?:pass(?:word|wd|phrase|code)?|token|secret|pwd)s?\s{1,4})(?=[^\s\d]{0,80}\d)(?=[^\sA-Za-z]{0,80}[A-Za-z])\S{6,}",
    re.IGNORECASE,
)
"""A name and what may be its value one after the other, as a console joins what it is given; words of a sentence have
no digits."""

_SCHEME = re.compile(r"\b(bearer|basic|digest|negotiate)\s{1,4}[\w+/.~-]{6,}=*", re.IGNORECASE)
"""Credentials as an Authorization header has them, wherever they stand."""

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


def _bare(found: re.Match[str]) -> str:
    closing = _CLOSING.search(found[0])
    end = closing.start() if closing else len(found[0])
    return bare(found[0][:end]) + found[0][end:]


def _decoded(found: re.Match[str]) -> str:
    url = found[0]
    for _ in range(_MOST_ENCODED):
        url = unquote(url)
    return bare(url)


_RULES: tuple[tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    ("candidate:", _CANDIDATE, rf"candidate:{MASK} \1 typ \2"),
    ("://", _URL, _bare),
    ("%", _ENCODED_URL, _decoded),
    ("=", _PATH_PARAMETER, rf"\1\2{MASK}"),
    ("?", _QUERY, rf"\1?{MASK}"),
    ("@", _TURN_USER, rf"\1{MASK}@"),
    (":", _KEY, MASK),
    ("frag", _FRAGMENT, f"ufrag {MASK}"),
    ("", _ICE, rf"\1{MASK}"),
    (" ", _SCHEME, rf"\1 {MASK}"),
)
"""In order: a sign without which there is nothing to be found, what is looked for, what stands there instead."""


class Scrubber:
    """Scrubs with what is known to be secret."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def text(self, text: str) -> str:
        """Returns what may be kept of a text that a page wrote, shortened."""
        read = self._mask(text[:_MOST_READ])
        if len(text) > _MOST_READ:
            read = read[:-EDGE]
        for sign, pattern, masking in _RULES:
            if sign in read:
                read = pattern.sub(masking, read)
        if has_names(read):
            read = _SAID.sub(rf"\1{MASK}", _LISTED.sub(rf"\1{MASK}", read) if _PAIR.search(read) else read)
        read = _IPV6.sub(MASK, _IPV4.sub(MASK, masked(read)))
        return _cut(read, LONGEST_TEXT)

    def url(self, url: str) -> str:
        """Returns a URL without user, query and fragment, shortened; of one that carries its content, the scheme."""
        return _cut(bare(self._mask(url[:_MOST_READ])), LONGEST_URL)

    def plain(self, value: Any) -> Any:
        """Returns plain data of our own making with every known secret masked in its texts."""
        if isinstance(value, str):
            return self._mask(value)
        if isinstance(value, Mapping):
            return {name: self.plain(inner) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.plain(inner) for inner in value]
        return value


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
