"""The steps that end a session, with the proof that nothing is left of it."""

import asyncio
from dataclasses import dataclass

from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.exposure import still_serves
from prober.domain.ids import RunId
from prober.domain.reasons import Reason
from prober.domain.session import Child, SessionView
from prober.domain.target import Target
from prober.domain.waiting import overdue_deletion
from prober.flow.ports import Exposure, Sessions

LOOK_EVERY_S = 0.25
"""Distance of looks at what is left, in seconds."""

_ASK_TIMEOUT_S = 5.0
"""How long one request to a URL that should be dead may take, in seconds."""


async def find(sessions: Sessions, namespace: str, *, run_id: RunId, budget_s: float) -> SessionView | None:
    """Looks for the session of a run whose creation was asked for and never confirmed.

    Raises:
        TargetFailed: What the API server answered, or `api_unreachable` when it did not in time.
    """
    try:
        async with asyncio.timeout(budget_s):
            own = await sessions.ours(namespace, run_id=run_id)
    except TimeoutError:
        summary = f"the API server did not list the run's sessions within {budget_s:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None
    return next(iter(own), None)


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
    sessions: Sessions,
    exposure: Exposure,
    *,
    session: SessionView,
    target: Target,
    url: str | None,
    budget_s: float,
    once: bool = False,
) -> Leftovers:
    """Looks until nothing is left of the session, or the budget is used up.

    Args:
        sessions: The session's cluster.
        exposure: For asking the URL.
        session: What is over.
        target: Its rules.
        url: The session's URL, where it ever had one.
        budget_s: How long to look, in seconds.
        once: One look is enough: waiting would change nothing.

    Returns:
        The last look; its `fault()` is `None` when everything is gone.
    """
    look = Leftovers(unverified=unverified("no look was finished in time"))
    try:
        async with asyncio.timeout(budget_s):
            while True:
                look = await _look_for_leftovers(sessions, exposure, session=session, target=target, url=url)
                if once or look.fault() is None:
                    return look
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        return look


async def _look_for_leftovers(
    sessions: Sessions, exposure: Exposure, *, session: SessionView, target: Target, url: str | None
) -> Leftovers:
    """Looks once at what belongs to the session and at its URL."""
    try:
        children = await sessions.children(session.ref)
    except TargetFailed as error:
        return Leftovers(unverified=unverified(error.fault.summary))
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


def unverified(cause: str) -> Fault:
    """Says that the cleanup is not known to be complete."""
    return Fault(reason=Reason.CLEANUP_TIMEOUT, summary=f"it could not be verified that nothing is left: {cause}")
