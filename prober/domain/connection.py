"""What a page's connections went through.

It is what the collector saw in the page, in the page's own time. The words are the W3C's (webrtc-pc, webrtc-stats) and
RFC 8445's. Why a connection never came to be is explained in `connecting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateError:
    """One `icecandidateerror` event.

    Attributes:
        code: Its `errorCode`: the STUN error code that the server answered (401, 403, 486), or 701 where no server
            answered.
        url: The STUN or TURN server's URL, without credentials.
        text: What the code means, in words of ours: a server may write anything into its own.
    """

    code: int
    url: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """One URL of the `iceServers` that the page configured; the credentials themselves are never read.

    Attributes:
        url: Such as "turn:turn.example.com:3478?transport=udp".
        credentials: Whether a user name and a credential came with it.
    """

    url: str
    credentials: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One data channel; times as in `Peer`.

    Attributes:
        label: Its label.
        opened_s: It was open for the first time.
        closed_s: It was closed.
        messages: Messages received.
        bytes_received: Payload bytes received.
    """

    label: str
    opened_s: float | None = None
    closed_s: float | None = None
    messages: int = 0
    bytes_received: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One RTCPeerConnection; times in seconds since the page's navigation began, `None` for what did not happen.

    Attributes:
        constructed_s: Its constructor was called.
        remote_description_s: The other side's session description was applied.
        local_description_s: Our session description was applied.
        gathering_s: ICE gathering began.
        gathered_s: ICE gathering was complete.
        checking_s: ICE checking began.
        ice_connected_s: ICE was connected, or completed.
        connected_s: The connection was connected, DTLS included.
        track_s: A video track of the other side was announced.
        unmuted_s: That track was unmuted: its first RTP packet came.
        failed_s: ICE failed for the first time.
        video: Whether it receives video.
        shown: Whether its video is the picture that is shown; `None` where that cannot be told, as of a canvas.
        packet_age_s: Time since its last video packet, in seconds; `None` where the browser did not say.
        video_rejected: Whether our own session description rejects every video section that the other side's offers.
        video_denied: Whether the other side's answer rejects every video section in which our offer asks for video.
        offered_codecs: Video codecs of the other side's session description, such as "H264", without repair formats.
        policy: The `iceTransportPolicy` in force.
        servers: The STUN and TURN servers in force.
        candidate_errors: What gathering met, in order.
        channels: Its data channels.
        disconnections: How often ICE was connected and then disconnected or failed.
        connection_state: Its `connectionState` at the end of the observation.
        ice_state: Its `iceConnectionState` at the end of the observation.
        local_candidates: Addresses that the browser offered.
        relay_candidates: Those of them that a TURN server lent.
        remote_candidates: Addresses that the other side offered, those inside its session description included.
    """

    constructed_s: float | None = None
    remote_description_s: float | None = None
    local_description_s: float | None = None
    gathering_s: float | None = None
    gathered_s: float | None = None
    checking_s: float | None = None
    ice_connected_s: float | None = None
    connected_s: float | None = None
    track_s: float | None = None
    unmuted_s: float | None = None
    failed_s: float | None = None
    video: bool = False
    shown: bool | None = None
    packet_age_s: float | None = None
    video_rejected: bool = False
    video_denied: bool = False
    offered_codecs: tuple[str, ...] = ()
    policy: str = "all"
    servers: tuple[IceServer, ...] = ()
    candidate_errors: tuple[CandidateError, ...] = ()
    channels: tuple[Channel, ...] = ()
    disconnections: int = 0
    connection_state: str = "new"
    ice_state: str = "new"
    local_candidates: int = 0
    relay_candidates: int = 0
    remote_candidates: int = 0

    @property
    def refused(self) -> bool:
        """Whether one of the two sides refused the video."""
        return self.video_rejected or self.video_denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """One WebSocket of the page; times in seconds since the page's navigation began.

    Attributes:
        created_s: Its constructor was called.
        opened_s: It was open.
        closed_s: It was closed.
        binary_messages: Binary messages received; signalling speaks text.
        bytes_received: Payload bytes of binary messages received.
    """

    created_s: float | None = None
    opened_s: float | None = None
    closed_s: float | None = None
    binary_messages: int = 0
    bytes_received: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """All that a page set up, in the order in which it did.

    Attributes:
        peers: Its peer connections.
        sockets: Its WebSockets.
        peers_forgotten: Peer connections before those, which are no longer kept: a page in a storm of reconnects.
        chunks_decoded: Encoded video chunks that the page gave to WebCodecs decoders of its own.
        decodable: Video codecs that this browser can receive (`RTCRtpReceiver.getCapabilities`), without repair
            formats; empty where the browser did not say.
    """

    peers: tuple[Peer, ...] = ()
    sockets: tuple[Socket, ...] = ()
    peers_forgotten: int = 0
    chunks_decoded: int = 0
    decodable: tuple[str, ...] = ()

    def media(self) -> Peer | None:
        """Returns the peer connection that carries the video, or the best guess at it.

        A page may open several, clients that reconnect do: the one that receives video counts, of those one that is
        connected now, among several that whose picture is shown, else one that was, else the last one tried.
        """
        candidates = [peer for peer in self.peers if peer.video] or list(self.peers)
        return max(reversed(candidates), key=_standing, default=None)

    def attempt(self) -> Peer | None:
        """Returns the peer connection that tells most about why none is connected.

        A client that tries again has its newest peer connection at some early stage, which explains nothing: of those
        tried since the last one that ever was connected, the one that got furthest counts.
        """
        candidates = [peer for peer in self.peers if peer.video or peer.refused] or list(self.peers)
        tried = list(takewhile(lambda peer: peer.connected_s is None, reversed(candidates)))
        return max(tried or reversed(candidates[-1:]), key=_progress, default=None)

    def connected(self) -> bool:
        """Tells whether a peer connection that receives video is connected now; another one's is not enough."""
        peer = self.media()
        return peer is not None and peer.video and peer.connection_state == "connected"


def timings(connections: Connections) -> dict[str, float]:
    """Returns the sub-timings of connecting, in seconds; what cannot be told is absent.

    `signalling` runs from the first sign of signalling to the other side's session description, `gathering`,
    `checking` and `dtls` as the browser's state changes have them. Two overlap with those: `track` runs from that
    description to the announced video track, `first_packet` from the connected ICE to the video's first packet.
    """
    peer = connections.media()
    if peer is None:
        return {}
    begun = _first([socket.created_s for socket in connections.sockets] + [peer.constructed_s])
    spans = {
        "signalling": _span(begun, peer.remote_description_s),
        "gathering": _span(peer.gathering_s, peer.gathered_s),
        "checking": _span(peer.checking_s, peer.ice_connected_s),
        "dtls": _span(peer.ice_connected_s, peer.connected_s),
        "track": _span(peer.remote_description_s, peer.track_s),
        "first_packet": _span(peer.ice_connected_s, peer.unmuted_s),
    }
    return {name: span for name, span in spans.items() if span is not None}


def _standing(peer: Peer) -> tuple[bool, bool, bool]:
    return peer.connection_state == "connected", peer.shown is True, peer.connected_s is not None


def _progress(peer: Peer) -> int:
    stages = (peer.remote_description_s, peer.local_description_s, peer.gathering_s, peer.ice_connected_s)
    return sum(stage is not None for stage in stages)


def _first(times: Sequence[float | None]) -> float | None:
    return min((time for time in times if time is not None), default=None)


def _span(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None or end < begin else end - begin
