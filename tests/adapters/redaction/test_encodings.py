"""A registered secret is found however it was encoded."""

import html
import json
import time
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from prober.adapters.redaction import MASK, Redactor

UNHURRIED = settings(deadline=None, max_examples=40)
"""A pattern is compiled for each example; the machine may be busy."""

SECRET = "tr0-_./ub+4 \"&3\\<ä€😀>'x"


def lower_hex(text: str) -> str:
    """Percent-encodes as some JavaScript does."""
    return "".join(part if len(part) == 1 else part.lower() for part in _signs(quote(text, safe="")))


def _signs(text: str) -> list[str]:
    parts, at = [], 0
    while at < len(text):
        step = 3 if text[at] == "%" else 1
        parts.append(text[at : at + step])
        at += step
    return parts


def in_json(text: str, *, ascii_only: bool = True, times: int = 1) -> str:
    """Returns a text as it stands between the quotes of JSON, or of JSON within JSON."""
    for _ in range(times):
        text = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
    return text


ENCODINGS: dict[str, Callable[[str], str]] = {
    "verbatim": str,
    "quote": quote,
    "quote all": lambda text: quote(text, safe=""),
    "quote plus": quote_plus,
    "quote in lower case": lower_hex,
    "quoted twice": lambda text: quote(quote(text, safe="")),
    "quote with care": lambda text: quote(text, safe="").translate({ord(sign): f"%{ord(sign):02X}" for sign in "-._~"}),
    "html with care": lambda text: "".join(sign if sign.isalnum() else f"&#x{ord(sign):x};" for sign in text),
    "html": html.escape,
    "html without quotes": lambda text: html.escape(text, quote=False),
    "json": in_json,
    "json, not ascii": lambda text: in_json(text, ascii_only=False),
    "json in json": lambda text: in_json(text, times=2),
    "json in json, not ascii": lambda text: in_json(text, ascii_only=False, times=2),
    "json in html": lambda text: html.escape(in_json(text)),
    "squeezed": lambda text: " ".join(text.split()),
}

BASE64: dict[str, Callable[[str], str]] = {
    "standard": str,
    "of URLs": lambda signs: signs.translate({ord("+"): "-", ord("/"): "_"}),
    "percent-encoded": lambda signs: quote(signs, safe=""),
    "in a script": lambda signs: signs.replace("/", "\\/"),
}
"""What becomes of the signs of base64."""

secrets = st.text(min_size=6, max_size=40).map(str.strip).filter(lambda text: len(text) >= 6 and MASK[0] not in text)


def redacted(secret: str, text: str) -> str:
    """Returns a text as a redactor leaves it that knows the secret."""
    redactor = Redactor()
    redactor.mask(secret)
    return redactor.text(text)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_no_encoding_hides_a_secret(encode: Callable[[str], str]) -> None:
    """Of each form nothing is left but the mask, and what stands around it stays."""
    assert redacted(SECRET, f"of <{encode(SECRET)}> it") == f"of <{MASK}> it"


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
@UNHURRIED
@given(secret=secrets)
@example(secret="\\\\\\\\\\\\")
@example(secret='"\\"\\"\\"')
@example(secret="a  b\n\nc\td")
@example(secret="%25%25%25")
@example(secret="&amp;&amp;")
def test_no_secret_is_left_in_any_encoding(encode: Callable[[str], str], secret: str) -> None:
    """Whatever the secret is, the text that had one of its forms has none of them."""
    left = redacted(secret, f"( {encode(secret)} )")
    assert left == f"( {MASK} )"


@pytest.mark.parametrize("write", BASE64.values(), ids=BASE64.keys())
@UNHURRIED
@given(secret=secrets, before=st.binary(max_size=5), after=st.binary(max_size=5))
@example(secret=SECRET, before=b"probe:", after=b"")
@example(secret="hunter", before=b"u:", after=b"")
def test_no_secret_is_left_in_base64(write: Callable[[str], str], secret: str, before: bytes, after: bytes) -> None:
    """Behind a user's name as in a Basic header, or inside of anything else, no sign is left that holds a bit of it."""
    signs = b64encode(before + secret.encode() + after).decode()
    begin, end = 8 * len(before) // 6, -(8 * (len(before) + len(secret.encode())) // -6)
    first, _, rest = redacted(secret, write(signs)).partition(MASK)
    assert write(signs).startswith(first)
    assert len(first) <= len(write(signs[:begin]))
    assert len(rest) <= len(write(signs[end:]))


