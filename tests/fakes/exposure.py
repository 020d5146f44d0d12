"""URLs without a network, for tests of the flow.

A URL serves (401) while a session of the given cluster lives that says so, and has no route (404) otherwise. A test
scripts what shall differ, one answer a question, before it goes on like that:

    FakeExposure(sessions)
    FakeExposure(sessions, 503, 503)                       # serves at the third question
    FakeExposure(sessions, HANG)
    FakeExposure(always=TargetFailed.because(Reason.DNS, "no such host"))
    FakeExposure(sessions, always=200)                     # serves for ever, after the session's end too

It runs the contract suite of the real adapter.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from prober.domain.errors import ProbeError, TargetFailed
from prober.domain.exposure import Answer
from prober.domain.reasons import Reason
from prober.flow.ports.exposure import Exposure
from tests.fakes.browser import HANG, Hang
from tests.fakes.sessions import FakeSessions

Said = int | Answer | ProbeError | Hang
"""A status, a whole answer, a fault, or silence."""

SERVING = 401
GONE = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question."""

    url: str
    verify_tls: bool
    timeout_s: float
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(status: int) -> Answer:
    """Returns an answer that took 12 ms altogether."""
    return Answer(status=status, dns_s=0.001, tcp_s=0.001, tls_s=0.005, first_byte_s=0.005)


class FakeExposure(Exposure):
    """Scripted answers.

    Attributes:
        asked: The questions, in order.
        always: What is answered when the script is used up, `None` for what the sessions give.
        takes_s: How long an answer takes.
    """

    def __init__(
        self, sessions: FakeSessions | None = None, *script: Said, always: Said | None = None, takes_s: float = 0.012
    ) -> None:
        self.asked: list[Asked] = []
        self.always = always
        self.takes_s = takes_s
        self._sessions = sessions
        self._script = list(script)

    def then(self, *script: Said) -> None:
        """Adds to the script."""
        self._script.extend(script)

    async def ask(
        self, url: str, *, verify_tls: bool, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Plays the script."""
        self.asked.append(Asked(url=url, verify_tls=verify_tls, timeout_s=timeout_s, headers=headers or {}))
        said = self._script.pop(0) if self._script else self._usual(url)
        if isinstance(said, Hang) or self.takes_s > timeout_s:
            await asyncio.sleep(timeout_s)
            raise TargetFailed.because(Reason.FALSE_RUNNING, f"no answer within {timeout_s:g} s")
        await asyncio.sleep(self.takes_s)
        if isinstance(said, ProbeError):
            raise said
        return said if isinstance(said, Answer) else answer(said)

    def _usual(self, url: str) -> Said:
        if self.always is not None:
            return self.always
        living = [] if self._sessions is None else self._sessions.live()
        return SERVING if any(view.url == url.partition("?")[0] for view in living) else GONE


__all__ = ["GONE", "HANG", "SERVING", "Asked", "FakeExposure", "Said", "answer"]
