"""What an HTTP request to a session's URL met, with what that means.

An answer 401 counts as serving: the way in is there and asks who we are. A 404, a 410 or a gateway's 5xx does not:
that is what an ingress says while nothing stands behind it.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from prober.domain.errors import Fault
from prober.domain.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answered request, its times in seconds.

    Attributes:
        status: The HTTP status.
        dns_s: Resolving the host.
        tcp_s: Connecting.
        tls_s: The TLS handshake; `None` over plain HTTP.
        first_byte_s: From the request sent to the first byte of the answer.
        certificate_expires_at: When the server's certificate ends.
    """

    status: int
    dns_s: float
    tcp_s: float
    first_byte_s: float
    tls_s: float | None = None
    certificate_expires_at: datetime | None = None

    def timings(self) -> dict[str, float]:
        """Returns the sub-timings by name, in seconds."""
        spans = {
            "dns": self.dns_s,
            "tcp": self.tcp_s,
            "tls": self.tls_s,
            "first_byte": self.first_byte_s,
        }
        return {name: span for name, span in spans.items() if span is not None}


def serving_fault(status: int) -> Fault | None:
    """Says why an answer is not that of a session that serves, or `None` when it is."""
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return Fault(reason=Reason.HTTP_404_ROUTE, summary=f"the session's URL answers {status}: no route to it")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fault(reason=Reason.HTTP_5XX, summary=f"the session's URL answers {status}")
    return None


def still_serves(status: int) -> bool:
    """Tells whether an answer after the session's end comes from the session, not from an ingress without one."""
    return serving_fault(status) is None


def login_fault(status: int) -> Fault | None:
    """Says why a page's answer to our credentials is not a login, or `None` when it is one."""
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Fault(reason=Reason.AUTH_REJECTED, summary=f"the desktop answers {status} to our credentials")
    fault = serving_fault(status)
    if fault is None and status >= HTTPStatus.BAD_REQUEST:
        return Fault(reason=Reason.FALSE_RUNNING, summary=f"the session's URL answers {status} and shows no page")
    return fault
