"""The adapter's parts that need no browser."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Error as PlaywrightError

from prober.adapters.browser import find_executable
from prober.adapters.browser.collector import init_script
from prober.adapters.browser.faults import brief, is_unauthorised, launch_fault, navigation_fault, translated
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.domain.transport import NetworkPolicy


def test_the_script_is_one_expression_with_its_threshold() -> None:
    """The injected script carries the threshold and needs nothing else."""
    script = init_script(blank_luma=17.5, network=NetworkPolicy.ANY)
    assert "blankLuma: 17.5" in script
    assert script.startswith("(")
    assert script.endswith(");")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ERR_NAME_NOT_RESOLVED", Reason.DNS),
        ("ERR_CONNECTION_REFUSED", Reason.TCP_REFUSED),
        ("ERR_CONNECTION_RESET", Reason.TCP_REFUSED),
        ("ERR_CONNECTION_TIMED_OUT", Reason.TCP_REFUSED),
        ("ERR_ADDRESS_UNREACHABLE", Reason.TCP_REFUSED),
        ("ERR_CERT_AUTHORITY_INVALID", Reason.TLS),
        ("ERR_SSL_PROTOCOL_ERROR", Reason.TLS),
        ("ERR_EMPTY_RESPONSE", Reason.FALSE_RUNNING),
        ("ERR_CONNECTION_CLOSED", Reason.FALSE_RUNNING),
        ("ERR_HTTP2_PROTOCOL_ERROR", Reason.FALSE_RUNNING),
        ("ERR_UNSAFE_PORT", Reason.URL_REJECTED),
        ("ERR_INSUFFICIENT_RESOURCES", Reason.DRIVER_ERROR),
    ],
    ids=str,
)
def test_network_errors_have_reasons(code: str, reason: Reason) -> None:
    """Each of Chromium's network errors is blamed on the layer that it shows."""
    fault = navigation_fault(PlaywrightError(f"Page.goto: net::{code} at https://u:secret@desk.test/?t=1\nCall log: x"))
    assert fault is not None
    assert fault.reason is reason
    assert fault.summary.endswith(code)


def test_refused_credentials_are_told_from_network_errors() -> None:
    """Chromium's giving up on credentials is an answer of 401, other errors are not."""
    assert is_unauthorised(PlaywrightError("Page.goto: net::ERR_INVALID_AUTH_CREDENTIALS at https://desk.test/"))
    assert not is_unauthorised(PlaywrightError("Page.goto: net::ERR_FAILED at https://desk.test/"))
    assert navigation_fault(PlaywrightError("Page.goto: Navigation interrupted")) is None


def test_messages_are_short_and_keep_no_url() -> None:
    """Neither the call log nor a URL with its credentials reaches a report."""
    error = PlaywrightError(
        "Page.goto: failed at https://user:secret@desk.test/?token=secret " + "x" * 500 + "\nsecret"
    )
    assert "secret" not in brief(error)
    assert len(brief(error)) < 340


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Page.evaluate: Target page, context or browser has been closed", Reason.BROWSER_CRASHED),
        ("Page.evaluate: Target crashed", Reason.BROWSER_CRASHED),
        ("Page.evaluate: something else", Reason.DRIVER_ERROR),
    ],
    ids=["closed", "crashed", "else"],
)
def test_driver_errors_are_ours(message: str, reason: Reason) -> None:
    """What the driver raises comes out as our own fault, its log left behind in the cause too."""
    with pytest.raises(ProberFailed) as caught, translated("asking"):
        raise PlaywrightError(message + "\nCall log: secret")
    assert caught.value.fault.reason is reason
    assert "secret" not in repr(caught.value.__cause__)


def test_a_missing_executable_is_told_from_one_that_dies() -> None:
    """Without an executable the browser is missing; one that starts and dies crashed."""
    missing = launch_fault(PlaywrightError("BrowserType.launch: Failed to launch: executable doesn't exist at /nope"))
    died = launch_fault(PlaywrightError("BrowserType.launch: Target page, context or browser has been closed"))
    assert (missing.reason, died.reason) == (Reason.BROWSER_MISSING, Reason.BROWSER_CRASHED)


def test_the_named_executable_comes_first(tmp_path: Path) -> None:
    """PROBER_BROWSER is taken as it is, even when it does not exist."""
    assert find_executable({"PROBER_BROWSER": "/nowhere/chrome", "PATH": os.defpath}) == Path("/nowhere/chrome")


def test_the_headless_shell_is_preferred_on_the_path(tmp_path: Path) -> None:
    """Of several browsers on PATH the one that needs least is taken."""
    for name in ("google-chrome", "chromium", "chromium-headless-shell"):
        _executable(tmp_path / name)
    assert find_executable({"PATH": str(tmp_path)}) == tmp_path / "chromium-headless-shell"
    (tmp_path / "chromium-headless-shell").unlink()
    assert find_executable({"PATH": str(tmp_path)}) == tmp_path / "chromium"


def test_a_downloaded_browser_is_the_last_resort(tmp_path: Path) -> None:
    """Playwright's own browser is found in its cache, and nowhere else is none."""
    downloads = tmp_path / ".cache" / "ms-playwright"
    assert find_executable({"PATH": str(tmp_path), "HOME": str(tmp_path)}) is None
    chrome = _executable(downloads / "chromium-1200" / "chrome-linux64" / "chrome")
    assert find_executable({"PATH": str(tmp_path), "HOME": str(tmp_path)}) == chrome
    assert find_executable({"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(downloads)}) == chrome


def _executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path
