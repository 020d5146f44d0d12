"""Hands requests on to a desktop's own web server, WebSockets included, as an ingress does.

Nothing is changed on the way but what belongs to one connection only (RFC 9110, 7.6.1): the desktop sees the
browser's host, origin, credentials; the browser sees the desktop's answers.
"""

import aiohttp
from aiohttp import hdrs, web
from multidict import CIMultiDict, MultiMapping
from yarl import URL

from prober.lab.racing import first_of

CHUNK_BYTES = 65536

CLOSE_S = 1.0
"""How long a page may take to answer a WebSocket close, in seconds."""

_OF_ONE_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

_OF_THE_HANDSHAKE = "sec-websocket-"
"""What headers of a WebSocket's opening handshake begin with (RFC 6455, 4.1): either side has one of its own."""

_NEVER_SENT = frozenset({1005, 1006, 1015})
"""Close codes that stand for "there was none"; they must not go over the wire (RFC 6455, 7.4.1)."""

Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def forward(request: web.Request, *, http: aiohttp.ClientSession) -> web.StreamResponse:
    """Answers a request with what the desktop's web server answers; 502 where it does not.

    Args:
        request: What the browser asks for.
        http: Reaches the desktop's web server.
    """
    socket = web.WebSocketResponse(
        timeout=CLOSE_S, autoping=False, max_msg_size=0, compress=False, protocols=_protocols(request)
    )
    try:
        if socket.can_prepare(request):
            return await _bridge(request, socket, http=http)
        return await _exchange(request, http=http)
    except aiohttp.WSServerHandshakeError as refusal:
        return web.Response(status=refusal.status, headers=_kept(refusal.headers))
    except aiohttp.ClientError:
        return web.Response(status=502, text="502: the desktop does not answer\n")


async def _exchange(request: web.Request, *, http: aiohttp.ClientSession) -> web.StreamResponse:
    body = request.content if request.body_exists else None
    async with http.request(
        request.method, _target(request), headers=_kept(request.headers), data=body, allow_redirects=False
    ) as answer:
        response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_kept(answer.headers))
        await response.prepare(request)
        try:
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                await response.write(chunk)
            await response.write_eof()
        except aiohttp.ClientError:
            # One side is gone in the middle. A browser must not take for whole what is not, so no end is written.
            if request.transport is not None:
                request.transport.abort()
        return response


async def _bridge(
    request: web.Request, socket: web.WebSocketResponse, *, http: aiohttp.ClientSession
) -> web.StreamResponse:
    async with http.ws_connect(
        _target(request),
        headers=_kept(request.headers),
        protocols=_protocols(request),
        autoping=False,
        max_msg_size=0,
        timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
    ) as desktop:
        await socket.prepare(request)
        try:
            await first_of(to_desktop=_pump(socket, desktop), to_page=_pump(desktop, socket))
        except (ConnectionError, aiohttp.ClientError):
            pass  # one side is gone; the other one is told below
        finally:
            await socket.close(code=_sendable(desktop.close_code))
    return socket


async def _pump(source: Socket, sink: Socket) -> None:
    async for message in source:
        match message.type:
            case aiohttp.WSMsgType.TEXT:
                await sink.send_str(message.data)
            case aiohttp.WSMsgType.BINARY:
                await sink.send_bytes(message.data)
            case aiohttp.WSMsgType.PING:
                await sink.ping(message.data)
            case aiohttp.WSMsgType.PONG:
                await sink.pong(message.data)


def _sendable(code: int | None) -> int:
    """The code with which the page is told that the desktop's side of a socket ended so."""
    return aiohttp.WSCloseCode.GOING_AWAY if code is None or code in _NEVER_SENT else code


def _target(request: web.Request) -> URL:
    return URL(f"http://{request.host}{request.raw_path}", encoded=True)


def _kept(headers: MultiMapping[str] | None) -> CIMultiDict[str]:
    """The headers that are handed on."""
    if headers is None:
        return CIMultiDict()
    listed = ",".join(headers.getall(hdrs.CONNECTION, ())).split(",")
    left_out = _OF_ONE_CONNECTION.union(name.strip().lower() for name in listed)
    return CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in left_out and not name.lower().startswith(_OF_THE_HANDSHAKE)
    )


def _protocols(request: web.Request) -> tuple[str, ...]:
    named = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
    return tuple(name.strip() for name in named.split(",") if name.strip())
