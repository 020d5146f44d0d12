"""Asks a session's URL whether it serves, and times each stage of the answer.

One plain GET, without credentials, without following redirects, over a connection of its own that is closed after the
answer's head. HTTP is spoken by h11, which does no I/O, so that the name's resolution, the connection, the handshake
and the first byte can be timed apart. The time allowed covers all of it; the stage in which it runs out is the one
that is blamed.
"""

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, urlsplit

import h11

from prober import __version__
from prober.adapters.certificate import not_after
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.exposure import Answer
from prober.domain.masking import message
from prober.domain.reasons import Reason
from prober.flow.ports.exposure import Exposure

_READ_SIZE = 64 * 1024
_LONGEST_WORDS = 300
"""How much of somebody else's words goes into a summary, in characters."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_TARGET_CHARACTERS = "/%:=&?~+!$,;'@()*[]"
"""What of a path and query is sent as it is; everything else is percent-encoded (RFC 3986)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a URL points."""

    host: str
    port: int
    encrypted: bool
    host_header: str
    target: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Takes a URL apart; whether it may be asked at all is not for us to judge.

        Raises:
            TargetFailed: `dns` when its host cannot be the name of one.
        """
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").encode("idna").decode()
            port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        except ValueError:
            host, port = "", 0
        if not host or not port:
            raise TargetFailed.because(Reason.DNS, "the URL's host is no valid host name")
        name = f"[{host}]" if ":" in host else host
        path = parts.path or "/"
        return cls(
            host=host,
            port=port,
            encrypted=parts.scheme == "https",
            host_header=name if port == _DEFAULT_PORTS.get(parts.scheme) else f"{name}:{port}",
            target=quote(f"{path}?{parts.query}" if parts.query else path, safe=_TARGET_CHARACTERS),
        )


class HttpExposure(Exposure):
    """The port `Exposure` over the network.

    Certificates are trusted as the system trusts them, and those that the given authorities signed.
    """

    def __init__(self, *, authorities: str | None = None) -> None:
        """Loads the trusted authorities.

        Args:
            authorities: Further certificates to be trusted, PEM.

        Raises:
            ProberFailed: `internal`, when they are no certificates.
        """
        self._trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trusting.check_hostname = False
        self._trusting.verify_mode = ssl.CERT_NONE
        self._verifying = ssl.create_default_context()
        if authorities is None:
            return
        try:
            self._verifying.load_verify_locations(cadata=authorities)
        except (ssl.SSLError, ValueError) as error:
            raise ProberFailed.because(Reason.INTERNAL, "the authorities for desktops cannot be read") from error

    async def ask(
        self, url: str, *, verify_tls: bool, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Requests the URL once and times its stages."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        deadline = begin + timeout_s
        place = _Place.of(url)
        addresses = await _resolve(place, deadline=deadline)
        resolved = loop.time()
        connection = await _connect(place, addresses, deadline=deadline)
        connected = loop.time()
        context = (self._verifying if verify_tls else self._trusting) if place.encrypted else None
        async with _streams(place, connection, context=context, deadline=deadline) as (reader, writer):
            secured = loop.time()
            async with _stage(Reason.FALSE_RUNNING, "asking", place=place, deadline=deadline):
                status, first_byte_s = await _converse(_request(place, headers or {}), reader, writer)
            tls = writer.get_extra_info("ssl_object")
            return Answer(
                status=status,
                dns_s=resolved - begin,
                tcp_s=connected - resolved,
                tls_s=None if tls is None else secured - connected,
                first_byte_s=first_byte_s,
                certificate_expires_at=None if tls is None else not_after(tls.getpeercert(binary_form=True) or b""),
            )


_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM, errno.ENETDOWN})
"""Errors that tell of our side alone: no file descriptor, port or memory left, no network at all."""


