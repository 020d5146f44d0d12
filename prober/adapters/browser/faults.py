"""What Playwright raises, as our own faults.

No exception of the driver leaves this package. Of its messages only the first line is kept, shortened and without
URLs: the lines below it are a log of what was typed and where, credentials included.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.async_api import Error as PlaywrightError

from prober.domain.errors import Fault, ProberFailed
from prober.domain.masking import message
from prober.domain.reasons import Reason

_LONGEST_MESSAGE = 300
"""Characters of a driver's message that may reach a report: more is a log."""

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_NET_ERROR = re.compile(r"\bnet::(ERR_[A-Z0-9_]+)")
_MISSING = ("executable doesn't exist", "enoent", "eacces", "looks like playwright was just installed")
_DEAD = ("has been closed", "crashed", "connection closed", "browser closed", "has disconnected")
_LEAVING = ("execution context was destroyed", "cannot find context", "frame was detached", "frame has been detached")

_NETWORK = (
    ("ERR_NAME_", Reason.DNS),
    ("ERR_DNS_", Reason.DNS),
    ("ERR_CONNECTION_CLOSED", Reason.FALSE_RUNNING),
    ("ERR_CONNECTION_", Reason.TCP_REFUSED),
    ("ERR_ADDRESS_", Reason.TCP_REFUSED),
    ("ERR_TIMED_OUT", Reason.TCP_REFUSED),
    ("ERR_PROXY_", Reason.TCP_REFUSED),
    ("ERR_TUNNEL_", Reason.TCP_REFUSED),
    ("ERR_CERT_", Reason.TLS),
    ("ERR_SSL_", Reason.TLS),
    ("ERR_BAD_SSL_", Reason.TLS),
    ("ERR_EMPTY_RESPONSE", Reason.FALSE_RUNNING),
    ("ERR_HTTP", Reason.FALSE_RUNNING),
    ("ERR_INVALID_HTTP_RESPONSE", Reason.FALSE_RUNNING),
    ("ERR_RESPONSE_", Reason.FALSE_RUNNING),
    ("ERR_INCOMPLETE_", Reason.FALSE_RUNNING),
    ("ERR_CONTENT_", Reason.FALSE_RUNNING),
    ("ERR_TOO_MANY_REDIRECTS", Reason.FALSE_RUNNING),
    ("ERR_INVALID_REDIRECT", Reason.FALSE_RUNNING),
    ("ERR_ABORTED", Reason.FALSE_RUNNING),
    ("ERR_UNSAFE_", Reason.URL_REJECTED),
    ("ERR_INVALID_URL", Reason.URL_REJECTED),
    ("ERR_UNKNOWN_URL_SCHEME", Reason.URL_REJECTED),
)
"""Chromium's network errors by prefix, the first that fits; what fits none is nobody's fault but ours."""

_UNAUTHORISED = ("ERR_INVALID_AUTH_CREDENTIALS", "ERR_TOO_MANY_RETRIES")
"""How Chromium says that it gave up answering 401."""


@contextmanager
def translated(action: str) -> Iterator[None]:
    """Raises what the driver raises within the block as a fault of ours.

    Args:
        action: What was being done, for the summary.

    Raises:
        ProberFailed: `browser_crashed` when the page or the browser died, else `driver_error`.
    """
    try:
        yield
    except PlaywrightError as error:
        reason = Reason.BROWSER_CRASHED if _says(error, _DEAD) else Reason.DRIVER_ERROR
        raise ProberFailed.because(reason, f"{action}: {brief(error)}") from _cause(error)


def launch_fault(error: Exception) -> Fault:
    """Says why no browser could be launched: it is missing, or it died at once."""
    reason = Reason.BROWSER_MISSING if _says(error, _MISSING) else Reason.BROWSER_CRASHED
    return Fault(reason=reason, summary=f"the browser cannot be launched: {brief(error)}")


def navigation_fault(error: PlaywrightError) -> Fault | None:
    """Says what a navigation met instead of an answer, or `None` where the error is not the network's."""
    found = _NET_ERROR.search(error.message)
    if found is None:
        return None
    code = found.group(1)
    reason = next((reason for prefix, reason in _NETWORK if code.startswith(prefix)), Reason.DRIVER_ERROR)
    return Fault(reason=reason, summary=f"the browser cannot open the session's URL: {code}")


def is_unauthorised(error: PlaywrightError) -> bool:
    """Tells whether a navigation ended because credentials were refused."""
    return any(code in error.message for code in _UNAUTHORISED)


def is_leaving(error: PlaywrightError) -> bool:
    """Tells whether a frame could not answer only because it was navigating or removed."""
    return _says(error, _LEAVING)


def brief(error: Exception) -> str:
    """Returns a driver's message fit for a report."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return message(_URL.sub("<url>", line), most=_LONGEST_MESSAGE)


def _says(error: Exception, signs: tuple[str, ...]) -> bool:
    words = str(error).lower()
    return any(sign in words for sign in signs)


def _cause(error: PlaywrightError) -> PlaywrightError:
    """Returns the same kind of error without the driver's log, which would show up in tracebacks."""
    return type(error)(brief(error))
