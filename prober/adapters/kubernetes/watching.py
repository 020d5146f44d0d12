"""The states of one session, as they come.

Three moves in turn: list the one session for its state and the collection's version, open a watch from that version,
listen. Whatever ends a watch (its time, an expired version, a cut connection) leads back to the list, after a pause
that grows while nothing is heard. It is a list, not a get, since an object's own version may have left the API
server's window long ago. Where watching is not permitted, listing goes on each second.

An outage is what lists meet. A watch that breaks is none: the list that follows tells. A watch that is silent is left
for a list too, so that an API server which hangs does not pass for one that has no news.

Waiting for the next state may be cancelled and begun anew: nothing is lost between two waits.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus

from prober.adapters.kubernetes.api import ApiServer, EventStream, RawObject
from prober.adapters.kubernetes.refusals import fault_of
from prober.adapters.kubernetes.resources import Platform
from prober.adapters.kubernetes.views import items_of, session_view, version_of
from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.reasons import Reason
from prober.domain.session import SessionRef, SessionView
from prober.flow.ports.sessions import SessionStates

WATCH_S = 30
"""How long one watch lasts at most, in seconds; the API server ends it."""

SILENCE_S = 5.0
"""A watch silent for so long is left for a list, in seconds: with ANSWER_S well below the budgets of whole steps."""

ANSWER_S = 5.0
"""An API server that has not answered for so long is unreachable, in seconds; it usually takes milliseconds."""

SHORTEST_PAUSE_S = 0.2
"""The pause before a watch is begun anew, in seconds."""

LONGEST_PAUSE_S = 2.0
"""What the pause grows to while nothing is heard, in seconds."""

POLL_S = 1.0
"""Distance of lists where watching is not permitted, in seconds."""

_UNWATCHABLE = {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}


class WatchedStates(SessionStates):
    """The port's stream over one API server, which the caller closes."""

    def __init__(self, api: ApiServer, ref: SessionRef, *, platform: Platform) -> None:
        self._api = api
        self._ref = ref
        self._platform = platform
        self._path = platform.sessions.path(ref.namespace)
        self._query = {"fieldSelector": f"metadata.name={ref.name}"}
        self._seen_version: str | None = None
        self._list_version: str | None = None
        self._events: EventStream | None = None
        self._heard_s = 0.0
        self._outage: Fault | None = None
        self._watchable = True
        self._pause_s = 0.0
        self._over = False

    @property
    def outage(self) -> Fault | None:
        """What the last list met, where that was no answer."""
        return self._outage

    async def __anext__(self) -> SessionView | None:
        """Waits for the next state."""
        while not self._over:
            try:
                view = await self._advance()
            except TargetFailed as error:
                self._fall_back()
                if error.fault.reason is not Reason.API_UNREACHABLE:
                    raise
                continue
            if view is not None or self._over:
                return view
        raise StopAsyncIteration

    def close(self) -> None:
        """Ends the stream; a second call does nothing."""
        self._over = True
        self._end_watch()

    async def _advance(self) -> SessionView | None:
        """Makes the next move, and returns the state where that gave a new one."""
        if self._events is not None:
            return await self._listen(self._events)
        if self._list_version is not None:
            await self._open(self._list_version)
            return None
        await asyncio.sleep(self._pause_s)
        return await self._list()

    async def _list(self) -> SessionView | None:
        with self._noting_outage():
            async with _answer_due():
                reply = await self._api.send("GET", self._path, query=self._query)
            if reply.refusal is not None:
                raise failed(fault_of(reply.refusal, doing="listing sessions"))
            if self._watchable:
                self._list_version = version_of(reply.body)
            else:
                self._pause_s = POLL_S
            return self._take(next(iter(items_of(reply.body)), None))

    async def _open(self, version: str) -> None:
        query = self._query | {"resourceVersion": version, "timeoutSeconds": str(WATCH_S)}
        async with _answer_due():
            begun = await self._api.watch(self._path, query=query)
        if isinstance(begun, EventStream):
            self._events, self._heard_s = begun, _now()
        elif begun.code in _UNWATCHABLE:
            self._watchable, self._list_version, self._pause_s = False, None, POLL_S
        else:
            raise failed(fault_of(begun, doing="watching the session"))

    async def _listen(self, events: EventStream) -> SessionView | None:
        try:
            async with asyncio.timeout_at(self._heard_s + SILENCE_S):
                event = await events.next()
        except TimeoutError:
            # Silence may be no trouble either: the list is not put off, for a change may have been kept back.
            self._pause_s = 0.0
            self._end_watch()
            return None
        self._heard_s = _now()
        if event is None:
            # A watch that came to its end is no trouble: the next one begins after the shortest pause.
            self._pause_s = 0.0
            self._fall_back()
            return None
        match event.get("type"), event.get("object"):
            case "ADDED" | "MODIFIED", dict(raw):
                self._pause_s = 0.0
                return self._take(raw)
            case "DELETED", _:
                return self._take(None)
            case "BOOKMARK", _:
                return None
            case _:
                self._fall_back()
                return None

    def _take(self, raw: RawObject | None) -> SessionView | None:
        """Returns the state where it is a new one; notices the session's end."""
        view = None if raw is None else session_view(raw, paths=self._platform.status)
        if raw is None or view is None or view.ref.uid != self._ref.uid:
            self.close()
            return None
        version = version_of(raw)
        if version == self._seen_version:
            return None
        self._seen_version = version
        return view

    @contextmanager
    def _noting_outage(self) -> Iterator[None]:
        """Keeps the fault of an API server that does not answer, until it does."""
        try:
            yield
        except TargetFailed as error:
            self._outage = error.fault if error.fault.reason is Reason.API_UNREACHABLE else None
            raise
        self._outage = None

    def _fall_back(self) -> None:
        """Goes back to the list, later than last time."""
        self._pause_s = min(max(SHORTEST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        self._end_watch()

    def _end_watch(self) -> None:
        self._list_version = None
        if self._events is not None:
            self._events.close()
            self._events = None


@asynccontextmanager
async def _answer_due() -> AsyncIterator[None]:
    """Bounds one request.

    Raises:
        TargetFailed: `api_unreachable`, when no answer came in time.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            yield
    except TimeoutError:
        summary = f"the API server has not answered for {ANSWER_S:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None


def _now() -> float:
    return asyncio.get_running_loop().time()