@asynccontextmanager
async def _stage(reason: Reason, doing: str, *, place: _Place, deadline: float) -> AsyncIterator[None]:
    """Blames one stage's failures, its lateness included, on one reason.

    Args:
        reason: What the failures are.
        doing: The stage in words, as in "resolving".
        place: What is asked.
        deadline: When the time is up, on the loop's clock.
    """
    where = f"{doing} {place.host}:{place.port}"
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except TimeoutError as error:
        raise TargetFailed.because(reason, f"{where}: no answer in time") from error
    except (OSError, h11.RemoteProtocolError) as error:
        if isinstance(error, OSError) and error.errno in _OURS:
            summary = f"{where}: {_words(error)}, which is the prober's own network stack"
            raise ProberFailed.because(Reason.PROBER_STARVED, summary) from error
        raise TargetFailed.because(reason, f"{where}: {_words(error)}") from error


async def _resolve(place: _Place, *, deadline: float) -> Sequence[tuple[int, Any]]:
    """Returns the families and addresses of a place.

    A cancelled lookup goes on in its thread until the resolver gives up: the C library offers no way to end it.
    """
    async with _stage(Reason.DNS, "resolving", place=place, deadline=deadline):
        found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


async def _connect(place: _Place, addresses: Sequence[tuple[int, Any]], *, deadline: float) -> socket.socket:
    """Tries the addresses in turn, each for its share of the time left, and returns the first connection."""
    loop = asyncio.get_running_loop()
    fault: TargetFailed | None = None
    for index, (family, address) in enumerate(addresses):
        share = loop.time() + (deadline - loop.time()) / (len(addresses) - index)
        async with _stage(Reason.TCP_REFUSED, "connecting to", place=place, deadline=share):
            connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(0)  # does not block
            async with _stage(Reason.TCP_REFUSED, "connecting to", place=place, deadline=share):
                await loop.sock_connect(connection, address)
        except TargetFailed as error:
            connection.close()
            fault = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise fault or TargetFailed.because(Reason.DNS, f"{place.host} has no address")


@asynccontextmanager
async def _streams(
    place: _Place, connection: socket.socket, *, context: ssl.SSLContext | None, deadline: float
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Wraps a connection, the handshake included; leaving the block drops it without ceremony."""
    async with _stage(Reason.TLS, "the TLS handshake with", place=place, deadline=deadline):
        # From here on the connection is the transport's, which closes it when the handshake fails or is cancelled.
        name = place.host if context else None
        reader, writer = await asyncio.open_connection(sock=connection, ssl=context, server_hostname=name)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def _converse(
    request: h11.Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[int, float]:
    """Sends the request; returns the answer's status and the seconds until its first byte."""
    clock = asyncio.get_running_loop().time
    http = h11.Connection(our_role=h11.CLIENT)
    writer.write((http.send(request) or b"") + (http.send(h11.EndOfMessage()) or b""))
    await writer.drain()
    sent = clock()
    data = await reader.read(_READ_SIZE)
    first_byte_s = clock() - sent
    if not data:
        raise h11.RemoteProtocolError("the connection was closed without an answer")
    http.receive_data(data)
    while not isinstance(answer := http.next_event(), h11.Response):
        if answer is h11.NEED_DATA:
            http.receive_data(await reader.read(_READ_SIZE))
    return answer.status_code, first_byte_s


def _request(place: _Place, further: Mapping[str, str]) -> h11.Request:
    headers = [
        ("Host", place.host_header),
        ("User-Agent", f"vdi-prober/{__version__}"),
        ("Accept", "*/*"),
        ("Connection", "close"),
        *further.items(),
    ]
    return h11.Request(method="GET", target=place.target, headers=headers)


def _words(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            words = f"the certificate is not trusted: {error.verify_message}"
        case ssl.SSLError() | socket.gaierror():
            words = str(error.strerror or error)
        case OSError(errno=int(number)):
            words = os.strerror(number)
        case _:
            words = str(error) or type(error).__name__
    return message(words, most=_LONGEST_WORDS)
