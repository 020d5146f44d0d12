"""What a page opened to bring the picture, as a report tells it.

Whoever reads of a failure sees which STUN and TURN servers the page was given, what they answered, and how much came by
which channel or socket. Credentials are in none of it.
"""

from dataclasses import dataclass

from prober.domain.connection import CandidateError, Channel, Connections, IceServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came by one data channel or WebSocket.

    Attributes:
        label: The channel's label; `None` for a WebSocket.
        messages: Messages received; of a WebSocket the binary ones.
        payload_bytes: Their payload bytes.
    """

    label: str | None = None
    messages: int = 0
    payload_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """All that a page opened; what it did not open is absent.

    Attributes:
        peer_connections: How many peer connections it made, those included that are no longer kept.
        ice_servers: The URLs of the STUN and TURN servers in force; "no credentials" stands behind a TURN server
            without any.
        ice_errors: What these servers answered: code, meaning, URL.
        channels: What came by data channels.
        sockets: What came by WebSockets.
        offered_codecs: Video codecs of the desktop's session descriptions, such as "H264".
        video_denied: Whether the desktop's answer rejects the video that the page asks for; absent where it does not.
    """

    peer_connections: int = 0
    ice_servers: tuple[str, ...] | None = None
    ice_errors: tuple[str, ...] | None = None
    channels: tuple[Received, ...] | None = None
    sockets: tuple[Received, ...] | None = None
    offered_codecs: tuple[str, ...] | None = None
    video_denied: bool | None = None


def opened(connections: Connections) -> Opened | None:
    """Returns what a page opened; `None` where that is nothing."""
    peers = connections.peers
    if not peers and not connections.sockets:
        return None
    servers = dict.fromkeys(_server(server) for peer in peers for server in peer.servers)
    errors = dict.fromkeys(_error(error) for peer in peers for error in peer.candidate_errors)
    sockets = [
        Received(messages=socket.binary_messages, payload_bytes=socket.bytes_received) for socket in connections.sockets
    ]
    return Opened(
        peer_connections=len(peers) + connections.peers_forgotten,
        ice_servers=tuple(servers) or None,
        ice_errors=tuple(errors) or None,
        channels=tuple(_channel(channel) for peer in peers for channel in peer.channels) or None,
        sockets=tuple(sockets) or None,
        offered_codecs=tuple(dict.fromkeys(codec for peer in peers for codec in peer.offered_codecs)) or None,
        video_denied=any(peer.video_denied for peer in peers) or None,
    )


def _server(server: IceServer) -> str:
    lacking = server.url.lower().startswith("turn") and not server.credentials
    return f"{server.url} (no credentials)" if lacking else server.url


def _error(error: CandidateError) -> str:
    return " ".join(part for part in (str(error.code), error.text, error.url) if part)


def _channel(channel: Channel) -> Received:
    return Received(label=channel.label, messages=channel.messages, payload_bytes=channel.bytes_received)
