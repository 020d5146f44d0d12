"""One visitor's peer connection: aiortc's objects, and nothing of them outside.

Only host candidates are gathered: no STUN, no TURN, everything stays on this machine.
"""

import asyncio
from contextlib import suppress
from enum import StrEnum

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidStateError, OperationError
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.sdp import candidate_from_sdp

from prober.lab.desktop.behaviour import Media
from prober.lab.desktop.deaf import DeafSocket
from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.events import parse_event
from prober.lab.desktop.track import DesktopTrack, Shot
from prober.lab.desktop.truth import Mark, PeerLog

FRAME_RATE = 30
"""Frames per second of an untouched desktop."""
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


class Codec(StrEnum):
    """What the picture is encoded with; both in software, by FFmpeg inside aiortc."""

    VP8 = "video/VP8"  # libvpx: 5 ms for a frame of 960x540, and the default
    H264 = "video/H264"  # x264: what Selkies sends; 6 ms for a frame of 960x540

    @property
    def highest_rate(self) -> float:
        """Frames per second that the encoder can tell apart.

        aiortc runs x264 on a time base of 1/30 s: two frames closer than that would get one
        timestamp and be taken for one frame. For libvpx the limit is what displays show.
        """
        return 30 if self is Codec.H264 else 60


class Peer:
    """Our end of one visitor's peer connection."""

    def __init__(self, *, desktop: Desktop, codec: Codec) -> None:
        self._desktop = desktop
        self._log = desktop.log.peer()
        self._log.mark(Mark.OPENED)
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._ice_settled = asyncio.Event()
        self._deaf: DeafSocket | None = None
        self._track = DesktopTrack(
            shoot=desktop.shoot,
            sent=self._on_sent,
            frame_rate=FRAME_RATE,
            highest_rate=codec.highest_rate,
        )
        self._add_media(codec)
        desktop.watch(self._track.wake)

    async def offer(self) -> str:
        """Gather candidates and describe what is offered, as SDP."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        sdp = _without_bandwidth_estimation(self._connection.localDescription.sdp)
        if self._desktop.behaviour.media is Media.NEVER:
            self._deaf = await DeafSocket.open()
            sdp = self._deaf.stand_in(sdp)
        self._log.mark(Mark.OFFER)
        return sdp

    async def accept(self, sdp: str) -> None:
        """Take the visitor's answer and start to connect.

        With `Media.NEVER` the answer is dropped, so that no check is sent from here either.

        Raises:
            SignallingError: The answer cannot be used.
        """
        self._log.mark(Mark.ANSWER)
        if self._desktop.behaviour.media is Media.NEVER:
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
        if self._desktop.behaviour.media is Media.NEVER:
            return
        try:
            candidate = candidate_from_sdp(line.removeprefix("candidate:")) if line else None
            if candidate is not None:
                candidate.sdpMid = mid
            await self._connection.addIceCandidate(candidate)
        except _UNSUITABLE as error:
            raise SignallingError("the candidate cannot be used") from error

    async def close(self) -> None:
        """Close the connection and everything under it. May be called again."""
        self._desktop.unwatch(self._track.wake)
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

    def _add_media(self, codec: Codec) -> None:
        transceiver = self._connection.addTransceiver(self._track, direction="sendonly")
        transceiver.setCodecPreferences(_preferring(codec))
        channel = self._connection.createDataChannel("input")
        channel.on("message", self._on_message)
        dtls = transceiver.sender.transport
        self._connection.on("iceconnectionstatechange", self._on_ice_state)
        dtls.on("statechange", lambda: _mark_connected(self._log, dtls.state))

    def _on_ice_state(self) -> None:
        if self._connection.iceConnectionState not in ("new", "checking"):
            self._ice_settled.set()
        if self._connection.iceConnectionState == "completed":
            self._log.mark(Mark.ICE_CONNECTED)

    def _on_message(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            return
        try:
            event = parse_event(message)
        except ValueError:
            return  # a desktop does not fall over what a page sends
        self._desktop.touch(event)

    def _on_sent(self, shot: Shot) -> None:
        self._log.frame_sent()
        self._desktop.log.frame_sent(revision=shot.revision)


def _mark_connected(log: PeerLog, state: str) -> None:
    if state == "connected":
        log.mark(Mark.DTLS_CONNECTED)


def _preferring(codec: Codec) -> list[RTCRtpCodecCapability]:
    """All codecs that aiortc can send, the preferred one first; the order of the rest stays."""
    codecs = RTCRtpSender.getCapabilities("video").codecs
    return sorted(codecs, key=lambda offered: offered.mimeType != codec.value)


def _without_bandwidth_estimation(sdp: str) -> str:
    """Offer no REMB feedback.

    aiortc makes a new encoder, with a key frame of 40 ms, whenever the receiver's estimate moves
    by a tenth, which during the first seconds it does again and again. On one machine there is
    nothing to adapt to.
    """
    lines = sdp.splitlines(keepends=True)
    return "".join(line for line in lines if not line.rstrip().endswith(" goog-remb"))
