"""What the network does to a desktop's datagrams: it loses, delays, or swallows them.

It sits between aioice and its UDP sockets (or relayed ones), below DTLS, RTP and STUN alike, and acts on what the
desktop sends; what the browser sends arrives. Loss takes RTP only, so that the share of lost packets is known and
nothing else breaks; delay and silence take everything, because a browser measures both by its STUN checks.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from aiortc import RTCIceTransport

from prober.lab.desktop.behaviour import Weather

RTP_BYTES = range(128, 192)
"""First bytes of RTP and RTCP datagrams (RFC 7983)."""
RTCP_TYPES = range(192, 224)
"""Second bytes of RTCP datagrams (RFC 5761)."""
RTP_HEADER_BYTES = 12
"""Shortest header (RFC 3550); its last eight bytes are the timestamp and the source."""

Datagram = bytes | bytearray | memoryview


class Witness(Protocol):
    """Is told of each RTP packet."""

    def __call__(self, source: int, *, timestamp: int, arrived: bool) -> None:
        """Take note of a packet's SSRC, its timestamp, and whether it got through."""


class Way:
    """One desktop's way to one visitor, under its weather."""

    def __init__(self, *, weather: Weather, elapsed: Callable[[], float | None], passed: Witness) -> None:
        """Make a way.

        Args:
            weather: What it is under.
            elapsed: Says how long ago the first frame was sent, in seconds.
            passed: Told of each RTP packet.
        """
        self._weather = weather
        self._elapsed = elapsed
        self._passed = passed
        self._dice = np.random.default_rng(weather.seed)
        self._owed = 0.0
        self._patience = self._dice.random()

    def lead(self, ice: RTCIceTransport) -> None:
        """Have everything that is sent take this way; to be called once candidates are gathered."""
        for protocol in ice.iceGatherer._connection._protocols:  # noqa: SLF001 - aiortc has no way to its sockets
            protocol.transport = Weathered(protocol.transport, way=self)

    def swallows(self, datagram: Datagram) -> bool:
        """Whether a datagram does not arrive."""
        silence = self._weather.silence
        if silence is not None and silence.remaining(self._elapsed()) > 0:
            lost = True
        else:
            lost = _is_rtp(datagram) and self._loses_next()
        if _is_rtp(datagram):
            source, timestamp = int.from_bytes(datagram[8:RTP_HEADER_BYTES]), int.from_bytes(datagram[4:8])
            self._passed(source, timestamp=timestamp, arrived=not lost)
        return lost

    def _loses_next(self) -> bool:
        """Whether the next RTP packet is lost: at random, yet never more than one packet off the share so far."""
        self._owed += self._weather.loss_ratio
        if self._weather.loss_ratio == 0 or self._owed < self._patience:
            return False
        self._owed -= 1
        self._patience = self._dice.random()
        return True

    @property
    def delay_s(self) -> float:
        """How much later a datagram arrives, in seconds."""
        return self._weather.delay_s


class Weathered(asyncio.DatagramTransport):
    """A datagram transport under a way's weather."""

    def __init__(self, transport: asyncio.DatagramTransport, *, way: Way) -> None:
        super().__init__()
        self._transport = transport
        self._way = way
        self._open = True

    def sendto(self, data: Datagram, addr: Any = None) -> None:
        """Send a datagram, unless it is swallowed."""
        if self._way.swallows(data):
            return
        if self._way.delay_s > 0:
            asyncio.get_running_loop().call_later(self._way.delay_s, self._arrive, data, addr)
        else:
            self._transport.sendto(data, addr)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As asyncio's transports have it."""
        return self._transport.get_extra_info(name, default)

    def close(self) -> None:
        """Send no more; what is under way is lost."""
        self._open = False
        self._transport.close()

    def _arrive(self, data: Datagram, addr: Any) -> None:
        if self._open:
            self._transport.sendto(data, addr)


def _is_rtp(datagram: Datagram) -> bool:
    return len(datagram) >= RTP_HEADER_BYTES and datagram[0] in RTP_BYTES and datagram[1] not in RTCP_TYPES
