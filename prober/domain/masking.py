"""Other people's words, fit to be told: what looks like a secret is masked, what is long is cut, in this order.

Pure. Logs of desktops show how they were started, passwords on command lines included; pages and API servers quote
requests with their headers. Nothing can know every secret; what is masked is what announces itself by its name or its
form. What is known to be secret is masked by whoever knows it, through the function that is given, before anything is
cut: nobody finds a secret by its half.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

Mask: TypeAlias = Callable[[str], str]
"""Returns a text without the secrets that are known."""

MASK = "***"

MESSAGE_LENGTH = 500
"""How much of a message is kept, in characters: a sentence with a stack of causes."""

SEARCHED = 16 * 1024
"""How much of a text is searched for secrets, in characters: several times what is kept, and a matter of milliseconds
whatever stands in it."""

EDGE = 4000
"""How much goes from where a text was left unread, in characters: a secret that was cut there would not be known again.
Longer than any secret."""

_LONGEST_WORD = 80
"""How much more may go so that no word is cut, in characters."""

NAMES = (
    r"(?:passw(?:or)?d|passphrase|(?<![a-z])pass(?![a-z])|pwd|secret|token|credential|(?:api|access|private)[-_]?key|"
    r"(?<![a-z])(?:jwt|sig(?:nature)?)(?![a-z])|(?:j|php)sess(?:ion)?id)[\w.-]{0,40}"
)
"""Names of what is secret."""

_MARK = r"""(?:["']|%(?:25){0,3}2[27]|&(?:amp;)?(?:quot|apos|#0?3[49]|#x2[27]);)"""

QUOTE = rf"(?:\\{{0,3}}{_MARK})?"
"""A quote, perhaps with what escapes or encodes it within another one."""

QUOTED = r"""(?:"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\\{1,3}"[^"\n]*"?)"""
"""A value in quotes; the last one may be missing where the text was cut."""

_NEXT_ONE = r"""(?:\s|\Z|["'\\\[{]|[\w.-]{1,40}\s{0,3}[:=])"""
"""What follows a sign that ends a value, rather than being a part of it."""

_BARE = rf"""(?:[^\s"',;&}}\])]|[,;}}\])](?!{_NEXT_ONE}|[,;}}\])])|&(?!(?:amp;)?[\w.-]{{1,40}}=)|["'](?=\w))+"""

VALUE = rf"(?:{QUOTED}|{_BARE})"

IS = rf"{QUOTE}\s{{0,3}}(?:[:=]>?|%(?:25){{0,3}}3[ad])\s{{0,3}}"

_NEXT = rf"{QUOTE}(?:\s{{0,3}}[,=]\s{{0,8}}|\s{{1,8}}(?:-\s{{1,3}})?)"
"""What is between an option and its value: blanks, or what separates the items of a list, be it Python's or YAML's."""

_HARMLESS = r"(?:true|false|none|null|yes|no|on|off|basic|digest|oidc|form)\b"
"""What stands under `auth` and is no credential."""

_BY_NAME = (
    (rf"((?:authorization|cookie2?){IS})(?:{QUOTED}|[^\n]+)", rf"\1{MASK}"),
    (rf"((?<![\w-])--?(?!-)[\w-]{{0,60}}?{NAMES}{_NEXT}){VALUE}", rf"\1{MASK}"),
    (rf"({NAMES}{IS}){VALUE}", rf"\1{MASK}"),
    (rf"((?<![a-z])auth{IS})(?!{QUOTE}{_HARMLESS}){VALUE}", rf"\1{MASK}"),
)

_BY_FORM = (
    (r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", rf"\1 {MASK}"),
    (r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*", MASK),
    (r"(://)[^/\s@]{1,200}@", rf"\1{MASK}@"),
)

_PRIVATE_KEYS = (
    (r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", MASK),
    (r"\A.*-----END [A-Z ]{0,30}PRIVATE KEY-----", MASK),
)
"""What looks like a secret, with what stands there instead. No pattern begins with an open repetition: a text may be
one line of any length."""

_VALUES = re.compile(
    rf"((?:{NAMES}|authorization|cookie){QUOTE}[\s,;]{{1,12}}{QUOTE}value{IS}){VALUE}", re.IGNORECASE | re.DOTALL
)
"""A name and, under a name of its own, its value."""

_NAMED = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), masked) for pattern, masked in _BY_NAME)
_KEYS = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), masked) for pattern, masked in _PRIVATE_KEYS)
_FORMED = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), masked) for pattern, masked in _BY_FORM)
_IN_NAMES = ("pass", "pwd", "secret", "token", "credential", "key", "jwt", "sig", "sess", "auth", "cookie")
"""Every name has one of these: most texts have none, and are done with."""


def masked(text: str) -> str:
    """Returns the text with everything masked in it that looks like a secret."""
    named = has_names(text)
    if named and "value" in text.lower():
        text = _VALUES.sub(rf"\1{MASK}", text)
    for pattern, replacement in (*_KEYS, *(_NAMED if named else ()), *_FORMED):
        text = pattern.sub(replacement, text)
    return text


def has_names(text: str) -> bool:
    """Tells, at the cost of a glance, whether a text may have the name of something secret in it."""
    lowered = text.lower()
    return any(part in lowered for part in _IN_NAMES)


def message(text: str, *, most: int = MESSAGE_LENGTH, mask: Mask = str) -> str:
    """Returns a message on one line, masked, cut at its end.

    Args:
        text: What somebody else wrote, of any length.
        most: How much of it is kept, in characters; what tells of the cut comes in addition.
        mask: Masks the secrets that are known.
    """
    line = masked(mask(" ".join(text[:SEARCHED].split())))
    unread = len(text) - SEARCHED
    if unread > 0:
        return cut(line[:-EDGE], most, more=unread + EDGE)
    return cut(line, most)


def cut(text: str, most: int, *, more: int = 0) -> str:
    """Returns the beginning of a text, told to be one; a word is not cut in two where it is not of unusual length.

    Args:
        text: The text.
        most: How much of it is kept, in characters.
        more: How much more there was of it, in characters.
    """
    if len(text) <= most and not more:
        return text
    kept = text[:most]
    if text[most : most + 1].strip():
        blank = kept.rfind(" ", max(0, most - _LONGEST_WORD))
        kept = kept if blank < 0 else kept[:blank]
    return f"{kept}... ({more + len(text) - len(kept)} more characters)"
