import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.masking import (
    MASK,
    MESSAGE_LENGTH,
    SEARCHED,
    cut,
    masked,
    message,
)

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwcm9iZSJ9.c2lnbmF0dXJl-_x"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nhunter2hunter2\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("--basic-auth-password hunter2 --port 80", "--basic-auth-password *** --port 80", id="option"),
        pytest.param("selkies --token=hunter2", "selkies --token=***", id="option with ="),
        pytest.param("--password  hunter2 --port 80", "--password  *** --port 80", id="option and two blanks"),
        pytest.param("vnc -password hunter2 -port 80", "vnc -password *** -port 80", id="option with one dash"),
        pytest.param(
            "['selkies', '--basic-auth-password', 'hunter2', '--port']",
            "['selkies', '--basic-auth-password', ***, '--port']",
            id="Python's list",
        ),
        pytest.param('["--turn-shared-secret", "hunter2"]', '["--turn-shared-secret", ***]', id="JSON's list"),
        pytest.param('["--turn-shared-secret","hunter2"]', '["--turn-shared-secret",***]', id="JSON's list, tight"),
        pytest.param("- --token\n- hunter2\n- --port", "- --token\n- ***\n- --port", id="YAML's list"),
        pytest.param("[selkies --token hunter2 --port]", "[selkies --token *** --port]", id="Go's list"),
        pytest.param(
            '{"name":"VNC_PASSWORD","value":"hunter2"}', '{"name":"VNC_PASSWORD","value":***}', id="named value in JSON"
        ),
        pytest.param("name: VNC_PASSWORD\n  value: hunter2", "name: VNC_PASSWORD\n  value: ***", id="named value"),
        pytest.param("{Name:VNC_PASSWORD Value:hunter2 X:1}", "{Name:VNC_PASSWORD Value:*** X:1}", id="Go's value"),
        pytest.param(r"{\"password\": \"hunter2\"}", r"{\"password\": ***}", id="JSON within JSON"),
        pytest.param(r'{"password": "hun\"ter2"}', '{"password": ***}', id="an escaped quote"),
        pytest.param('password: "hunter2 hun', "password: ***", id="a quote that was cut"),
        pytest.param("PASS=hunter2 VNC_PASS=hunter2", "PASS=*** VNC_PASS=***", id="short name"),
        pytest.param("PASSWD=hunter2 started", "PASSWD=*** started", id="variable"),
        pytest.param("export VDI_API_KEY='hunter2 hunter2';", "export VDI_API_KEY=***;", id="quoted variable"),
        pytest.param('{"password": "hunter2", "user": "a"}', '{"password": ***, "user": "a"}', id="JSON"),
        pytest.param("client_secret: hunter2", "client_secret: ***", id="YAML"),
        pytest.param("GET /?token=hunter2&a=b", "GET /?token=***&a=b", id="query"),
        pytest.param("Authorization: Basic aHVudGVyMg==", "Authorization: ***", id="header"),
        pytest.param("set-cookie: a=hunter2; b=hunter2", "set-cookie: ***", id="cookie"),
        pytest.param("sent Bearer hunter2hunter2 to it", "sent Bearer *** to it", id="bearer"),
        pytest.param(f"got {JWT} from it", "got *** from it", id="JWT"),
        pytest.param("turn://probe:hunter2@turn.example.com", "turn://***@turn.example.com", id="URL"),
        pytest.param(f"key:\n{KEY}\ndone", "key:\n***\ndone", id="private key"),
        pytest.param(KEY[20:] + " done", "*** done", id="the end of a private key"),
        pytest.param(KEY[:40] + "hunter2", "***", id="the beginning of a private key"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, kept: str) -> None:
    """Whatever announces itself by name or form goes; what stands around it stays."""
    assert masked(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('MountVolume.SetUp failed for volume "home": secret "probe-x" not found', id="a missing Secret"),
        pytest.param("Back-off restarting failed container desktop in pod probe-x_vdi(6f1)", id="back-off"),
        pytest.param('Failed to pull image "vdi.example.com/desktop:1.2": 401 Unauthorized', id="image"),
        pytest.param("listening on https://127.0.0.1:8080/?theme=dark", id="URL"),
        pytest.param("basic auth is on", id="words"),
        pytest.param("bypass=1 compass=north passes: 3", id="other words with pass"),
        pytest.param("mounting probe-x-secret failed - secret is gone", id="a Secret's name"),
    ],
)
def test_other_words_stay(text: str) -> None:
    """Evidence that is masked at random tells nothing."""
    assert masked(text) == text


@pytest.mark.parametrize(
    "piece", [pytest.param(piece, id=repr(piece)) for piece in ("a", "--", "token", "eyJ", "a://", "-----BEGIN ", "=")]
)
def test_long_texts_take_little_time(piece: str) -> None:
    """A line of a quarter of a megabyte does not stop the prober, whatever it consists of."""
    text = piece * (256 * 1024 // len(piece))
    begin = time.process_time()
    message(text)
    assert time.process_time() - begin < 0.5


def test_a_message_is_a_line_of_bounded_length() -> None:
    """Line breaks go, the end is cut with a mark, and a secret is not cut in half before it is masked."""
    assert message("a\n  b") == "a b"
    long = message("x" * MESSAGE_LENGTH + "yyy")
    assert long == "x" * MESSAGE_LENGTH + "... (3 more characters)"
    assert "hunter2" not in message("x" * (MESSAGE_LENGTH - 12) + " token=hunter2")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("some words", "some words", id="nothing to cut"),
        pytest.param("some words more", "some words... (5 more characters)", id="at a blank"),
        pytest.param("some wordsmore", "some... (10 more characters)", id="in a word"),
        pytest.param("somewordsmore", "somewordsm... (3 more characters)", id="in a word alone"),
        pytest.param(f"{'x' * 10}", "x" * 10, id="just fitting"),
    ],
)
def test_no_word_is_cut_in_two(text: str, kept: str) -> None:
    """What is cut ends with a whole word: half a password is none that anybody finds again."""
    assert cut(text, 10) == kept


@given(before=st.integers(min_value=0, max_value=600), after=st.integers(min_value=0, max_value=20_000))
def test_no_part_of_a_known_secret_is_left(before: int, after: int) -> None:
    """Wherever it stands in a message of whatever length, blanks in it and all."""
    known = "marker secret of a desktop"
    told = message(f"{'x' * before} {known} {'y' * after}", mask=lambda text: text.replace(known, MASK))
    assert not [word for word in known.split() if len(word) > 2 and word in told]


@given(padding=st.integers(min_value=SEARCHED - 200, max_value=SEARCHED + 50))
def test_no_part_of_a_secret_is_left_where_reading_ended(padding: int) -> None:
    """What is masked may make room for what was read last: that is not told."""
    key = "-----BEGIN PRIVATE KEY-----\n"
    end = "-----END PRIVATE KEY-----"
    text = f"{key}{'k' * (padding - len(key) - len(end))}{end} marker secret of a desktop"
    assert "marker" not in message(text, mask=lambda known: known.replace("marker secret of a desktop", MASK))
