"""What an interposer can do to the requests of a client, as values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

WATCH = "WATCH"
"""How the GET of a watch is called here."""


class Kind(StrEnum):
    """What is done."""

    CUT_REQUEST = "cut_request"
    """The connection is cut, the server never hears of the request."""
    CUT_ANSWER = "cut_answer"
    """The connection is cut when the server has answered."""
    CUT_MIDWAY = "cut_midway"
    """The connection is cut in the middle of the answer."""
    HANG = "hang"
    """Nothing passes in either direction, open watches included, as long as it lasts."""
    HANG_ANSWER = "hang_answer"
    """The server hears of the request, the client never of the answer."""
    REFUSE = "refuse"
    """The request is refused in the server's stead."""
    EXPIRE = "expire"
    """A watch begins, and tells at once that its version expired."""
    DELAY = "delay"
    """Each answer begins that much later."""
    IDLE_CUT = "idle_cut"
    """A connection on which nothing passed for so long is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """One harm.

    Attributes:
        kind: What is done.
        methods: To requests of which methods; none are all.
        times: To how many of them; `None` is to all.
        spared: How many of them are spared first.
        code: The status of a refusal.
        retry_after_s: What a refusal asks for.
        seconds: How long a delay is, or a connection may be idle.
    """

    kind: Kind
    methods: frozenset[str] = frozenset()
    times: int | None = None
    spared: int = 0
    code: int = 0
    retry_after_s: int | None = None
    seconds: float = 0.0

    def meets(self, method: str) -> bool:
        """Tells whether a request of this method is harmed."""
        return not self.methods or method in self.methods

    def due(self, number: int) -> bool:
        """Tells whether the so manieth of those requests is harmed, counted from 1."""
        return number > self.spared and (self.times is None or number <= self.spared + self.times)

    def status(self) -> dict[str, Any]:
        """Returns the body of a refusal."""
        reasons = {410: "Expired", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable"}
        body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": self.code}
        return body | {"reason": reasons.get(self.code, ""), "message": f"refused with {self.code} by a test"}


def cut_request(*methods: str, times: int | None = None) -> Harm:
    """Cuts connections before the request has reached the server."""
    return Harm(kind=Kind.CUT_REQUEST, methods=frozenset(methods), times=times)


def cut_answer(*methods: str, times: int | None = None) -> Harm:
    """Cuts connections when the server has answered, before the answer is passed on."""
    return Harm(kind=Kind.CUT_ANSWER, methods=frozenset(methods), times=times)


def hang() -> Harm:
    """Lets nothing pass."""
    return Harm(kind=Kind.HANG)


def hang_answer(*methods: str) -> Harm:
    """Lets requests pass, and never an answer."""
    return Harm(kind=Kind.HANG_ANSWER, methods=frozenset(methods))


def throttle(*methods: str, retry_after_s: int = 1, times: int | None = None) -> Harm:
    """Refuses with 429."""
    return Harm(kind=Kind.REFUSE, methods=frozenset(methods), times=times, code=429, retry_after_s=retry_after_s)


def refuse(code: int, *methods: str, times: int | None = None) -> Harm:
    """Refuses with another status."""
    return Harm(kind=Kind.REFUSE, methods=frozenset(methods), times=times, code=code)


def expire(*, times: int | None = None) -> Harm:
    """Lets watches tell that their version expired, as an event; `refuse(410, WATCH)` does it by a status."""
    return Harm(kind=Kind.EXPIRE, methods=frozenset({WATCH}), times=times, code=410)


def delay(seconds: float = 2.0) -> Harm:
    """Makes every answer late."""
    return Harm(kind=Kind.DELAY, seconds=seconds)


def idle_cut(seconds: float = 5.0) -> Harm:
    """Cuts idle connections."""
    return Harm(kind=Kind.IDLE_CUT, seconds=seconds)
