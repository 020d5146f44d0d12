"""The wait for a session's end, with an eye on what the platform does meanwhile.

A session that goes soon costs one watch. One that does not is looked behind now and then: whether its objects go
tells a slow operator from a stuck one.
"""

import asyncio

from prober.domain.errors import TargetFailed
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
"""How long one such look may take, in seconds: the session's end, which it delays, is what is measured."""

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
        self._due = self._begin + min(LOOK_AFTER_S, budget_s / _FIRST_SHARE)
        self._children: frozenset[Child] | None = None
        self._went = 0
        self._gaps: tuple[str, ...] = ("its objects were not looked at",)

    async def wait(self, views: SessionStates) -> None:
        """Returns once the session is gone.

        Raises:
            TargetFailed: When the API server refuses to tell.
        """
        while True:
            try:
                async with asyncio.timeout(max(0.0, self._due - self._clock.monotonic())):
                    view = await anext(views)
            except TimeoutError:
                begin = self._clock.monotonic()
                await self._look()
                now = self._clock.monotonic()
                self._due = now + max(self._every_s, now - begin)
                continue
            if view is None:
                return
            self._note(view)

    def ending(self) -> Ending:
        """Returns what was seen so far."""
        now, today = self._clock.monotonic(), self._clock.now()
        children = sorted(self._children or (), key=str)
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

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_LIMIT_S):
                children = await self._sessions.children(self._session.ref)
        except TimeoutError:
            self._gaps = ("its objects were not listed in time",)
        except TargetFailed as error:
            self._gaps = (error.fault.summary,)
        else:
            self._compare(children)

    def _compare(self, children: Children) -> None:
        before, now = self._children, frozenset(children.found)
        if before is not None and before != now:
            self._moved = self._clock.monotonic()
            self._went += len({str(child) for child in before} - {str(child) for child in now})
        self._children, self._gaps = now, children.gaps


def _told(view: SessionView) -> tuple[object, ...]:
    """Returns what only an operator writes; what else there is in an object changes while it is stuck, too."""
    return view.phase, view.message, view.pod_name, view.url, view.finalizers
