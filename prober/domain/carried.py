"""By which transport did the picture come?

It is told from what a page set up and received, never from what is on the screen: a desktop that silently leaves
WebRTC for a WebSocket still shows a picture. A video track is told by its packets; a picture that the page itself
decodes and draws is told by its volume, since nothing else that runs over those connections has any.
"""

from collections.abc import Iterable

from prober.domain.connection import Channel, Connections, Peer, Socket
from prober.domain.errors import Fault
from prober.domain.reasons import Reason
from prober.domain.transport import Transport

LEAST_PICTURE_BYTES = 32 * 1024
"""What a channel or socket must have brought to carry a picture. Acknowledgements of input are a few bytes, cursors and
clipboards of a probe's session a few KiB; the first frame of a 1280x720 desktop alone has tens of KiB."""


LEAST_PICTURE_CHUNKS = 4
"""What the page must have decoded to show a picture, where its volume is not known: a decoder that is tried out gets a
chunk or two."""

STOPPED_S = 5.0
"""A video track without a packet for so long, in seconds, brings no picture where another way may: the limit of frozen
pictures."""


def transport_of(connections: Connections) -> Transport:
    """Returns the transport that brings the picture, or brought it.

    A connected video track with packets comes first: what else runs beside it is no picture. A video track that was
    connected and brings no packet, no longer does, or is not what is shown, comes last: a picture that comes by another
    way makes it an empty shell.
    """
    if any(_plays(peer) for peer in connections.peers):
        return Transport.WEBRTC_VIDEO
    drawn = _drawn(connections)
    if drawn is not Transport.NONE:
        return drawn
    was_connected = any(peer.video and _was_connected(peer) for peer in connections.peers)
    return Transport.WEBRTC_VIDEO if was_connected else Transport.NONE


def is_established(connections: Connections, expected: Transport) -> bool:
    """Tells whether the picture's transport is the expected one, and works now; expecting none is met at once."""
    if transport_of(connections) is not expected:
        return False
    if expected is Transport.WEBRTC_VIDEO:
        return connections.connected()
    if expected is Transport.WEBRTC_DATA_CHANNEL:
        return any(_carries(channel, connections) for channel in _open_channels(connections))
    if expected is Transport.WEBSOCKET:
        return _websocket_lives(connections)
    return True


def judge_transport(connections: Connections, expected: Transport) -> Fault | None:
    """Returns `wrong_transport` when a picture came by another transport than the expected one.

    No picture at all is no fault of the transport: that is explained elsewhere.
    """
    carried = transport_of(connections)
    if carried in {expected, Transport.NONE}:
        return None
    summary = f"the picture comes by {carried}{_volume(connections, carried)}, and {expected} is expected"
    return Fault(reason=Reason.WRONG_TRANSPORT, summary=summary)


def _plays(peer: Peer) -> bool:
    """Tells by what is shown; where that cannot be told, as of a canvas, by packets that still come."""
    if not peer.video or peer.unmuted_s is None or peer.connection_state != "connected":
        return False
    if peer.shown is None:
        return peer.packet_age_s is None or peer.packet_age_s < STOPPED_S
    return peer.shown


def _was_connected(peer: Peer) -> bool:
    return peer.connected_s is not None or peer.connection_state == "connected"


def _drawn(connections: Connections) -> Transport:
    """Returns by which of the two ways a picture came that the page drew; chunks without bytes came to a worker."""
    channels = _most(channel.bytes_received for channel in _drawing_channels(connections))
    sockets = _most(socket.bytes_received for socket in connections.sockets)
    if max(channels, sockets) < LEAST_PICTURE_BYTES and not _decodes(connections):
        return Transport.NONE
    return Transport.WEBRTC_DATA_CHANNEL if channels > sockets else Transport.WEBSOCKET


def _drawing_channels(connections: Connections) -> list[Channel]:
    """Returns the channels that could carry a picture: beside a video that plays or played they carry anything else."""
    drawing = [peer for peer in connections.peers if not peer.video or peer.unmuted_s is None or peer.shown is False]
    return [channel for peer in drawing for channel in peer.channels]


def _most(volumes: Iterable[int]) -> int:
    return max(volumes, default=0)


def _open_channels(connections: Connections) -> list[Channel]:
    return [
        channel
        for peer in connections.peers
        if peer.connection_state == "connected"
        for channel in peer.channels
        if channel.opened_s is not None and channel.closed_s is None
    ]


def _websocket_lives(connections: Connections) -> bool:
    """Looks for an open socket with a picture; a worker's socket is seen by its chunks alone."""
    if not any(socket.bytes_received for socket in connections.sockets):
        return True
    lives = [socket for socket in connections.sockets if socket.opened_s is not None and socket.closed_s is None]
    return any(_carries(socket, connections) for socket in lives)


def _carries(carrier: Channel | Socket, connections: Connections) -> bool:
    least = 1 if _decodes(connections) else LEAST_PICTURE_BYTES
    return carrier.bytes_received >= least


def _decodes(connections: Connections) -> bool:
    return connections.chunks_decoded >= LEAST_PICTURE_CHUNKS


def _volume(connections: Connections, carried: Transport) -> str:
    if carried is Transport.WEBRTC_VIDEO:
        return ""
    volumes = [socket.bytes_received for socket in connections.sockets]
    if carried is Transport.WEBRTC_DATA_CHANNEL:
        volumes = [channel.bytes_received for channel in _drawing_channels(connections)]
    chunks = f", {connections.chunks_decoded} chunks decoded by the page" if connections.chunks_decoded else ""
    return f" ({sum(volumes) / 1024:.0f} KiB{chunks})"
