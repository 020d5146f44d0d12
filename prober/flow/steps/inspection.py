"""The proof that nothing is left of a session."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from prober.domain.errors import Fault, ProbeError, ProberFailed, TargetFailed, failed
from prober.domain.exposure import still_serves
from prober.domain.leftovers import Leftover, named
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.flow.ports import Clock, Exposure, Sessions
from prober.flow.steps.asking import pause_s

LOOK_EVERY_S = 0.25
"""Shortest distance of looks at what is left, in seconds; a look that takes long is followed by as long a rest."""

HELD_EVERY_S = 1.0
"""The same while the session itself is still there: nobody's time is measured then."""

_ASK_TIMEOUT_S = 5.0
"""How long one request to a URL that should be dead may take, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a look after the session's end found.

    Attributes:
        held: The session itself, where it is still there: its objects cannot go before it.
        left: Its objects that are still there.
        kept: Those of them that the platform retains by policy.
        gaps: What could not be looked at.
        serving_status: What its URL answers, where that still serves.
        unverified: Why nothing was seen at all.
    """

    held: SessionView | None = None
    left: tuple[Leftover, ...] = ()
    kept: tuple[Leftover, ...] = ()
    gaps: tuple[str, ...] = ()
    serving_status: int | None = None
    unverified: Fault | None = None

    def fault(self) -> Fault | None:
        """Names what is left, or `None` when nothing is."""
        if self.held is not None:
            kept = f" (finalizers: {', '.join(self.held.finalizers)})" if self.held.finalizers else ""
            names = f", with {named(self.left)}" if self.left else ""
            return unverified(f"the session itself is still there{kept}{names}")
        if self.left:
            return Fault(reason=Reason.CHILD_LEFT, summary=f"left behind: {named(self.left)}")
        if self.serving_status is not None:
            summary = f"the URL still answers {self.serving_status} after the session's end"
            return Fault(reason=Reason.URL_STILL_SERVING, summary=summary)
        return self.unverified

    def check(self) -> None:
        """Raises what is left.

        Raises:
            TargetFailed: `child_left`, `url_still_serving` or `cleanup_timeout`.
            ProberFailed: What kept us from looking.
        """
        fault = self.fault()
        if fault is not None:
            raise failed(fault)


async def _nobody() -> None:
    """Answers for a session whose URL is not known."""


class Inspection:
    """Looks after what is left of one session.

    Args:
        sessions: The session's cluster.
        session: What is over, or should be.
        clock: For all times.
        keep: The kinds that the platform retains by policy.
        gone: Whether the session itself was seen to be gone.
        serving: Gives what the session's URL answers, `None` where it serves nobody.

    Attributes:
        gone_at: When a look found the session gone, by the monotonic clock.
    """

    def __init__(
        self,
        sessions: Sessions,
        session: SessionView,
        *,
        clock: Clock,
        keep: Collection[str],
        gone: bool,
        serving: Callable[[], Awaitable[int | None]] = _nobody,
    ) -> None:
        self.gone_at: float | None = None
        self._sessions = sessions
        self._session = session
        self._clock = clock
        self._keep = keep
        self._gone = gone
        self._serving = serving

    async def wait(self, *, budget_s: float, patient: bool) -> Findings:
        """Looks until nothing is left, or the budget in seconds is used up.

        Args:
            budget_s: How long to look, in seconds.
            patient: Whether a session that is still there is waited for, rather than looked behind once.

        Returns:
            The last look; its `fault()` is `None` when everything is gone.
        """
        look = Findings(unverified=unverified("no look was finished in time"))
        try:
            async with asyncio.timeout(budget_s):
                while True:
                    begin = self._clock.monotonic()
                    try:
                        look = await self._look()
                        rest_s = LOOK_EVERY_S if look.held is None else HELD_EVERY_S
                    except ProbeError as error:
                        look = Findings(unverified=_unseen(error))
                        rest_s = pause_s(error, otherwise_s=LOOK_EVERY_S)
                    if look.fault() is None or not (patient or self._gone):
                        return look
                    await asyncio.sleep(max(rest_s, self._clock.monotonic() - begin))
        except TimeoutError:
            return look

    async def _look(self) -> Findings:
        """Looks once at the session, at what belongs to it and at its URL.

        Raises:
            TargetFailed: When the API server does not answer, or refuses.
            ProberFailed: When we could not ask.
        """
        held = None if self._gone else await self._sessions.get(self._session.ref)
        if held is None and not self._gone:
            self._gone, self.gone_at = True, self._clock.monotonic()
        children = await self._sessions.children(self._session.ref)
        now = self._clock.now()
        there = [Leftover.of(child, now=now) for child in children.found]
        return Findings(
            held=held,
            left=tuple(child for child in there if child.kind not in self._keep),
            kept=tuple(child for child in there if child.kind in self._keep),
            gaps=children.gaps,
            serving_status=None if held else await self._serving(),
        )


async def serving_status(
    exposure: Exposure, url: str | None, *, verify_tls: bool, headers: Mapping[str, str] | None = None
) -> int | None:
    """Returns what a session's URL answers, `None` where it serves nobody or never was."""
    if url is None:
        return None
    try:
        answer = await exposure.ask(url, verify_tls=verify_tls, timeout_s=_ASK_TIMEOUT_S, headers=headers)
    except TargetFailed:
        return None  # no answer at all: nobody is served there
    return answer.status if still_serves(answer.status) else None


def unverified(cause: str, *, reason: Reason = Reason.CLEANUP_TIMEOUT) -> Fault:
    """Says that the cleanup is not known to be complete."""
    return Fault(reason=reason, summary=f"it could not be verified that nothing is left: {cause}")


def _unseen(error: ProbeError) -> Fault:
    """Says what kept a look from being finished; what was our own fault stays ours."""
    reason = error.fault.reason if isinstance(error, ProberFailed) else Reason.CLEANUP_TIMEOUT
    return unverified(error.fault.summary, reason=reason)
