"""HTTP with the API server: one request gives one reply, one watch gives a stream of events.

A reply that refuses is a value (see `refusals`), since what it means depends on what was asked; no answer at all is
`api_unreachable`, whatever was asked. No request is repeated here, and none has a deadline: budgets are the flow's.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import aiohttp
from kubernetes_asyncio.client import ApiClient

from prober.adapters.kubernetes.refusals import Refusal
from prober.domain.errors import TargetFailed
from prober.domain.masking import Mask, message
from prober.domain.reasons import Reason

RawObject = Mapping[str, Any]
"""JSON as the wire has it."""

JSON = "application/json"

METADATA_LIST = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"
"""Asks for a list of which only the metadata matter, a fraction of its size; it may come whole all the same."""

_SUMMARY_LENGTH = 300
"""How much of somebody else's words goes into a summary, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the API server answered: an object, or a refusal."""

    body: RawObject = field(default_factory=dict)
    refusal: Refusal | None = None


class EventStream:
    """The events of one watch; each has `type` and `object`.

    Waiting for an event may be cancelled and begun anew. Lines may have any length: etcd holds objects of 1.5 MiB.
    """

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._buffer = bytearray()

    async def next(self) -> RawObject | None:
        """Returns the next event, or `None` when the API server ended the watch.

        Raises:
            TargetFailed: `api_unreachable` when the connection broke, or what arrived is no event.
        """
        while (end := self._buffer.find(b"\n")) < 0:
            try:
                chunk = await self._response.content.readany()
            except (aiohttp.ClientError, OSError) as error:
                raise _unreachable("the watch broke", error) from _harmless(error)
            if not chunk:
                return None
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return _parsed(line)

    def close(self) -> None:
        """Ends the watch at once; a second call does nothing."""
        self._response.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An open way to an API server.

    Attributes:
        client: Carries the requests, and shows who we are.
        identity: What it shows, in words for people.
    """

    client: ApiClient
    identity: str


class ApiServer:
    """One API server, with our identity.

    Args:
        link: Gives the way to it. Where there is none, every method raises what this raises: `ProberFailed`.
        mask: Masks the secrets that are known, in what is told of answers.
    """

    def __init__(self, link: Callable[[], Awaitable[Link]], *, mask: Mask = str) -> None:
        self._link = link
        self.mask = mask

    async def open(self) -> None:
        """Opens the way ahead of the first request, which would do it otherwise.

        Raises:
            ProberFailed: `internal`, when it cannot be opened now.
        """
        await self._link()

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: RawObject | None = None,
        accept: str = JSON,
    ) -> Reply:
        """Makes one request.

        Raises:
            TargetFailed: `api_unreachable` when no answer came, or none that is Kubernetes' own.
        """
        response = await self._request(method, path, query=query, body=body, accept=accept)
        try:
            async with response:
                content = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise _unreachable("the API server's answer broke off", error) from _harmless(error)
        if response.status >= HTTPStatus.BAD_REQUEST:
            return Reply(refusal=await self._refusal(response, content))
        return Reply(body=_parsed(content))

    async def text(self, path: str, *, query: Mapping[str, str], most: int) -> str | Refusal:
        """Reads what is no object but text, such as a log: its first `most` bytes.

        Raises:
            TargetFailed: `api_unreachable`.
        """
        response = await self._request("GET", path, query=query)
        content = bytearray()
        try:
            async with response:
                async for chunk in response.content.iter_any():
                    content += chunk
                    if len(content) >= most:
                        response.close()  # what is left unread must not come over the connection's next request
                        break
        except (aiohttp.ClientError, OSError) as error:
            raise _unreachable("the API server's answer broke off", error) from _harmless(error)
        if response.status >= HTTPStatus.BAD_REQUEST:
            return await self._refusal(response, bytes(content))
        return bytes(content[:most]).decode(errors="replace")

    async def watch(self, path: str, *, query: Mapping[str, str]) -> EventStream | Refusal:
        """Begins a watch, which the caller closes; it may be silent for any time.

        Raises:
            TargetFailed: `api_unreachable`.
        """
        limits = aiohttp.ClientTimeout(total=None)
        response = await self._request("GET", path, query={**query, "watch": "true"}, limits=limits)
        if response.status < HTTPStatus.BAD_REQUEST:
            return EventStream(response)
        try:
            async with response:
                return await self._refusal(response, await response.read())
        except (aiohttp.ClientError, OSError) as error:
            raise _unreachable("the API server's answer broke off", error) from _harmless(error)

    async def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: RawObject | None = None,
        accept: str = JSON,
        limits: aiohttp.ClientTimeout | None = None,
    ) -> aiohttp.ClientResponse:
        client = (await self._link()).client
        try:
            response: aiohttp.ClientResponse = await client.call_api(
                path,
                method,
                query_params=list((query or {}).items()),
                header_params={"Accept": accept, "Content-Type": JSON},
                body=body,
                _preload_content=False,
                _request_timeout=limits,
            )
        except (aiohttp.ClientError, OSError) as error:
            raise _unreachable("the API server does not answer", error) from _harmless(error)
        return response

    async def _refusal(self, response: aiohttp.ClientResponse, content: bytes) -> Refusal:
        token = response.request_info.headers.get("Authorization", "").removeprefix("Bearer ")
        retry_after = response.headers.get("Retry-After", "")
        refusal = Refusal.parse(response.status, content, secret=token, retry_after=retry_after, mask=self.mask)
        if refusal.code != HTTPStatus.UNAUTHORIZED:
            return refusal
        # Who was not known is the whole trouble, and nothing that the API server would tell.
        said = f"{refusal.message or 'Unauthorized'} (we showed {(await self._link()).identity})"
        return replace(refusal, message=said)


def _parsed(content: bytes) -> RawObject:
    try:
        parsed = json.loads(content)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise TargetFailed.because(Reason.API_UNREACHABLE, "what answers for the API server does not speak Kubernetes")
    return parsed


def _unreachable(what: str, error: Exception) -> TargetFailed:
    words = message(str(error), most=_SUMMARY_LENGTH) if _harmless(error) else ""
    return TargetFailed.because(Reason.API_UNREACHABLE, f"{what}: {words or type(error).__name__}")


def _harmless(error: Exception) -> Exception | None:
    """Returns the error where it may be quoted and chained: a response's error holds our request's headers."""
    return None if isinstance(error, aiohttp.ClientResponseError) else error
