"""How a text looks once something has encoded it: in a URL, in JSON, in HTML, in base64.

Pure. For whoever searches texts for what must not be in them: a login form sends a password percent-encoded, a Basic
header in base64, a page's script in JSON within JSON, each in variants of its own. One pattern finds all of them, in
any mixture; a plain piece that no encoding changes tells at once where it is not worth trying.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from html.entities import codepoint2name
from itertools import groupby

_PLAIN = re.compile(r"[A-Za-z0-9]+")
"""What every encoding but base64 leaves alone; careful ones escape all else."""

_BACKSLASH = r"(?:\\|%(?:25){0,3}5[cC])"
_ESCAPES = f"{_BACKSLASH}{{1,8}}"
"""What begins an escape: one backslash, twice as many for each text that is quoted within another one."""

_ESCAPED = {"\\": 1, '"': 1, "/": 1, "'": 2}
"""What may have an escape before it, and how many of it one may have become: YAML doubles apostrophes."""

_SHORT_ESCAPES = {"\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r"}
_PERCENT = "%(?:25){0,3}"
_AMPERSAND = "&(?:amp;){0,3}"

_MOST_BLANKS = 8
"""Blanks that may stand where a text has one: whoever makes a line of several squeezes or indents."""

_BITS_OF_A_BYTE = 8
_BITS_OF_A_SIGN = 6
_ALIGNMENTS = 3
"""Bytes of a group of base64: as many ways there are for a text to be encoded behind another one."""

_BASE64_SIGN = r"(?:[\w+/-]|%2[bBfF]|\\/)"
_BASE64_END = r"(?:=|%3[dD]|\\u003[dD]){0,2}"

_BEFORE_WORD = r"(?<![\w/-])(?<!\w\.)"
_AFTER_WORD = r"(?![\w/-]|\.\w)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Some of the forms of a text.

    Attributes:
        pattern: A regular expression that finds them.
        anchor: A piece that each of them has; empty where there is no such piece.
    """

    pattern: str
    anchor: str


def shapes_of(text: str) -> tuple[Shape, ...]:
    """Returns what finds a text wherever it stands: verbatim, percent-encoded, in JSON, in HTML, in base64.

    Args:
        text: What is searched for, without blanks at its ends; six characters or more, else much else is found too.
    """
    return (_escaped(text), *(_in_base64(text, before=before) for before in range(_ALIGNMENTS)))


def word_of(text: str) -> Shape:
    """Returns what finds a short text where it stands alone, verbatim, percent-encoded, in JSON or in HTML.

    A part of a name, an address, a path or a number with a point is none: too many texts are.
    """
    shape = _escaped(text)
    return Shape(pattern=f"{_BEFORE_WORD}(?:{shape.pattern}){_AFTER_WORD}", anchor=shape.anchor)


def _escaped(text: str) -> Shape:
    pieces = (_run(list(run), blank=blank) for blank, run in groupby(text, key=str.isspace))
    return Shape(pattern="".join(pieces), anchor=_longest_plain(text))


def _run(signs: list[str], *, blank: bool) -> str:
    if not blank:
        return "".join(map(_sign, signs))
    one = "|".join((r"\s", r"\+", *(form for sign in dict.fromkeys(signs) for form in _encoded(sign))))
    return f"(?:{one}){{1,{max(_MOST_BLANKS, len(signs))}}}"


def _sign(sign: str) -> str:
    """Returns the pattern of one character."""
    if _PLAIN.fullmatch(sign):
        return re.escape(sign)
    # The sign itself comes last: it may be how an encoding of it begins.
    forms = "|".join((*_encoded(sign), re.escape(sign)))
    if sign in _ESCAPED:
        return f"(?:{_BACKSLASH}{{0,4}}(?:{forms})){{1,{_ESCAPED[sign]}}}"
    return f"(?:{forms})"


def _encoded(sign: str) -> tuple[str, ...]:
    """Returns the patterns of one character's encodings."""
    point, data = ord(sign), sign.encode("utf-8", "surrogatepass")
    named = "".join(f"|{name}" for name in (codepoint2name.get(point), "apos" if sign == "'" else None) if name)
    forms = [
        _bytes(data, mark=_PERCENT),
        "".join(f"{_ESCAPES}u{_hex(f'{unit:04x}')}" for unit in _utf16(sign)),
        _bytes(data, mark=rf"{_ESCAPES}x"),
        f"{_AMPERSAND}(?:#0{{0,4}}{point}|#[xX]0{{0,4}}{_hex(f'{point:x}')}{named});",
    ]
    if len(data) > 1 and point < 1 << _BITS_OF_A_BYTE:  # as encoders do that know Latin-1 only, and Python's `repr`
        forms += [_bytes(bytes([point]), mark=mark) for mark in (_PERCENT, rf"{_ESCAPES}x")]
    if sign in _SHORT_ESCAPES:
        forms.append(f"{_ESCAPES}{_SHORT_ESCAPES[sign]}")
    return tuple(forms)


def _in_base64(text: str, *, before: int) -> Shape:
    """Returns what finds a text in base64 of either alphabet behind some bytes of a group.

    The signs at both ends that it shares with what stands beside it belong to what is found.
    """
    data = text.encode("utf-8", "surrogatepass")
    signs = b64encode(bytes(before) + data).decode()
    begin = -(-_BITS_OF_A_BYTE * before // _BITS_OF_A_SIGN)
    own = signs[begin : _BITS_OF_A_BYTE * (before + len(data)) // _BITS_OF_A_SIGN]
    core = "".join({"+": r"(?:[+-]|%2[bB])", "/": r"(?:[/_]|\\/|%2[fF])"}.get(sign, sign) for sign in own)
    shared = f"{_BASE64_SIGN}?" if before else ""
    return Shape(pattern=f"{shared}{core}{_BASE64_SIGN}?{_BASE64_END}", anchor=_longest_plain(own))


def _longest_plain(text: str) -> str:
    return max(_PLAIN.findall(text), key=len, default="")


def _bytes(data: bytes, *, mark: str) -> str:
    return "".join(mark + _hex(f"{byte:02x}") for byte in data)


def _hex(digits: str) -> str:
    """Returns the pattern of hexadecimal digits in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _utf16(sign: str) -> tuple[int, ...]:
    data = sign.encode("utf-16-be", "surrogatepass")
    return tuple(int.from_bytes(data[begin : begin + 2]) for begin in range(0, len(data), 2))
