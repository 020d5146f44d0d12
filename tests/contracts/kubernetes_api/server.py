"""An API server as bare HTTP shows it: a method, a path and a body go in, a status and a body come out."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from multidict import CIMultiDictProxy

from prober.lab.operator.client import connection_info

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

ANSWER_S = 30.0
"""How long an answer may take, in seconds; a real server waits for some seconds for a version that is to come."""

SETTLED_S = 60.0
"""How long controllers may take, in seconds; the garbage collector learns of a new kind within half a minute."""

POLL_S = 0.1
"""Distance of looks at what nothing announces, in seconds."""

Obj = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; the body is empty where it is no JSON object."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str
    body: Obj = field(default_factory=dict)

    @property
    def causes(self) -> dict[str, str]:
        """The reason for each bad field of a refusal."""
        return {cause["field"]: cause["reason"] for cause in self.body["details"]["causes"]}

    @property
    def refusal(self) -> tuple[int, Any]:
        """The status of a refusal with its reason; both are in the body, too."""
        assert self.body["kind"] == "Status", self.text
        assert self.body["status"] == "Failure"
        assert self.body["code"] == self.status
        return self.status, self.body.get("reason")


class Events:
    """The events of one watch, which may be awaited one by one or all until its end."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> Obj:
        """Returns the next event."""
        async with asyncio.timeout(ANSWER_S):
            line = await self._line()
        assert line, "the watch ended"
        event: Obj = json.loads(line)
        return event

    async def rest(self) -> list[Obj]:
        """Returns all events until the server ends the watch."""
        events: list[Obj] = []
        async with asyncio.timeout(ANSWER_S):
            while line := await self._line():
                events.append(json.loads(line))
        return events

    async def _line(self) -> bytes:
        # A real server may end a watch with an empty line.
        while (line := await self._response.content.readline()) == b"\n":
            pass
        return line


class Server:
    """One API server, for one user."""

    def __init__(self, http: aiohttp.ClientSession, *, identity: Mapping[str, str] | None = None) -> None:
        self._http = http
        self._identity = dict(identity or {})

    @classmethod
    @asynccontextmanager
    async def connect(cls, kubeconfig: Mapping[str, Any]) -> AsyncIterator[Self]:
        """Connects as the current user of a kubeconfig."""
        info = connection_info(kubeconfig)
        tls = await asyncio.to_thread(info.as_ssl_context)
        async with aiohttp.ClientSession(
            info.server, connector=aiohttp.TCPConnector(ssl=tls), timeout=aiohttp.ClientTimeout(total=ANSWER_S)
        ) as http:
            yield cls(http, identity=info.as_http_headers())

    @classmethod
    @asynccontextmanager
    async def connect_bearing(cls, token: str, *, kubeconfig: Mapping[str, Any]) -> AsyncIterator[Self]:
        """Connects to a kubeconfig's server with a token instead of its user."""
        user = {"name": "bearer", "user": {"token": token}}
        context = kubeconfig["contexts"][0]
        other = {**context, "context": {**context["context"], "user": "bearer"}}
        config = {**kubeconfig, "users": [user], "contexts": [other], "current-context": other["name"]}
        async with cls.connect(config) as server:
            yield server

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        kind: str = JSON,
        accept: str = JSON,
    ) -> Reply:
        """Makes one request; a body of type `str` is sent as it is."""
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        headers = {"Accept": accept, **self._identity} | ({"Content-Type": kind} if body is not None else {})
        async with self._http.request(method, path, params=query, data=data, headers=headers) as response:
            text = (await response.read()).decode(errors="replace")
            parsed = json.loads(text) if response.content_type == JSON and text else {}
            return Reply(status=response.status, headers=response.headers, text=text, body=parsed)

    async def made(self, path: str, body: Any) -> Obj:
        """Creates an object, which must work; returns it."""
        reply = await self.call("POST", path, body)
        assert reply.status == 201, reply.text
        return reply.body

    async def patched(self, path: str, body: Any, *, kind: str = MERGE_PATCH) -> Obj:
        """Patches an object, which must work; returns it."""
        reply = await self.call("PATCH", path, body, kind=kind)
        assert reply.status == 200, reply.text
        return reply.body

    async def listed(self, path: str, **query: str) -> Obj:
        """Lists a collection, which must work; returns the list."""
        reply = await self.call("GET", path, query=query)
        assert reply.status == 200, reply.text
        return reply.body

    async def version(self, path: str) -> str:
        """Returns the resourceVersion of a collection."""
        return str((await self.listed(path))["metadata"]["resourceVersion"])

    async def exists(self, path: str) -> bool:
        """Tells whether an object is there."""
        return (await self.call("GET", path)).status == 200

    @asynccontextmanager
    async def watch(self, path: str, *, accept: str = JSON, **query: str) -> AsyncIterator[Events]:
        """Watches a collection."""
        headers = {"Accept": accept, **self._identity}
        async with self._http.get(path, params={"watch": "true", **query}, headers=headers) as response:
            assert response.status == 200, await response.text()
            yield Events(response)

    async def events(self, path: str, *, accept: str = JSON, **query: str) -> list[Obj]:
        """Watches a collection for a second, or for another `timeoutSeconds`; returns all events."""
        async with self.watch(path, accept=accept, **{"timeoutSeconds": "1", **query}) as events:
            return await events.rest()


async def eventually(holds: Callable[[], Awaitable[object]], *, what: str) -> None:
    """Waits for what controllers do in their own time."""
    try:
        async with asyncio.timeout(SETTLED_S):
            while not await holds():  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise AssertionError(f"not within {SETTLED_S:g} s: {what}") from None
