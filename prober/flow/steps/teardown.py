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
from prober.flow.journal import StepNotes
from prober.flow.ports import Exposure, Sessions

LOOK_EVERY_S = 0.25
"""Distance of looks at what is left, in seconds."""

CONFIRM_S = 3.0
"""How long a session is looked for whose creation nobody confirmed, in seconds: longer than an API server that did not
answer needs to carry out what it has accepted."""

CONFIRM_EVERY_S = 0.5
"""Distance of those looks, in seconds."""

DELETE_EVERY_S = 0.5
"""Distance of the attempts to delete while nobody answers, in seconds."""

_ASK_TIMEOUT_S = 5.0
"""How long one request to a URL that should be dead may take, in seconds."""


async def find(sessions: Sessions, namespace: str, *, run_id: RunId, budget_s: float) -> SessionView | None:
    """Looks for the session of a run whose creation was asked for and never confirmed.

    Looks for a while: an API server that did not answer in time may accept the request a moment later.

    Raises:
        TargetFailed: What the API server answered, or `api_unreachable` when it did not in time.
    """
    looks = max(1, round(min(CONFIRM_S, budget_s / 2) / CONFIRM_EVERY_S))
    try:
        async with asyncio.timeout(budget_s):
            for look in range(looks):
                if look:
                    await asyncio.sleep(CONFIRM_EVERY_S)
                own = await sessions.ours(namespace, run_id=run_id)
                if own:
                    return own[0]
    except TimeoutError:
        summary = f"the API server did not list the run's sessions within {budget_s:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None
    return None


async def terminate(sessions: Sessions, session: SessionView, *, budget_s: float, notes: StepNotes) -> None:
    """Deletes the session and waits until it is gone, finalizers included.

    A request that the API server did not answer is made again, as a visible attempt: else the session would be left.

    Raises:
        TargetFailed: `delete_rejected`; when the budget is used up `finalizer_stuck` with the finalizer's name, or
            `api_unreachable` when nobody could be asked any more.
    """
    met = Fault(reason=Reason.API_UNREACHABLE, summary=f"the API server took no deletion within {budget_s:g} s")
    notes.attempts, accepted = 0, False
    async with sessions.watch(session.ref) as views:
        try:
            async with asyncio.timeout(budget_s):
                while not accepted:
                    notes.attempts += 1
                    refusal = await _delete(sessions, session)
                    accepted, met = refusal is None, refusal or met
                    if refusal is not None:
                        await asyncio.sleep(DELETE_EVERY_S)
                async for view in views:
                    if view is None:
                        return
                    session = view
        except TimeoutError:
            overdue = overdue_deletion(session, budget_s=budget_s)
            raise failed((views.outage or overdue) if accepted else met) from None


async def _delete(sessions: Sessions, session: SessionView) -> Fault | None:
    """Asks once; returns the fault when nobody answered."""
    try:
        await sessions.delete(session.ref)
    except TargetFailed as error:
        if error.fault.reason is not Reason.API_UNREACHABLE:
            raise
        return error.fault
    return None


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

    def while_owned(self) -> "Leftovers":
        """Returns the same look as one at a session that is not gone, whose objects cannot go before it."""
        names = "".join(f", with {child}" for child in self.children)
        return Leftovers(gaps=self.gaps, unverified=unverified(f"the session itself is still there{names}"))

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
