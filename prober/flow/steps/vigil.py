"""The wait for a session's end, with an eye on what the platform does meanwhile.

A session that goes soon costs one watch. One that does not is looked behind now and then: whether its objects go
tells a slow operator from a stuck one. The looks are made beside the wait: its end is what is measured.
"""

import asyncio

from prober.domain.errors import ProbeError
from prober.domain.leftovers import Leftover
from prober.domain.session import Child, Children, SessionView
from prober.domain.waiting import Ending
from prober.flow.ports import Clock, Sessions
from prober.flow.ports.sessions import SessionStates

LOOK_AFTER_S = 3.0
"""When a session's objects are looked at first, in seconds: most sessions are gone by then."""

LOOK_EVERY_S = 1.0
"""Shortest distance of those looks, in seconds; a look that takes long is followed by as long a rest."""

_LOOK_LIMIT_S = 2.0
"""How long one such look may take, in seconds: what it finds is to be of one moment."""

_FIRST_SHARE, _SHARE = 4, 8
"""The parts of a short budget after which the first look, then each further one comes."""


class Vigil:
    """Waits for the end of one session whose deletion was accepted just now.

    Args:
        sessions: The session's cluster.
        session: The session, as it was before.
        clock: For all times.
        budget_s: How long the wait may take, in seconds; whoever waits keeps to it.
    """

    def __init__(self, sessions: Sessions, session: SessionView, *, clock: Clock, budget_s: float) -> None:
        self._sessions = sessions
        self._session = session
        self._clock = clock
        self._every_s = min(LOOK_EVERY_S, budget_s / _SHARE)
        self._begin = self._moved = clock.monotonic()
        self._first_s = min(LOOK_AFTER_S, budget_s / _FIRST_SHARE)
        self._seen: Children | None = None
        self._went = 0
        self._gaps: tuple[str, ...] = ("its objects were not looked at",)

    async def wait(self, views: SessionStates) -> None:
        """Returns once the session is gone.

        Raises:
            ProbeError: What keeps the API server from telling.
        """
        looks = asyncio.create_task(self._look_on(), name=f"looks behind {self._session.ref.name}")
        try:
            while (view := await anext(views)) is not None:
                self._note(view)
        finally:
            looks.cancel()
            await asyncio.wait([looks])
            if not looks.cancelled():
                looks.result()  # they end by a defect only, which must not stay unheard

    def ending(self) -> Ending:
        """Returns what was seen so far."""
        now, today = self._clock.monotonic(), self._clock.now()
        children = () if self._seen is None else sorted(self._seen.found, key=str)
        return Ending(
            session=self._session,
            waited_s=now - self._begin,
            quiet_s=now - self._moved,
            left=tuple(Leftover.of(child, now=today) for child in children),
            went=self._went,
            gaps=self._gaps,
        )

    def _note(self, view: SessionView) -> None:
        if _told(view) != _told(self._session):
            self._moved = self._clock.monotonic()
        self._session = view

    async def _look_on(self) -> None:
        await asyncio.sleep(self._first_s)
        while True:
            begin = self._clock.monotonic()
            await self._look()
            await asyncio.sleep(max(self._every_s, self._clock.monotonic() - begin))

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_LIMIT_S):
                children = await self._sessions.children(self._session.ref)
        except TimeoutError:
            self._gaps = ("its objects were not listed in time",)
        except ProbeError as error:
            self._gaps = (error.fault.summary,)
        else:
            self._compare(children)

    def _compare(self, children: Children) -> None:
        """Tells what went, or began to go, since the look before; a look that sees less than that tells nothing."""
        before, self._gaps = self._seen, children.gaps
        if before is not None:
            if not set(children.gaps) <= set(before.gaps):
                return
            now = {str(child): child for child in children.found}
            went = {str(child) for child in before.found} - now.keys()
            self._went += len(went)
            if went or any(_begins_to_go(child, now.get(str(child))) for child in before.found):
                self._moved = self._clock.monotonic()
        self._seen = children


def _begins_to_go(before: Child, now: Child | None) -> bool:
    return now is not None and before.deleted_at is None and now.deleted_at is not None


def _told(view: SessionView) -> tuple[object, ...]:
    """Returns what only an operator writes; what else there is in an object changes while it is stuck, too."""
    return view.phase, view.message, view.pod_name, view.url, view.finalizers
