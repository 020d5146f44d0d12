"""What an API server may answer to a watch, and how tests follow one."""

import asyncio
import json
from collections.abc import AsyncIterator

from aiohttp import web

from prober.domain.session import SessionRef, SessionView
from tests.adapters.kubernetes.conftest import Answer

PATIENCE_S = 10.0
"""How long a state may take to arrive, in seconds; it takes milliseconds."""


async def following(states: AsyncIterator[SessionView | None]) -> SessionView | None:
    """Returns the next state, which must come soon."""
    async with asyncio.timeout(PATIENCE_S):
        return await anext(states)


def watched(*lines: object) -> Answer:
    """Answers a watch with some events, and ends it."""

    async def answer(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asked)
        for line in lines:
            await response.write(json.dumps(line).encode() + b"\n")
        return response

    return answer


async def cut_halfway(asked: web.Request) -> web.StreamResponse:
    """Answers a watch by half an event, and cuts the connection."""
    response = web.StreamResponse()
    await response.prepare(asked)
    await response.write(b'{"type": "MODI')
    assert asked.transport is not None
    asked.transport.abort()
    return response


async def garbage(_: web.Request) -> web.StreamResponse:
    """Answers by something else."""
    return web.Response(text="<html>\n<body>\n")


async def silent(asked: web.Request) -> web.StreamResponse:
    """Begins a watch, and never says a word."""
    await web.StreamResponse().prepare(asked)
    return await hanging(asked)


async def hanging(_: web.Request) -> web.StreamResponse:
    """Never answers."""
    await asyncio.Event().wait()
    return web.Response()


async def troubled(_: web.Request) -> web.StreamResponse:
    """Answers as an API server without its store."""
    return web.json_response({"kind": "Status", "code": 500, "message": "etcdserver: no leader"}, status=500)


def watch_path(ref: SessionRef) -> str:
    """Returns the path that a watch asks for."""
    return f"/apis/vdi.kasm.io/v1alpha1/namespaces/{ref.namespace}/vdisessions"


async def drained(states: AsyncIterator[SessionView | None]) -> list[SessionView | None]:
    """Returns all states to come."""
    async with asyncio.timeout(PATIENCE_S):
        return [state async for state in states]
