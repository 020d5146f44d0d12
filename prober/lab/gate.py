"""What stands before the lab's API: some requests about sessions with a fault meet trouble there.

Which session a request is about, the body of a creation says, and later a name: the path's own, or that of its field
selector, so that an outage hits the questions about the session's objects as well. The words are those of a real
API server. The lab's own operator never meets trouble, nor does the lab as it removes what is left.
"""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from prober.lab import gate_answers
from prober.lab.fault import FaultError
from prober.lab.faults import FaultSwitch
from prober.lab.kube.errors import ApiError, NotFoundError, PageNotFoundError
from prober.lab.kube.handlers import read_object
from prober.lab.kube.http import USER
from prober.lab.kube.operations import Key
from prober.lab.kube.paths import Target, parse_path, wants_watch
from prober.lab.kube.store import Store
from prober.lab.operator.session import GROUP, PLURAL, VERSION
from prober.lab.trouble import Trouble

THROTTLED_TIMES = 2
"""How often one creation is throttled before it is let in."""

OUTAGE_CHECK_S = 0.05
"""How often a watch looks whether its session's outage has begun, in seconds."""

_NAMING = ("metadata.name=", "involvedObject.name=")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A request that is about sessions.

    Attributes:
        target: What its path leads to.
        user: Who asks.
        session: The session as it is stored, or as it is to be; empty where the request is about no single one.
        trouble: What it meets.
    """

    target: Target
    user: str
    session: Mapping[str, Any]
    trouble: Trouble

    @property
    def about_sessions(self) -> bool:
        """Whether it asks for sessions themselves, not for what belongs to one."""
        return (self.target.resource.group, self.target.resource.plural) == (GROUP, PLURAL)


class Gate:
    """Lets requests through to the API, or gives them trouble."""

    def __init__(self, store: Store, *, faults: FaultSwitch, spared: Collection[str]) -> None:
        """Stands before an API.

        Args:
            store: The API's objects.
            faults: Which session is to suffer what.
            spared: The users who never meet trouble.
        """
        self._store = store
        self._faults = faults
        self._spared = frozenset(spared)
        self._throttled: dict[bytes, int] = {}

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answers a request in the API's place, cuts it off, or lets it through.

        Raises:
            ApiError: What a real API server would refuse it with.
        """
        case = None if request[USER] in self._spared else await self._case(request)
        if case is None:
            return await handler(request)
        if case.trouble is Trouble.OUTAGE:
            return await self._until_outage(request, handler, case)
        if case.about_sessions:
            await self._refuse(request, case)
            if case.trouble is Trouble.WATCH_EXPIRED and wants_watch(request.query):
                return gate_answers.expired_watch(self._store.history.version)
        return await handler(request)

    async def _case(self, request: web.Request) -> _Case | None:
        try:
            target = parse_path(request.path, catalog=self._store.catalog)
            session = await self._session(request, target)
        except ApiError:  # which the API itself will say
            return None
        with suppress(FaultError):
            fault = self._faults.resolve(_annotations(session))
            if fault is not None and fault.trouble is not None:
                return _Case(target=target, user=request[USER], session=session, trouble=fault.trouble)
        return None

    async def _session(self, request: web.Request, target: Target) -> Mapping[str, Any]:
        if request.method == hdrs.METH_POST:
            return await read_object(request)
        name = target.name or _selected(request.query.get("fieldSelector", ""))
        resource = self._store.catalog.find(PLURAL, group=GROUP, version=VERSION)
        if not name or resource is None:
            return {}
        try:
            return self._store.get(Key(resource=resource, name=name, namespace=target.namespace))
        except NotFoundError:
            return {}

    async def _refuse(self, request: web.Request, case: _Case) -> None:
        match case.trouble, request.method:
            case Trouble.NO_CRD, _:
                raise PageNotFoundError(gate_answers.NOT_SERVED)
            case Trouble.QUOTA, hdrs.METH_POST:
                raise gate_answers.over_quota(case.target, body=case.session)
            case Trouble.RBAC, hdrs.METH_POST:
                raise gate_answers.forbidden(case.target, user=case.user, verb="create")
            case Trouble.ADMISSION, hdrs.METH_POST:
                raise gate_answers.denied_by_webhook(case.target)
            case Trouble.THROTTLED, hdrs.METH_POST:
                self._throttle(await request.read())
            case Trouble.DELETE_DENIED, hdrs.METH_DELETE:
                raise gate_answers.forbidden(case.target, user=case.user, verb="delete")

    def _throttle(self, body: bytes) -> None:
        """Refuses a creation some times, which is known again by its body."""
        times = self._throttled.pop(body, 0)
        if times < THROTTLED_TIMES:
            self._throttled[body] = times + 1
            raise gate_answers.throttled()

    async def _until_outage(self, request: web.Request, handler: Handler, case: _Case) -> web.StreamResponse:
        """Serves a request that is no deletion as long as its session's outage has not begun, then cuts it off."""
        if request.method in {hdrs.METH_DELETE, hdrs.METH_POST} or not case.session:
            return await handler(request)
        serving = asyncio.ensure_future(handler(request))
        try:
            while not self._is_out(case.session):
                done, _ = await asyncio.wait([serving], timeout=OUTAGE_CHECK_S)
                if done:
                    return serving.result()
        finally:
            serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return _cut(request)

    def _is_out(self, session: Mapping[str, Any]) -> bool:
        metadata = session["metadata"]
        resource = self._store.catalog.find(PLURAL, group=GROUP, version=VERSION)
        if resource is None:
            return False
        try:
            now = self._store.get(Key(resource=resource, name=metadata["name"], namespace=metadata["namespace"]))
        except NotFoundError:
            return False
        return now.get("status", {}).get("phase") == "Creating" and "deletionTimestamp" not in now["metadata"]


def _annotations(session: Mapping[str, Any]) -> Mapping[str, str]:
    """Returns what is readable of them: nobody has checked yet what a client sends."""
    metadata = session.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, dict) else None
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def _selected(selector: str) -> str:
    """Returns the name that a field selector wants, empty where it wants none."""
    return next((part.removeprefix(by) for part in selector.split(",") for by in _NAMING if part.startswith(by)), "")


def _cut(request: web.Request) -> web.StreamResponse:
    """Ends a request's connection without an answer; what is returned nobody receives."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
