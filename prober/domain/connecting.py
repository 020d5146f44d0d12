"""At which stage did connecting stop?

It is given what the collector saw of a page that never connected in time, and names the earliest and truest cause:
signalling, then what was negotiated, then the network path, then DTLS. It never waits and never looks at pixels.
"""

from dataclasses import replace

from prober.domain.carried import judge_transport
from prober.domain.codecs import lack_of, lacking, names
from prober.domain.connection import Connections, Peer, Socket
from prober.domain.errors import Fault
from prober.domain.ice import explain_ice
from prober.domain.reasons import Reason
from prober.domain.transport import NetworkPolicy, Transport


def explain_unconnected(connections: Connections, *, expected: Transport, network: NetworkPolicy) -> Fault:
    """Names the stage at which connecting stopped, the earliest cause first.

    Args:
        connections: What the page set up, without the expected transport in it.
        expected: How the picture must come.
        network: Which network path the media may take.
    """
    other = judge_transport(connections, expected)
    if other is not None:
        return other
    if expected is Transport.WEBSOCKET:
        return _explain_socket(connections)
    if expected is Transport.WEBRTC_VIDEO:
        connections = _without_others(connections)
    peer = connections.attempt()
    if peer is None or peer.remote_description_s is None:
        return _explain_signalling(connections)
    if peer.connection_state == "connected":
        return _explain_unused(peer, connections, expected=expected)
    return _explain_negotiation(peer, connections, expected=expected) or explain_ice(peer, network=network)


def _without_others(connections: Connections) -> Connections:
    """Leaves out peers that are connected for something else, sound above all, where another one never connected.

    A desktop that uses one connection for each medium is not explained by the one that works.
    """
    peers = [peer for peer in connections.peers if peer.connected_s is None or peer.video or peer.refused]
    if all(peer.ice_state == "closed" and peer.remote_description_s is None for peer in peers):
        return connections  # what a page opened to learn what the browser can, and closed, was no attempt
    return replace(connections, peers=tuple(peers))


def _explain_socket(connections: Connections) -> Fault:
    if not _opened(connections):
        return _fault(Reason.SIGNALLING_NEVER_OPENED, "the page opened no WebSocket")
    if _all_closed(connections):
        return _fault(Reason.SIGNALLING_CLOSED, "the page's WebSocket closed before a picture came")
    return _empty(Transport.WEBSOCKET, sum(socket.bytes_received for socket in connections.sockets))


def _explain_signalling(connections: Connections) -> Fault:
    if _all_closed(connections):
        return _fault(
            Reason.SIGNALLING_CLOSED,
            "the signalling connection closed before a session description came",
        )
    if any(peer.local_description_s is not None for peer in connections.peers):
        return _fault(Reason.NO_OFFER, "the page offered, and no answer of the desktop came")
    if _opened(connections):
        return _fault(Reason.NO_OFFER, "signalling is open and no session description came")
    if connections.peers:
        return _fault(Reason.NO_OFFER, "the page made a peer connection and no session description came")
    return _fault(
        Reason.SIGNALLING_NEVER_OPENED,
        "the page opened no signalling connection and no peer connection"
        if not connections.sockets
        else "the page's signalling connection never opened",
    )


def _explain_unused(peer: Peer, connections: Connections, *, expected: Transport) -> Fault:
    """Explains a peer connection that is connected and does not bring what is expected."""
    if expected is not Transport.WEBRTC_VIDEO:
        return _empty(expected, sum(channel.bytes_received for channel in peer.channels))
    if peer.refused:
        return _explain_refused(peer, connections)
    return _fault(Reason.WRONG_TRANSPORT, "a peer connection is connected and carries no video")


def _explain_negotiation(peer: Peer, connections: Connections, *, expected: Transport) -> Fault | None:
    if expected is Transport.WEBRTC_VIDEO and peer.refused:
        return _explain_refused(peer, connections)
    if peer.local_description_s is None:
        if _all_closed(connections):
            return _fault(Reason.SIGNALLING_CLOSED, "signalling closed before the page had answered")
        return _explain_codecs(peer, connections, "the page could not answer the desktop's session description")
    if peer.ice_state == "closed" and _all_closed(connections):
        return _fault(Reason.SIGNALLING_CLOSED, "signalling closed, and the page gave up its peer connection")
    return None


def _explain_refused(peer: Peer, connections: Connections) -> Fault:
    """Says which side refused the video; what a desktop would have taken up instead, its refusal does not tell."""
    if peer.video_denied:
        return _fault(Reason.CODEC_UNSUPPORTED, "the desktop's answer rejects the video that the page asks for")
    return _explain_codecs(peer, connections, "the page rejects the desktop's video")


def _explain_codecs(peer: Peer, connections: Connections, summary: str) -> Fault:
    """Blames ourselves where the desktop offers what every user's browser has and ours lacks."""
    lack = lacking(peer.offered_codecs, connections.decodable)
    if lack:
        return _fault(Reason.BROWSER_MISSING, lack_of(lack))
    offered = names(peer.offered_codecs)
    named = f" (offered: {', '.join(offered)})" if offered else ""
    return _fault(Reason.CODEC_UNSUPPORTED, summary + named)


def _empty(expected: Transport, received: int) -> Fault:
    summary = f"connected, and the {expected} brings no picture: {received} bytes came"
    return _fault(Reason.NO_FIRST_FRAME, summary)


def _opened(connections: Connections) -> list[Socket]:
    return [socket for socket in connections.sockets if socket.opened_s is not None]


def _all_closed(connections: Connections) -> bool:
    opened = _opened(connections)
    return bool(opened) and all(socket.closed_s is not None for socket in opened)


def _fault(reason: Reason, summary: str) -> Fault:
    return Fault(reason=reason, summary=summary)
