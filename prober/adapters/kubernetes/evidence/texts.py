"""Other people's words, fit to be kept: what looks like a secret is masked, what is long is cut.

Pure. Logs of desktops show how they were started, passwords on command lines included, and requests with their
headers. Nothing can know every secret; what is masked is what announces itself by its name or its form.
"""

import re

MASK = "***"

MESSAGE_LENGTH = 500
"""How much of a message is kept, in characters: a sentence with a stack of causes."""

LOG_LINES = 40
"""How many lines of a log are kept, the last ones."""

LOG_LENGTH = 4000
"""How much of a log is kept, in characters."""

_SEARCHED = 16 * 1024
"""How much of a text is searched for secrets, in characters: several times what is kept, and a matter of milliseconds
whatever stands in it."""

_NAMES = r"(?:passw(?:or)?d|passphrase|(?<![a-z])pass(?![a-z])|secret|token|credential|api[-_]?key)[\w.-]{0,40}"

_QUOTE = r"""(?:\\{0,3}["'])?"""
"""A quote, perhaps with what escapes it within another one."""

_VALUE = r"""(?:"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\\{1,3}"[^"\n]*"?|[^\s"',;&}]+)"""
"""A value, quoted or bare; a quote may be open where the text was cut."""

_IS = rf"{_QUOTE}\s{{0,3}}[:=]\s{{0,3}}"

_NEXT = rf"{_QUOTE}(?:\s{{0,3}}[,=]\s{{0,8}}|\s{{1,8}}(?:-\s{{1,3}})?)"
"""What is between an option and its value: blanks, or what separates the items of a list, be it Python's or YAML's."""

_MASKED = (
    (r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", MASK),
    (r"\A.*-----END [A-Z ]{0,30}PRIVATE KEY-----", MASK),
    (r"\b((?:proxy-)?authorization|(?:set-)?cookie)([\"']?\s{0,3}[:=]\s{0,3})[^\n]+", rf"\1\2{MASK}"),
    (r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", rf"\1 {MASK}"),
    (rf"((?<![\w-])--?(?!-)[\w-]{{0,60}}?{_NAMES}{_NEXT}){_VALUE}", rf"\1{MASK}"),
    (rf"({_NAMES}{_QUOTE}[\s,;]{{1,12}}{_QUOTE}value{_IS}){_VALUE}", rf"\1{MASK}"),
    (rf"({_NAMES}{_IS}){_VALUE}", rf"\1{MASK}"),
    (r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*", MASK),
    (r"(://)[^/\s@]{1,200}@", rf"\1{MASK}@"),
)
"""What looks like a secret, with what stands there instead: keys, headers, options, named values, assignments, JWTs,
URLs. No pattern begins with an open repetition: a log may be one line of any length."""

_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), masked) for pattern, masked in _MASKED)

_CONTROLS = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
"""Colours, with other signs that are meant for terminals."""


def masked(text: str) -> str:
    """Returns the text with everything masked in it that looks like a secret."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def message(text: str) -> str:
    """Returns a message on one line, masked, cut at its end."""
    line = masked(" ".join(text[:_SEARCHED].split()))
    more = max(0, len(text) - _SEARCHED) + len(line) - MESSAGE_LENGTH
    return line if more <= 0 else f"{line[:MESSAGE_LENGTH]}... ({more} more characters)"


def log_tail(text: str) -> tuple[str, bool]:
    """Returns the end of a log, masked; tells whether there was more of it."""
    lines = masked(_CONTROLS.sub("", text[-_SEARCHED:])).splitlines()
    kept = "\n".join(lines[-LOG_LINES:])
    return kept[-LOG_LENGTH:], len(text) > _SEARCHED or len(lines) > LOG_LINES or len(kept) > LOG_LENGTH
