"""The removal of orphans: sessions of ours whose run died before its teardown."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from prober.domain.errors import Fault, ProbeError, TargetFailed
from prober.domain.orphans import is_orphan, is_ours
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.flow.ports import Sessions

REQUEST_S = 10.0
"""How long one request of a sweep may take, in seconds: an API server that hangs must not hang the sweeps to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep of one namespace did.

    Attributes:
        removed: The orphans whose deletion was accepted.
        kept: Our other sessions: their runs may live.
        ending: Our sessions whose deletion was accepted before: a finalizer keeps them.
        faults: What could not be listed or removed.
    """

    removed: tuple[SessionView, ...] = ()
    kept: tuple[SessionView, ...] = ()
    ending: tuple[SessionView, ...] = ()
    faults: tuple[Fault, ...] = ()


async def sweep(sessions: Sessions, namespace: str, *, now: datetime) -> Swept:
    """Deletes the orphans of one namespace, and touches nothing that is not ours."""
    try:
        async with _bounded("listing our sessions"):
            ours = [session for session in await sessions.ours(namespace) if is_ours(session)]
    except ProbeError as error:
        return Swept(faults=(error.fault,))
    ending = tuple(session for session in ours if session.deleting)
    orphans = [session for session in ours if session not in ending and is_orphan(session, now=now)]
    kept = tuple(session for session in ours if session not in ending and session not in orphans)
    removed, faults = await _remove(sessions, orphans)
    return Swept(removed=tuple(removed), kept=kept, ending=ending, faults=tuple(faults))


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


@asynccontextmanager
async def _bounded(doing: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(REQUEST_S):
            yield
    except TimeoutError:
        summary = f"{doing} got no answer within {REQUEST_S:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None