@UNHURRIED
@given(secret=secrets, texts=st.text(alphabet="abcdefgh <>&%\\\"'", max_size=60))
def test_other_texts_stay(secret: str, texts: str) -> None:
    """What has no form of the secret is not touched."""
    assume(not any(encode(secret) in texts for encode in ENCODINGS.values()))
    assume(any(sign.isdigit() or sign.isupper() for sign in secret))
    assert redacted(secret, texts) == texts


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    """Words of four or five characters are masked between blanks, quotes and signs, and not inside of names."""
    text = 'vnc1 password=vnc1&a, "vnc1": probe-vnc1-5kv52 vnc1.example.com /vnc1/ vnc12 user:vnc1@desk. It is vnc1.'
    masked = '*** password=***&a, "***": probe-vnc1-5kv52 vnc1.example.com /vnc1/ vnc12 user:***@desk. It is ***.'
    assert redacted("vnc1", text) == masked
    assert redacted("a b/c", "it is a%20b%2Fc or a b/c") == "it is *** or ***"


def test_a_still_shorter_secret_is_not_searched_for() -> None:
    """It would be masked in every line."""
    assert redacted("run", "the run run") == "the run run"
    assert redacted("", "the run") == "the run"
    assert redacted("  \n", "a  \n b") == "a  \n b"


def test_blanks_around_a_secret_are_not_part_of_it() -> None:
    """A secret with a line break at its end is found in texts that have none."""
    assert redacted("hunter2\n", "it is hunter2.") == f"it is {MASK}."


def test_a_secret_that_is_no_text_can_be_registered() -> None:
    """Variables of the environment may hold bytes that are no UTF-8."""
    assert redacted("hunter2\udce4", "it is hunter2\udce4.") == f"it is {MASK}."


@pytest.mark.parametrize("secret", [SECRET, '"!$&/()=?', "\\" * 8, "ä" * 8, "a b c d e"])
@pytest.mark.parametrize("piece", ["\\", '\\"', "&amp;", "%25", " ", "a b ", "ä", "%C3", "tr0/"])
def test_long_texts_take_little_time(secret: str, piece: str) -> None:
    """A long line stops nobody, whatever it consists of."""
    text = piece * (64 * 1024 // len(piece))
    begin = time.process_time()
    redacted(secret, text)
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    ("secret", "nearly"),
    [
        pytest.param("\\" * 12, "\\" * 50, id="backslashes"),
        pytest.param('"' * 20, "\\\\\\u0022" * 30, id="quotes"),
        pytest.param("'" * 30, "'" * 40, id="apostrophes"),
        pytest.param('\\"' * 12, '\\\\\\\\\\"' * 12, id="JSON"),
        pytest.param("\\/" * 12, "\\\\\\\\/" * 12, id="slashes"),
        pytest.param("\\ä" * 20, "\\\\\\\\\\u00e4" * 20, id="letters"),
        pytest.param("\\\n" * 20, "\\\\\\\\\\n" * 40, id="blanks"),
    ],
)
def test_what_is_nearly_a_secret_takes_little_time(secret: str, nearly: str) -> None:
    """A text that is a secret up to its end is told from it at once, however the backslashes before it stand."""
    begin = time.process_time()
    assert redacted(f"ab1{secret}c", f"ab1{nearly}d") == f"ab1{nearly}d"
    assert time.process_time() - begin < 0.3


nasty = st.text(alphabet="\\\"/' \näb%&5c", min_size=6, max_size=12).map(str.strip).filter(lambda text: len(text) >= 6)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
@UNHURRIED
@given(secret=nasty)
def test_signs_that_are_escaped_hide_no_secret(encode: Callable[[str], str], secret: str) -> None:
    """In whatever order signs stand that encodings escape, alone or in rows, none of them is left."""
    assert redacted(secret, f"( {encode(secret)} )") == f"( {MASK} )"
