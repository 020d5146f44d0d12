"""What is told of a URL."""

import uuid
from base64 import urlsafe_b64encode
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.urls import bare, looks_like_token

HOST = "https://desk.test:8443"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        pytest.param(f"{HOST}/a/b?token=x#y", f"{HOST}/a/b", id="query and fragment"),
        pytest.param("https://u:p@desk.test/", "https://desk.test/", id="user"),
        pytest.param(f"{HOST}/a;jsessionid=AB12/b;v=1", f"{HOST}/a/b", id="path parameters"),
        pytest.param(f"{HOST}/a%3Bjsessionid=AB12/b", f"{HOST}/a/b", id="an encoded path parameter"),
        pytest.param(f"{HOST}/t/eyJhbGciOi.eyJzdWIiOi.sig/x", f"{HOST}/t/***/x", id="JWT"),
        pytest.param(f"{HOST}/0123456789abcdef0123456789abcdef", f"{HOST}/***", id="hexadecimal"),
        pytest.param(f"{HOST}/3fA9xQ27bKd81LmZ0pVw", f"{HOST}/***", id="base62"),
        pytest.param(f"{HOST}/3fA9xQ2-bKd81Lm_0pVw", f"{HOST}/***", id="base64 of URLs, with its signs"),
        pytest.param(f"{HOST}/3fA9xQ27bKd81L%2FmZ0pVw%3D", f"{HOST}/***", id="base64, encoded"),
        pytest.param("/ws?access_key=x", "/ws", id="relative"),
        pytest.param("ws?access_key=x", "ws", id="relative, without a slash"),
        pytest.param("data:text/plain,hello", "data:", id="content"),
        pytest.param("blob:https://u@desk.test/a?x", "blob:https://desk.test/a", id="blob"),
        pytest.param("blob:" * 5 + "x", "blob:" * 4, id="much nesting"),
        pytest.param("http://[bad", "http:", id="no URL"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_a_url_carries_is_not_told(url: str, kept: str) -> None:
    """Scheme, host, port and the names in the path stay."""
    assert bare(url) == kept


@pytest.mark.parametrize(
    "segment",
    [
        "probe-ubuntu-5kv52",
        "probe-ubuntu-desktop-with-gpu-2204-lts-5kv52",
        "probe-ubuntu-desktop-7d9f8b6c5d-x2z4v",
        "0198c9a4-7f3e-7b1c-9d2e-1f6a5b4c3d2e",
        "%7B0198c9a4-7f3e-7b1c-9d2e-1f6a5b4c3d2e%7D",
        "main.0123456789abcdef0123.js",
        "internationalization",
        "DesktopSessionConnectionHandler",
        "ubuntu2204",
        "1732870000000000",
        "2026-11-29T09:01:49.123Z",
        "",
    ],
)
def test_names_stay(segment: str) -> None:
    """A session's name, its UUID, a file of the page, words, times are what somebody looks for."""
    assert bare(f"{HOST}/{segment}/ws") == f"{HOST}/{segment}/ws"


@given(st.from_regex(r"probe-[a-z]{2,12}(?:-[a-z0-9]{1,10}){0,3}-[bcdfghjklmnpqrstvwxz2456789]{5}", fullmatch=True))
def test_the_name_of_a_session_stays(name: str) -> None:
    """Kubernetes adds five random characters to the name that a target gives."""
    assert not looks_like_token(name)


@given(st.uuids())
def test_a_uuid_stays(session: uuid.UUID) -> None:
    """Platforms name sessions by one."""
    assert not looks_like_token(str(session))


@given(seed=st.integers(), length=st.integers(min_value=24, max_value=64))
def test_a_random_token_goes(seed: int, length: int) -> None:
    """In base64 and in hexadecimal."""
    token = Random(seed).randbytes(length)
    assert bare(f"{HOST}/t/{token.hex()}") == f"{HOST}/t/***"
    assert bare(f"{HOST}/t/{urlsafe_b64encode(token).decode()}") == f"{HOST}/t/***"
