"""The steps that end a session, with the proof that nothing is left of it."""

import asyncio
from dataclasses import dataclass

from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.exposure import still_serves
from prober.domain.reasons import Reason
from prober.domain.session import Child, SessionView
from prober.domain.target import Target
from prober.domain.waiting import overdue_deletion
from prober.flow.ports import Exposure, Sessions

LOOK_EVERY_S = 0.25
"""Distance of looks at what is left, in seconds."""

_ASK_TIMEOUT_S = 5.0
"""How long one request to a URL that should be dead may take, in seconds."""


async def terminate(sessions: Sessions, session: SessionView, *, budget_s: float) -> None:
    """Deletes the session and waits until it is gone, finalizers included.

    Raises:
        TargetFailed: `delete_rejected`, or `finalizer_stuck` with the finalizer's name when the budget is used up.
    """
    last, accepted = session, False
    try:
        async with asyncio.timeout(budget_s):
            await sessions.delete(session.ref)
            accepted = True
            async with sessions.watch(session.ref) as views:
                async for view in views:
                    if view is None:
                        return
                    last = view
    except TimeoutError:
        if not accepted:
            summary = f"the API server did not accept the deletion within {budget_s:g} s"
            raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None
        raise failed(overdue_deletion(last, budget_s=budget_s)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """What a look after the session's end found."""

    children: tuple[Child, ...] = ()
    gaps: tuple[str, ...] = ()
    serving_status: int | None = None
    unverified: Fault | None = None

    def fault(self) -> Fault | None:
        """Names what is left, or `None` when nothing is."""
        if self.children:
            names = ", ".join(str(child) for child in self.children)
            return Fault(reason=Reason.CHILD_LEFT, summary=f"left behind: {names}")
        if self.serving_status is not None:
            summary = f"the URL still answers {self.serving_status} after the session's end"
            return Fault(reason=Reason.URL_STILL_SERVING, summary=summary)
        return self.unverified

    def check(self) -> None:
        """Raises what is left.

        Raises:
            TargetFailed: `child_left`, `url_still_serving` or `cleanup_timeout`.
        """
        fault = self.fault()
        if fault is not None:
            raise failed(fault)


async def wait_clean(
    sessions: Sessions, exposure: Exposure, *, session: SessionView, target: Target, url: str | None, budget_s: float
) -> Leftovers:
    """Looks until nothing is left of the session, or the budget is used up.

    Returns:
        The last look; its `fault()` is `None` when everything is gone.
    """
    look = Leftovers(unverified=_unverified("no look was finished in time"))
    try:
        async with asyncio.timeout(budget_s):
            while True:
                look = await look_for_leftovers(sessions, exposure, session=session, target=target, url=url)
                if look.fault() is None:
                    return look
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        return look


async def look_for_leftovers(
    sessions: Sessions, exposure: Exposure, *, session: SessionView, target: Target, url: str | None
) -> Leftovers:
    """Looks once at what belongs to the session and at its URL."""
    try:
        children = await sessions.children(session.ref)
    except TargetFailed as error:
        return Leftovers(unverified=_unverified(error.fault.summary))
    return Leftovers(
        children=tuple(child for child in children.found if child.kind not in target.keep_children),
        gaps=children.gaps,
        serving_status=await _serving_status(exposure, url, verify_tls=target.url.verify_tls),
    )


async def _serving_status(exposure: Exposure, url: str | None, *, verify_tls: bool) -> int | None:
    if url is None:
        return None
    try:
        answer = await exposure.ask(url, verify_tls=verify_tls, timeout_s=_ASK_TIMEOUT_S)
    except TargetFailed:
        return None  # no answer at all: nobody is served there
    return answer.status if still_serves(answer.status) else None


def _unverified(cause: str) -> Fault:
    return Fault(reason=Reason.CLEANUP_TIMEOUT, summary=f"it could not be verified that nothing is left: {cause}")
