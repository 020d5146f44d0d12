"""What is taken out of texts that pages write, and what is left of those that go on for ever."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.adapters.browser.kept import Ends, fitting
from prober.adapters.browser.rendering import har_of, lines_of, list_of
from prober.adapters.browser.scrubbing import Scrubber
from prober.flow.ports.desktop import ARTEFACT_BYTES


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("password=hunter2&user=me", "password=***&user=me"),
        ('{"access_token": "abc.def", "n": 1}', '{"access_token": ***, "n": 1}'),
        ('"{\\"credential\\":\\"abc\\"}"', '"{\\"credential\\":***}"'),
        ("Authorization: Bearer abc.def and more\nnext", "Authorization: ***\nnext"),
        ("the token expired", "the token expired"),
        ("a=ice-ufrag:Ab12\r\na=ice-pwd:xyz\r\nm=video", "a=ice-ufrag:***\r\na=ice-pwd:***\r\nm=video"),
        ("candidate:1 1 udp 2122 192.168.7.9 5 typ host ufrag Ab", "candidate:*** udp typ host"),
        ("peer 10.1.2.3 and fe80::1:2 at 12:34:56", "peer *** and *** at 12:34:56"),
        ("GET wss://u:p@desk.test:8443/ws?token=abc#d failed", "GET wss://desk.test:8443/ws failed"),
        ("a=crypto:1 AES_CM_128 inline:abc\r\nnext", "***\r\nnext"),
        (
            "f (https://desk.test/app.js:12:4) [https://desk.test/b?c=d].",
            "f (https://desk.test/app.js:12:4) [https://desk.test/b].",
        ),
        ("really? yes (/a/b.js:1:2) GET /ws?theme=dark failed", "really? yes (/a/b.js:1:2) GET /ws?*** failed"),
        ("open /vdi/probe-ubuntu-5kv52/?a=b now", "open /vdi/probe-ubuntu-5kv52/?*** now"),
        ("to https%3A%2F%2Fdesk.test%2Fws%3Ftoken%3Dabc now", "to https://desk.test/ws now"),
        ('{"auth":"basic","auth":"abc"}', '{"auth":"basic","auth":***}'),
        ("the password field of 2 forms, token count 17", "the password field of 2 forms, token count 17"),
    ],
    ids=[
        *("form", "json", "json in json", "header", "words", "ice", "candidate", "addresses", "url", "key"),
        *("brackets around URLs", "relative URL", "path of a session", "encoded URL", "auth", "more words"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, kept: str) -> None:
    """Credentials, addresses and what URLs carry go; the words around them stay."""
    assert Scrubber(str).text(text) == kept


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://u:p@desk.test/a/b?token=abc#d", "https://desk.test/a/b"),
        ("data:text/plain,hello", "data:"),
        ("blob:https://desk.test/uuid?x=y", "blob:https://desk.test/uuid"),
        ("http://[bad", "http:"),
        ("about:blank", "about:"),
        ("https://desk.test/a;jsessionid=abc/b", "https://desk.test/a/b"),
        ("https://desk.test/vdi/probe-ubuntu-5kv52/ws", "https://desk.test/vdi/probe-ubuntu-5kv52/ws"),
        ("https://desk.test/t/3fA9xQ27bKd81LmZ0pVw/ws", "https://desk.test/t/***/ws"),
    ],
    ids=["query", "data", "blob", "none", "about", "path parameter", "session", "token"],
)
def test_a_url_carries_nothing(url: str, kept: str) -> None:
    """User, query and fragment go, and the content of a URL that is one."""
    assert Scrubber(str).url(url) == kept


def test_a_secret_at_the_end_of_what_is_read_is_not_shown_in_part() -> None:
    """However long a text is and whatever is masked in it, no piece of a known secret is left."""
    secret = "s3cret-" * 20

    def mask(text: str) -> str:
        return text.replace(secret, "***")

    for padding in range(7900, 8010, 10):
        assert "s3cret" not in Scrubber(mask).text(f"https://desk.test/?{'q' * (padding - 20)} {secret}")
        assert "s3cret" not in Scrubber(mask).text("x" * padding + secret * 10)


def test_a_known_secret_is_masked_in_plain_data() -> None:
    """All texts of nested data pass the function that was given."""
    scrubber = Scrubber(lambda text: text.replace("hunter2", "***"))
    assert scrubber.plain({"a": ["hunter2", 1, None, {"b": "x hunter2"}]}) == {"a": ["***", 1, None, {"b": "x ***"}]}


def test_of_many_the_first_and_the_last_are_kept() -> None:
    """The middle is counted."""
    ends: Ends[int] = Ends(first=2, last=3)
    for number in range(10):
        ends.add(number)
    assert ends.items() == [0, 1, 7, 8, 9]
    assert ends.left_out == 5


def test_what_does_not_fit_goes_from_the_middle() -> None:
    """Both ends stay while they fit; nothing is left of what could never fit."""
    lines, left_out = fitting([f"{number}{'x' * 96}" for number in range(10)], most_bytes=405)
    assert [line[1] for line in lines] == ["0", "1", "8", "9"]
    assert left_out == 6
    assert fitting(["x" * 100], most_bytes=50) == ([], 1)
    assert fitting([], most_bytes=50) == ([], 0)


def test_no_list_is_larger_than_an_artefact_may_be() -> None:
    """Line by line or as one document, it is still JSON and says how much is missing."""
    items = [{"text": "ü" * 1000, "number": number} for number in range(2000)]
    for artefact in (lines_of("a.jsonl", items), list_of("b.json", items, member="items"), har_of("c.har", items)):
        assert ARTEFACT_BYTES * 0.9 < len(artefact.content) <= ARTEFACT_BYTES
    read = [json.loads(line) for line in lines_of("a.jsonl", items).content.splitlines()]
    assert (read[0]["number"], read[-1]["number"]) == (0, 1999)
    left_out = next(line["left_out"] for line in read if "left_out" in line)
    assert left_out + len(read) - 1 == 2000
    assert json.loads(list_of("b.json", items, member="items").content)["_left_out"] == left_out
    assert json.loads(har_of("c.har", items).content)["log"]["_left_out"] == left_out


CREDENTIALS = {
    "header in a list": '["Authorization","Basic cHJvYmU6bWFya2VyLXNlY3JldA=="]',
    "header in words": "sending Bearer marker-secret-0123",
    "bare token": "got eyJhbGciOi.eyJzdWIiOi.marker-secret",
    "second cookie": "Cookie: theme=dark; _oauth2_proxy=marker-secret",
    "short name": "pwd=marker-secret",
    "comma in it": "password=abc,marker-secret",
    "comma in it, in quotes": '{"password":"abc, marker-secret"}',
    "sign in it": "token=abc;marker-secret}marker-secret&marker-secret",
    "quote in it": "password=abc'marker-secret",
    "list": '["access_token", "marker-secret"]',
    "headers in pairs": '[["Cookie","a=marker-secret; b=c"]]',
    "named value": '{"name":"X-Api-Key","value":"marker-secret"}',
    "joined by a blank": "the token marker-secret-0123 it is",
    "auth": '{"auth":"marker-secret"}',
    "query of a relative URL": "GET /ws?access_key=marker-secret",
    "query without a name": "GET /ws?marker-secret",
    "query of a file": "app.js?v=marker-secret",
    "query in brackets": "(https://desk.test/a?b=(c)marker-secret)",
    "second URL": "(https://desk.test/a),(https://marker-secret@desk.test/b)",
    "encoded query": "next=%2Fws%3Faccess_key%3Dmarker-secret",
    "URL in a URL": "see https%3A%2F%2Fmarker-secret%40desk.test%2F%3Ftoken%3Dmarker-secret",
    "URL in a URL in a URL": "see https%253A%252F%252Fdesk.test%252F%253Fa%253Dmarker-secret",
    "encoded JSON": "%7B%22password%22%3A%22marker-secret%22%7D",
    "JSON in HTML": "{&quot;password&quot;:&quot;marker-secret&quot;}",
    "path parameter": "https://desk.test/a;jsessionid=marker-secret/b",
    "path parameter without a host": "/a;jsessionid=marker-secret",
    "signature": "https://x.test/?sig=marker-secret and Signature=marker-secret",
    "user of a TURN server": "asked turn:marker-secret@turn.test:3478",
}


SHAPES = (
    "password={}",
    "?access_token={}&a=b",
    '{{"secret":"{}"}}',
    "GET /ws?key={}",
    "wss://desk.test/ws?a=b&c={}",
    "https://desk.test/a;jsessionid={}",
    "Authorization: Bearer {}",
    '{{"auth":"{}"}}',
    "'token', '{}'",
)


@given(shape=st.sampled_from(SHAPES), secret=st.from_regex(r"[A-Z][\w.,;:~/()|@$*!-]{4,30}[A-Z0-9]", fullmatch=True))
def test_no_part_of_a_credential_is_left(shape: str, secret: str) -> None:
    """Whatever signs it has, what is told as a credential goes whole."""
    assert secret[-5:] not in Scrubber(str).text(f"{shape.format(secret)} and more")


@pytest.mark.parametrize("text", CREDENTIALS.values(), ids=CREDENTIALS.keys())
def test_credentials_are_known_by_their_form(text: str) -> None:
    """What nobody told the mask of is masked where its form tells what it is."""
    kept = Scrubber(lambda known: known).text(text)
    assert "marker-secret" not in kept
    assert "cHJvYmU6" not in kept
