"""No secret in any line."""

import io
import logging
from collections.abc import Callable
from typing import Any

import pytest

from prober.adapters.logs import LogObserver, configure_logging, event_log
from prober.adapters.redaction import Redactor
from prober.domain.ids import RunId
from tests.adapters.reporting import make_target

PASSWORD = 'tr0ub4dor "&3 ä'

TELLING = [
    "password",
    "Passwd",
    "db_passphrase",
    "access_token",
    "Authorization",
    "set-cookie",
    "client_secret",
    "api_key",
    "access-key",
    "userPwd",
    "auth",
]

Lines = Callable[[], list[dict[str, Any]]]


def log_in() -> None:
    """Fails with a password in a local variable, where a traceback with locals would show it."""
    credential = PASSWORD
    raise LookupError(f"no form for {len(credential)} characters")


def caught() -> Exception:
    """Returns that failure with its traceback."""
    try:
        log_in()
    except LookupError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("json_lines", [True, False], ids=["json", "console"])
def test_tracebacks_have_no_local_variables(stream: io.StringIO, *, json_lines: bool) -> None:
    """A crash is logged with its traceback, and the password that was in a local variable is nowhere."""
    configure_logging(stream=stream, json=json_lines, level="info")
    LogObserver().crashed(RunId("r1"), make_target(), caught())
    logging.getLogger("library").error("also here", exc_info=caught())
    text = stream.getvalue()
    assert text.count("LookupError") >= 2
    assert text.count("log_in") >= 2
    assert "tr0ub4dor" not in text
    assert "locals" not in text


def test_traceback_is_structured(lines: Lines) -> None:
    """In JSON a traceback is data: type, text, frames with file, line and function."""
    LogObserver().crashed(RunId("r1"), make_target(), caught())
    (event,) = lines()
    (exception,) = event["exception"]
    assert event["event"] == "internal_error"
    assert event["level"] == "error"
    assert (event["run_id"], event["target"]) == ("r1", "ubuntu")
    assert exception["exc_type"] == "LookupError"
    assert [frame["name"] for frame in exception["frames"]] == ["caught", "log_in"]


@pytest.mark.parametrize("json_lines", [True, False], ids=["json", "console"])
@pytest.mark.parametrize(
    "say",
    [
        lambda secret: event_log().info(f"it is {secret}"),
        lambda secret: event_log().info("it", value=secret),
        lambda secret: event_log().info("it", value={"deep": [{"er": f"<{secret}>"}]}),
        lambda secret: event_log().info("it", value={secret: 1}),
        lambda secret: event_log().info("it", value={frozenset([secret])}),
        lambda secret: event_log().info("it", exc_info=ValueError(f"bad {secret}")),
        lambda secret: logging.getLogger("library").warning("it is %s", secret),
        lambda _: event_log().info("it", url="https://probe:tr0ub4dor%20%22%263%20%C3%A4@desktop"),
    ],
    ids=["event", "value", "nested", "key", "object", "exception", "library", "percent-encoded"],
)
def test_registered_secrets_are_masked(stream: io.StringIO, *, say: Callable[[str], None], json_lines: bool) -> None:
    """A registered secret is masked wherever it is, whatever the rendering would make of its characters."""
    configure_logging(stream=stream, json=json_lines, level="info").mask(PASSWORD)
    say(PASSWORD)
    assert "***" in stream.getvalue()
    assert "tr0ub4dor" not in stream.getvalue()


@pytest.mark.parametrize("name", TELLING, ids=TELLING)
def test_values_under_telling_names_are_masked(lines: Lines, name: str) -> None:
    """What is called a secret is one, registered or not."""
    event_log().info("it", **{name: "hunter2", "headers": {name: ["hunter2"]}, "kept": "this"})
    (event,) = lines()
    assert event[name] == "***"
    assert event["headers"] == {name: "***"}
    assert event["kept"] == "this"


def test_the_longer_of_two_secrets_goes_first(redactor: Redactor, lines: Lines) -> None:
    """A secret that begins with another one leaves no tail."""
    redactor.mask("abcdef")
    redactor.mask("abcdefghij")
    event_log().info("abcdefghij abcdef")
    assert lines()[0]["event"] == "*** ***"


def test_short_secrets_would_mask_words(redactor: Redactor, lines: Lines) -> None:
    """A password of a few letters is not searched for: it is in ordinary words."""
    redactor.mask("run")
    event_log().info("run_finished")
    assert lines()[0]["event"] == "run_finished"
