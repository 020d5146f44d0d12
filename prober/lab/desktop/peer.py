"""One visitor's peer connection: aiortc's objects, and nothing of them outside.

Everything stays on this machine: only host candidates are gathered, or only relayed ones of the lab's own TURN server
where the desktop was told of it. Only those, because that server relays between addresses of loopback, and aiortc
gathers on no such address.
"""

import asyncio
from contextlib import suppress

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidStateError, OperationError
from aiortc.rtcconfiguration import RTCIceTransportPolicy
from aiortc.sdp import candidate_from_sdp

from prober.lab.desktop.behaviour import Media, Offer
from prober.lab.desktop.cargo import Cargo, Codec, Part
from prober.lab.desktop.deaf import DeafSocket
from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.offer import (
    video_source,
    with_foreign_codec,
    with_foreign_fingerprint,
    without_bandwidth_estimation,
)
from prober.lab.desktop.truth import Mark, PeerLog, wall_offset
from prober.lab.desktop.weather import Way
from prober.lab.turn.access import Handout, TurnAccess

SETTLE_SECONDS = 1.0
"""How long a connection that is to be closed may take to finish its checks: on one machine they
take 50 ms, so what takes longer waits for a page that is gone."""

_UNSUITABLE = (
    AssertionError,
    AttributeError,
    InternalError,
    InvalidStateError,
    LookupError,
    OperationError,
    TypeError,
    ValueError,
)
"""What aiortc raises, depending on where its parsers stumble over a description."""


class SignallingError(Exception):
    """The visitor's side sent a description or candidate that cannot be used."""


class Peer:
    """Our end of one visitor's peer connection."""

    def __init__(self, *, desktop: Desktop, codec: Codec, part: Part = Part.DESKTOP) -> None:
        self._desktop = desktop
        # The truth is about the connection with the picture.
        self._log = desktop.log.peer() if part is Part.DESKTOP else PeerLog()
        self._log.mark(Mark.OPENED)
        self._connection = RTCPeerConnection(_configuration(desktop.turn))
        self._ice_settled = asyncio.Event()
        self._deaf: DeafSocket | None = None
        self._video_source: int | None = None
        self._way = Way(weather=desktop.behaviour.weather, elapsed=desktop.elapsed, passed=self._on_packet)
        self._cargo = Cargo(self._connection, desktop=desktop, codec=codec, log=self._log, part=part)
        self._connection.on("iceconnectionstatechange", self._on_ice_state)
        dtls = self._cargo.transport
        dtls.on("statechange", lambda: _mark_connected(self._log, dtls.state))

    @property
    def turn_for_visitor(self) -> TurnAccess | None:
        """Which TURN server the visitor is told of."""
        return None if self._desktop.turn is None else self._desktop.turn.visitors

    async def offer(self) -> str | None:
        """Gather candidates and describe what is offered, as SDP; None where nothing is."""
        behaviour = self._desktop.behaviour
        if behaviour.offer is Offer.NONE:
            return None
        if behaviour.offer is Offer.CLOSED:
            raise SignallingError("whoever comes here is sent away")
        await self._connection.setLocalDescription(await self._connection.createOffer())
        self._way.lead(self._cargo.transport.transport)
        sdp = without_bandwidth_estimation(self._connection.localDescription.sdp)
        self._video_source = video_source(sdp)
        if behaviour.media is Media.NEVER:
            self._deaf = await DeafSocket.open()
            sdp = self._deaf.stand_in(sdp)
        self._log.mark(Mark.OFFER)
        return _twisted(sdp, behaviour.offer)

    async def accept(self, sdp: str) -> None:
        """Take the visitor's answer and start to connect.

        Where nothing may come of it the answer is dropped, so that no check is sent from here either.

        Raises:
            SignallingError: The answer cannot be used.
        """
        self._log.mark(Mark.ANSWER)
        if self._in_vain():
            return
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
        except _UNSUITABLE as error:
            raise SignallingError("the answer cannot be used") from error

    async def add_candidate(self, line: str, *, mid: str) -> None:
        """Take one of the visitor's candidates; an empty line ends them.

        Raises:
            SignallingError: The candidate cannot be used.
        """
        if self._in_vain():
            return
        try:
            candidate = candidate_from_sdp(line.removeprefix("candidate:")) if line else None
            if candidate is not None:
                candidate.sdpMid = mid
            await self._connection.addIceCandidate(candidate)
        except _UNSUITABLE as error:
            raise SignallingError("the candidate cannot be used") from error

    def take_witness(self, *, timestamp: int, at: float) -> None:
        """Take note of when the page displayed a frame.

        Args:
            timestamp: The frame's RTP timestamp.
            at: When, in seconds of Unix time.
        """
        displayed = at - wall_offset()
        revision = self._log.frame_displayed(timestamp=timestamp, at=displayed)
        if revision is not None:
            self._desktop.log.frame_displayed(revision=revision, at=displayed)

    async def close(self) -> None:
        """Close the connection and everything under it. May be called again."""
        await self._cargo.unload()
        await self._settle()
        await self._connection.close()
        if self._deaf is not None:
            self._deaf.close()
        self._log.mark(Mark.CLOSED)

    async def _settle(self) -> None:
        """Let ICE finish its checks.

        Closed between its last check and its result, aioice starts a task that nothing ends.
        """
        if self._connection.iceConnectionState == "checking":
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ice_settled.wait(), SETTLE_SECONDS)

    def _in_vain(self) -> bool:
        """Whether the visitor's answer cannot lead to anything: aiortc takes none without a codec."""
        behaviour = self._desktop.behaviour
        return behaviour.media is Media.NEVER or behaviour.offer is Offer.FOREIGN_CODEC

    def _on_ice_state(self) -> None:
        if self._connection.iceConnectionState not in ("new", "checking"):
            self._ice_settled.set()
        if self._connection.iceConnectionState == "completed":
            self._log.mark(Mark.ICE_CONNECTED)

    def _on_packet(self, source: int, *, timestamp: int, arrived: bool) -> None:
        if source == self._video_source:
            self._log.packet_sent(arrived=arrived, timestamp=timestamp)


def _configuration(turn: Handout | None) -> RTCConfiguration:
    own = None if turn is None else turn.desktop
    if own is None:
        return RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    server = RTCIceServer(urls=own.url, username=own.username, credential=own.password)
    return RTCConfiguration(
        iceServers=[server],
        iceTransportPolicy=RTCIceTransportPolicy.RELAY,
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
    )


def _mark_connected(log: PeerLog, state: str) -> None:
    if state == "connected":
        log.mark(Mark.DTLS_CONNECTED)


def _twisted(sdp: str, offer: Offer) -> str:
    match offer:
        case Offer.FOREIGN_CODEC:
            return with_foreign_codec(sdp)
        case Offer.FOREIGN_FINGERPRINT:
            return with_foreign_fingerprint(sdp)
        case Offer.NORMAL | Offer.NONE | Offer.CLOSED:
            return sdp
