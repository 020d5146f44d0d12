"""How a text looks once something has encoded it: in a URL, in JSON, in HTML, in base64.

Pure. For whoever searches texts for what must not be in them: a login form sends a password percent-encoded, a Basic
header in base64, a page's script in JSON within JSON, each in variants of its own. One pattern finds all of them, in
any mixture; a plain piece that no encoding changes tells at once where it is not worth trying.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import codepoint2name
from itertools import groupby

_PLAIN = re.compile(r"[A-Za-z0-9]+")
"""What every encoding but base64 leaves alone; careful ones escape all else."""

_BACKSLASH = r"(?:\\|%(?:25){0,3}5[cC])"
_MOST_ESCAPES = 8
_ESCAPES = f"{_BACKSLASH}{{1,{_MOST_ESCAPES}}}"
"""What begins an escape: one backslash, twice as many for each text that is quoted within another one."""

_ESCAPED = "\"/'"
"""What may have an escape before it and stand for itself."""

_MOST_BACKSLASHES = 5
"""How many one backslash may have become."""

_DOUBLED = 2
"""How many one apostrophe may have become: YAML doubles them."""

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
    return Shape(pattern="".join(_pieces(text)), anchor=_longest_plain(text))


def _pieces(text: str) -> Iterator[str]:
    """Yields the pattern of each run of one sign, or of blanks and backslashes.

    No text is divided among them in many ways, else what nearly is the text takes time without end: of backslashes
    before another sign all are the run's but the last one, which may begin an escape.
    """
    escapes = _ESCAPES
    for one, run in groupby(text, key=lambda sign: "\\" if sign.isspace() else sign):
        signs = list(run)
        if _PLAIN.fullmatch(one):
            yield "".join(signs)
        else:
            yield _run(signs, escapes=escapes)
        escapes = _BACKSLASH if signs[-1] == "\\" else _ESCAPES


def _run(signs: list[str], *, escapes: str) -> str:
    """Returns the pattern of a run, with what may begin an escape of its first sign."""
    least, most = _times(signs)
    form = _form(signs, escapes=_ESCAPES)
    if "\\" in signs and len(set(signs)) > 1:  # it begins and ends as it does, blanks beside it are others'
        first, last = _form(signs[:1], escapes=escapes), _form(signs[-1:], escapes=_BACKSLASH)
        return f"(?:{first})(?:{form}){{{least - 2},{most - 2}}}(?:{last})"
    if escapes == _BACKSLASH:
        return f"(?:{_form(signs, escapes=_BACKSLASH)})(?:{form}){{{least - 1},{most - 1}}}"
    return f"(?:{form}){{{least},{most}}}"


def _times(signs: list[str]) -> tuple[int, int]:
    """Returns how many there may be at least and at most, once encoded, of a run."""
    if signs[0] == "'":
        return len(signs), len(signs) * _DOUBLED
    if "\\" not in signs and not signs[0].isspace():
        return len(signs), len(signs)
    backslashes, blanks = signs.count("\\"), [len(list(run)) for blank, run in groupby(signs, str.isspace) if blank]
    most = sum(max(_MOST_BLANKS, length) for length in blanks)
    if backslashes:  # each blank's escape counts there
        most = most * (_MOST_ESCAPES + 1) + backslashes * _MOST_BACKSLASHES + _MOST_ESCAPES
    return backslashes + len(blanks), most


def _form(signs: list[str], *, escapes: str) -> str:
    """Returns the pattern of one of a run's signs, with what may begin an escape there."""
    kinds = tuple(dict.fromkeys(signs))
    # The sign itself comes last: it may be how an encoding of it begins.
    verbatim = [form for sign in kinds for form in _marked(sign)]
    verbatim += dict.fromkeys(
        form for sign in kinds for form in ([r"\s", r"\+"] if sign.isspace() else [re.escape(sign)])
    )
    escaped = [form for sign in kinds for form in _behind_escape(sign)]
    if "\\" in kinds:
        escapes = _BACKSLASH
    elif kinds[0] in _ESCAPED and escapes == _ESCAPES:
        escaped += verbatim
    return "|".join((f"{escapes}(?:{'|'.join(escaped)})", *verbatim))


def _marked(sign: str) -> Iterator[str]:
    """Yields the patterns of one character's encodings that begin with a sign of their own."""
    point, data = ord(sign), sign.encode("utf-8", "surrogatepass")
    named = "".join(f"|{name}" for name in (codepoint2name.get(point), "apos" if sign == "'" else None) if name)
    yield "".join(_PERCENT + byte for byte in _bytes(data))
    yield f"{_AMPERSAND}(?:#0{{0,4}}{point}|#[xX]0{{0,4}}{_hex(f'{point:x}')}{named});"
    if _is_latin(sign):
        yield _PERCENT + _hex(f"{point:02x}")


def _behind_escape(sign: str) -> Iterator[str]:
    """Yields the patterns of one character's encodings behind what begins an escape."""
    yield _ESCAPES.join(f"u{_hex(f'{unit:04x}')}" for unit in _utf16(sign))
    yield _ESCAPES.join(f"x{byte}" for byte in _bytes(sign.encode("utf-8", "surrogatepass")))
    if _is_latin(sign):
        yield f"x{_hex(f'{ord(sign):02x}')}"
    if sign in _SHORT_ESCAPES:
        yield _SHORT_ESCAPES[sign]


def _is_latin(sign: str) -> bool:
    """Whether encoders that know Latin-1 only, and Python's `repr`, make one byte of what has two in UTF-8."""
    return not sign.isascii() and ord(sign) < 1 << _BITS_OF_A_BYTE


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


def _bytes(data: bytes) -> Iterator[str]:
    return (_hex(f"{byte:02x}") for byte in data)


def _hex(digits: str) -> str:
    """Returns the pattern of hexadecimal digits in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _utf16(sign: str) -> tuple[int, ...]:
    data = sign.encode("utf-16-be", "surrogatepass")
    return tuple(int.from_bytes(data[begin : begin + 2]) for begin in range(0, len(data), 2))
