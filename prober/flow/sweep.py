"""The removal of orphans: sessions of ours whose run died before its teardown.

What makes a session ours, and an orphan, is in `prober.domain.orphans`. An orphan is removed by uid, and looked after
for a while: only what is seen to be gone counts as removed. One that does not go is a fault, at each sweep anew; what
outlives one is reported, and left alone. Objects of sessions that were gone before the sweep began
are nobody's to find: they bear the platform's marks, not ours.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prober.domain.errors import Fault, ProbeError, TargetFailed
from prober.domain.leftovers import Leftover, named
from prober.domain.orphans import is_orphan, is_ours
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.domain.waiting import held, is_held
from prober.flow.ports import Clock, Sessions
from prober.flow.steps.inspection import Findings, Inspection

REQUEST_S = 10.0
"""How long one request of a sweep may take, in seconds: an API server that hangs must not hang the sweeps to come."""

SETTLE_S = 30.0
"""How long a sweep waits for what it removed to be gone, in seconds: the platform's own limit for a cleanup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What outlived an orphan."""

    session: SessionView
    objects: tuple[Leftover, ...]

    def fault(self) -> Fault:
        """Names what is left."""
        return Fault(reason=Reason.CHILD_LEFT, summary=f"{self.session.ref.name} left behind: {named(self.objects)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep of one namespace did.

    Attributes:
        listed: All our sessions that were there when it began; `None` where they could not be listed.
        removed: The orphans that it removed, and that are gone.
        kept: Our other sessions: their runs may live. Some may be being deleted, by their runs.
        ending: The orphans whose deletion was accepted, before or now, and that were not seen to be gone.
        left: What outlived the orphans.
        gaps: What could not be looked at.
        faults: What could not be listed, removed or verified, and which orphans do not go (`finalizer_stuck`).
    """

    listed: tuple[SessionView, ...] | None = ()

    removed: tuple[SessionView, ...] = ()
    kept: tuple[SessionView, ...] = ()
    ending: tuple[SessionView, ...] = ()
    left: tuple[Remains, ...] = ()
    gaps: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


async def sweep(sessions: Sessions, namespace: str, *, clock: Clock, keep: Collection[str] = ()) -> Swept:
    """Deletes the orphans of one namespace, and touches nothing that is not ours.

    Args:
        sessions: The namespace's cluster.
        namespace: Where.
        clock: For all times.
        keep: The kinds that the platform retains by policy.
    """
    try:
        async with _bounded("listing our sessions"):
            ours = [session for session in await sessions.ours(namespace) if is_ours(session)]
    except ProbeError as error:
        return Swept(listed=None, faults=(error.fault,))
    now = clock.now()
    orphans = [session for session in ours if is_orphan(session, now=now)]
    ending = [session for session in orphans if session.deleting]
    deleted, faults = await _delete(sessions, [session for session in orphans if session not in ending])
    ends = await asyncio.gather(*(_end(sessions, orphan, clock=clock, keep=keep) for orphan in deleted))
    stuck = [session for session in ending if is_held(session, now=now, after_s=SETTLE_S)]
    stuck += [end.look.held for end in ends if end.look.held]
    return Swept(
        listed=tuple(ours),
        removed=tuple(end.session for end in ends if end.gone),
        kept=tuple(session for session in ours if session not in orphans),
        ending=(*ending, *(end.look.held or end.session for end in ends if not end.gone)),
        left=tuple(Remains(session=end.session, objects=end.look.left) for end in ends if end.gone and end.look.left),
        gaps=tuple(dict.fromkeys(gap for end in ends for gap in end.look.gaps)),
        faults=(
            *faults,
            *(held(session, now=clock.now()) for session in stuck),
            *(end.look.unverified for end in ends if end.look.unverified),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """What became of an orphan whose deletion was accepted."""

    session: SessionView
    gone: bool
    look: Findings


async def _delete(sessions: Sessions, orphans: Sequence[SessionView]) -> tuple[list[SessionView], list[Fault]]:
    deleted: list[SessionView] = []
    faults: list[Fault] = []
    for orphan in orphans:
        try:
            async with _bounded(f"deleting {orphan.ref.name}"):
                await sessions.delete(orphan.ref)
        except ProbeError as error:
            faults.append(error.fault)
        else:
            deleted.append(orphan)
    return deleted, faults


async def _end(sessions: Sessions, orphan: SessionView, *, clock: Clock, keep: Collection[str]) -> _End:
    """Gives an orphan time to go, and returns what is left of it."""
    inspection = Inspection(sessions, orphan, clock=clock, keep=keep, gone=False)
    look = await inspection.wait(budget_s=SETTLE_S, patient=True)
    return _End(session=orphan, gone=inspection.gone_at is not None, look=look)


@asynccontextmanager
async def _bounded(doing: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(REQUEST_S):
            yield
    except TimeoutError:
        summary = f"{doing} got no answer within {REQUEST_S:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None
