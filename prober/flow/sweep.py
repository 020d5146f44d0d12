"""The removal of orphans: sessions of ours whose run died before its teardown.

What makes a session ours, and an orphan, is in `prober.domain.orphans`. An orphan is removed by uid, and looked after
for a while: what outlives it is reported, and left alone. Objects of sessions that were gone before the sweep began
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
        removed: The orphans whose deletion was accepted.
        kept: Our other sessions: their runs may live.
        ending: Our sessions whose deletion was accepted, before or now, and that do not go: a finalizer keeps them.
        left: What outlived the orphans.
        gaps: What could not be looked at.
        faults: What could not be listed, removed or verified.
    """

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
        return Swept(faults=(error.fault,))
    now = clock.now()
    ending = [session for session in ours if session.deleting]
    orphans = [session for session in ours if session not in ending and is_orphan(session, now=now)]
    kept = tuple(session for session in ours if session not in ending and session not in orphans)
    removed, faults = await _remove(sessions, orphans)
    looks = await asyncio.gather(*(_settled(sessions, orphan, clock=clock, keep=keep) for orphan in removed))
    return Swept(
        removed=tuple(removed),
        kept=kept,
        ending=(*ending, *(look.held for look in looks if look.held)),
        left=tuple(
            Remains(session=session, objects=look.outlived)
            for session, look in zip(removed, looks, strict=True)
            if look.outlived
        ),
        gaps=tuple(dict.fromkeys(gap for look in looks for gap in look.gaps)),
        faults=(*faults, *(look.unverified for look in looks if look.unverified)),
    )


async def _remove(sessions: Sessions, orphans: Sequence[SessionView]) -> tuple[list[SessionView], list[Fault]]:
    removed: list[SessionView] = []
    faults: list[Fault] = []
    for orphan in orphans:
        try:
            async with _bounded(f"deleting {orphan.ref.name}"):
                await sessions.delete(orphan.ref)
        except ProbeError as error:
            faults.append(error.fault)
        else:
            removed.append(orphan)
    return removed, faults


async def _settled(sessions: Sessions, orphan: SessionView, *, clock: Clock, keep: Collection[str]) -> Findings:
    """Returns what is left of an orphan once it has had time to go."""
    inspection = Inspection(sessions, orphan, clock=clock, keep=keep, gone=False)
    try:
        return await inspection.wait(budget_s=SETTLE_S, patient=True)
    except ProbeError as error:
        return Findings(unverified=error.fault)


@asynccontextmanager
async def _bounded(doing: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(REQUEST_S):
            yield
    except TimeoutError:
        summary = f"{doing} got no answer within {REQUEST_S:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None
