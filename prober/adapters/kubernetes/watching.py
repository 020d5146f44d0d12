"""The states of one session, as they come.

Three moves: list the one session for its state and the collection's version, open a watch from that version, listen.
A watch that worked and then ends, or is cut, is resumed from the last version heard of, which bookmarks keep young;
one that never worked, or whose version expired, leads back to the list, after a pause that grows while nothing goes
well. It is a list, not a get, since an object's own version may have left the API server's window long ago. Where
watching is not permitted, listing goes on each second.

An outage is what lists meet. A watch that breaks is none: the list that follows tells. A watch that is silent is
checked by a list beside it, so that an API server which hangs does not pass for one that has no news. The watch stays
open meanwhile, for what comes then must be heard at once; it is given up when the list knows what it did not tell. A
denial counts when it is said again (the port's `Denied` says why).

Waiting for the next state may be cancelled and begun anew: nothing is lost between two waits.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from prober.adapters.kubernetes.api import ApiServer, EventStream, RawObject
from prober.adapters.kubernetes.listening import OpenWatch
from prober.adapters.kubernetes.outages import OutageRecord
from prober.adapters.kubernetes.pacing import Pacing
from prober.adapters.kubernetes.permissions import run_permission
from prober.adapters.kubernetes.refusals import DOUBT_S, Refusal, refused
from prober.adapters.kubernetes.resources import Platform
from prober.adapters.kubernetes.views import items_of, session_view, version_of
from prober.domain.errors import Fault, ProbeError, TargetFailed
from prober.domain.reasons import Reason
from prober.domain.session import SessionRef, SessionView
from prober.flow.ports.sessions import Denied, NotExecuted, SessionStates

WATCH_S = 30
"""How long one watch lasts at most, in seconds; the API server ends it."""

ANSWER_S = 5.0
"""An API server that has not answered for so long is unreachable, in seconds; it usually takes milliseconds."""

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
        self._pacing = Pacing()
        self._lists = OutageRecord()
        self._seen_version: str | None = None
        self._resume_version: str | None = None
        self._watch: OpenWatch | None = None
        self._watchable = True
        self._unwatched = False
        self._denials = 0
        self._over = False

    @property
    def outage(self) -> Fault | None:
        """What the last list met, where that was no answer."""
        return self._lists.outage

    @property
    def timings(self) -> Mapping[str, float]:
        """What lists and outages cost so far."""
        return self._lists.timings()

    @property
    def gaps(self) -> tuple[str, ...]:
        """Says that the session is listed in turn, where it may not be watched."""
        if not self._unwatched:
            return ()
        needed = run_permission("watch", platform=self._platform).needed(self._ref.namespace)
        return (f"watch: refused (needs {needed}), the session is listed every {POLL_S:g} s instead",)

    async def __anext__(self) -> SessionView | None:
        """Waits for the next state."""
        while not self._over:
            try:
                view = await self._advance()
            except TargetFailed as error:
                self._fall_back()
                if not self._passes(error):
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
        if self._watch is not None:
            return await self._listen(self._watch)
        await self._pacing.wait()
        if self._resume_version is None:
            return await self._list()
        await self._open(self._resume_version)
        return None

    async def _list(self) -> SessionView | None:
        with self._lists.list():
            async with _answer_due():
                reply = await self._api.send("GET", self._path, query=self._query)
            if reply.refusal is not None:
                raise self._refused(reply.refusal, doing="listing sessions")
            if self._watchable:
                self._resume_version = version_of(reply.body)
            else:
                self._pacing.leave_alone(POLL_S)
            return self._take(next(iter(items_of(reply.body)), None))

    async def _open(self, version: str) -> None:
        wanted = {"resourceVersion": version, "timeoutSeconds": str(WATCH_S), "allowWatchBookmarks": "true"}
        async with _answer_due():
            begun = await self._api.watch(self._path, query=self._query | wanted)
        if isinstance(begun, EventStream):
            self._watch, self._unwatched, self._denials = OpenWatch(begun), False, 0
        elif begun.code in _UNWATCHABLE:
            self._give_up_watching(begun)
        else:
            raise self._refused(begun, doing="watching the session")

    def _give_up_watching(self, refusal: Refusal) -> None:
        """Goes back to the list, for good when watching was denied before, or is not served."""
        self._watchable = refusal.forbidden and not self._unwatched
        self._unwatched, self._resume_version = True, None
        self._pacing.leave_alone(DOUBT_S)

    async def _listen(self, watch: OpenWatch) -> SessionView | None:
        try:
            event = await watch.next()
        except TimeoutError:
            return await self._check(watch)
        if event is None:
            self._resume(watch)
            return None
        return self._hear(event, watch)

    async def _check(self, watch: OpenWatch) -> SessionView | None:
        """Lists beside a silent watch, which is no good when the list has news."""
        view = await self._list()
        if view is not None:
            self._end_watch()
        watch.checked()
        self._pacing.well()
        return view

    def _hear(self, event: RawObject, watch: OpenWatch) -> SessionView | None:
        match event.get("type"), event.get("object"):
            case "ADDED" | "MODIFIED", dict(raw):
                view = self._take(raw)
                watch.told_state()
                self._resume_version = version_of(raw)
                return view
            case "DELETED", _:
                return self._take(None)
            case "BOOKMARK", dict(raw):
                self._resume_version = version_of(raw)
            case _:
                self._fall_back()
        return None

    def _take(self, raw: RawObject | None) -> SessionView | None:
        """Returns the state where it is a new one; notices the session's end."""
        view = None if raw is None else session_view(raw, paths=self._platform.status, mask=self._api.mask)
        if raw is None or view is None or view.ref.uid != self._ref.uid:
            self.close()
            return None
        version = version_of(raw)
        if version == self._seen_version:
            return None
        self._seen_version = version
        return view

    def _refused(self, refusal: Refusal, *, doing: str) -> ProbeError:
        error = refused(refusal, doing=doing)
        asked_for_s = error.retry_after_s if isinstance(error, NotExecuted) else refusal.retry_after_s
        self._pacing.leave_alone(asked_for_s or 0.0)
        return error

    def _passes(self, error: TargetFailed) -> bool:
        """Tells whether a trouble is waited for: an outage always, a denial until it is said again."""
        self._denials += isinstance(error, Denied)
        return error.fault.reason is Reason.API_UNREACHABLE or (isinstance(error, Denied) and self._denials == 1)

    def _resume(self, watch: OpenWatch) -> None:
        """Begins a watch that came to its end anew, at once where it has worked."""
        if watch.worked:
            self._pacing.well()
            self._end_watch()
        else:
            self._fall_back()

    def _fall_back(self) -> None:
        """Goes back to the list, later than last time."""
        self._pacing.trouble()
        self._resume_version = None
        self._end_watch()

    def _end_watch(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None


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
