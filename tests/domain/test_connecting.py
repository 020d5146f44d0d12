from dataclasses import replace

import pytest

from prober.domain.connecting import explain_unconnected
from prober.domain.connection import Channel, Connections, Peer, Socket
from prober.domain.errors import Fault
from prober.domain.reasons import Reason
from prober.domain.transport import NetworkPolicy, Transport
from tests.domain.connections import CLOSED, CONNECTED, NEGOTIATED, OPEN, SILENT, UNOPENED


def explain(connections: Connections, expected: Transport = Transport.WEBRTC_VIDEO) -> Fault:
    """Explains what was seen to a target that allows any path."""
    return explain_unconnected(connections, expected=expected, network=NetworkPolicy.ANY)


@pytest.mark.parametrize(
    ("connections", "reason", "words"),
    [
        (Connections(), Reason.SIGNALLING_NEVER_OPENED, "no signalling connection and no peer connection"),
        (Connections(sockets=(UNOPENED,)), Reason.SIGNALLING_NEVER_OPENED, "never opened"),
        (Connections(sockets=(OPEN,)), Reason.NO_OFFER, "no session description"),
        (Connections(peers=(SILENT,)), Reason.NO_OFFER, "no session description"),
        (Connections(peers=(SILENT,), sockets=(UNOPENED,)), Reason.NO_OFFER, "no session description"),
        (Connections(sockets=(CLOSED,)), Reason.SIGNALLING_CLOSED, "closed before"),
        (Connections(peers=(SILENT,), sockets=(CLOSED,)), Reason.SIGNALLING_CLOSED, "closed before"),
        (Connections(sockets=(CLOSED, UNOPENED)), Reason.SIGNALLING_CLOSED, "closed before"),
        (Connections(sockets=(CLOSED, OPEN)), Reason.NO_OFFER, "no session description"),
        (
            Connections(peers=(replace(NEGOTIATED, local_candidates=0),)),
            Reason.ICE_NO_CANDIDATES,
            "the browser found no address",
        ),
        (
            Connections(peers=(replace(NEGOTIATED, remote_candidates=0),)),
            Reason.ICE_NO_CANDIDATES,
            "the desktop offered no address",
        ),
        (Connections(peers=(NEGOTIATED,)), Reason.ICE_FAILED, "2 local and 1 remote"),
        (
            Connections(peers=(replace(NEGOTIATED, local_candidates=0, gathered_s=None),)),
            Reason.ICE_FAILED,
            "0 local and 1 remote",
        ),
        (
            Connections(peers=(replace(CONNECTED, connection_state="failed", ice_state="disconnected"),)),
            Reason.ICE_FAILED,
            "connected and then disconnected",
        ),
        (
            Connections(peers=(replace(CONNECTED, connected_s=None, connection_state="connecting"),)),
            Reason.DTLS_FAILED,
            "no DTLS handshake",
        ),
    ],
    ids=[
        "nothing at all",
        "socket never opened",
        "socket open, no peer",
        "peer without a socket",
        "peer, socket never opened",
        "socket closed",
        "socket closed under a peer",
        "one closed, one never opened",
        "one closed, one open",
        "no local candidate",
        "no remote candidate",
        "checks fail",
        "gathering not over",
        "lost again",
        "handshake missing",
    ],
)
def test_the_stage_at_which_connecting_stopped_is_named(connections: Connections, reason: Reason, words: str) -> None:
    """Each stage that was not reached has its own reason, the earliest first."""
    fault = explain(connections)
    assert fault.reason is reason
    assert words in fault.summary
    assert not connections.connected()


def test_a_connected_peer_without_video_is_not_enough() -> None:
    """Pages open a second connection for sound: it neither connects the desktop nor hides that its video does not."""
    sound = Peer(constructed_s=0.1, remote_description_s=0.2, connected_s=0.5, connection_state="connected")
    alone = Connections(peers=(sound,))
    assert not alone.connected()
    assert explain(alone).reason is Reason.WRONG_TRANSPORT
    video = Peer(
        constructed_s=0.1,
        remote_description_s=0.2,
        local_description_s=0.3,
        video=True,
        ice_state="failed",
        local_candidates=1,
        remote_candidates=1,
    )
    both = Connections(peers=(sound, video))
    assert not both.connected()
    assert explain(both).reason is Reason.ICE_FAILED


SOUND = replace(CONNECTED, video=False)


@pytest.mark.parametrize(
    ("peers", "reason"),
    [
        ((SILENT, SOUND), Reason.NO_OFFER),
        ((SOUND, SILENT), Reason.NO_OFFER),
        ((replace(SILENT, ice_state="closed"), SOUND), Reason.WRONG_TRANSPORT),
        ((replace(NEGOTIATED, video=False), SOUND), Reason.ICE_FAILED),
    ],
    ids=["sound last", "sound first", "a closed trial", "stuck at ICE"],
)
def test_a_peer_that_never_connected_is_looked_at_first(peers: tuple[Peer, ...], reason: Reason) -> None:
    """A desktop with a connection for each medium is explained by the one that is missing."""
    assert explain(Connections(peers=peers, sockets=(OPEN,))).reason is reason


def test_an_offer_without_an_answer_is_no_ice_fault() -> None:
    """A page that applied the offer and made no answer shares no codec, or the like, with the desktop."""
    peer = Peer(constructed_s=0.1, remote_description_s=0.2, video=True)
    assert explain(Connections(peers=(peer,))).reason is Reason.CODEC_UNSUPPORTED


def test_a_page_that_gave_up_when_signalling_closed_blames_signalling() -> None:
    """The peer connection is closed because its signalling was, not the other way round."""
    peer = Peer(remote_description_s=0.2, local_description_s=0.3, video=True, ice_state="closed", local_candidates=1)
    socket = Socket(created_s=0.1, opened_s=0.1, closed_s=0.9)
    assert explain(Connections(peers=(peer,), sockets=(socket,))).reason is Reason.SIGNALLING_CLOSED


def offering(*codecs: str, rejected: bool = False) -> Peer:
    """Returns a peer connection whose video the page did not take up."""
    return Peer(remote_description_s=0.2, video=True, video_rejected=rejected, offered_codecs=codecs)


@pytest.mark.parametrize(
    ("peer", "decodable", "reason", "words"),
    [
        (offering("X-RAY", rejected=True), ("VP8", "H264"), Reason.CODEC_UNSUPPORTED, "rejects the desktop's video"),
        (offering("X-RAY", "X-RAY"), ("VP8",), Reason.CODEC_UNSUPPORTED, "(offered: X-RAY)"),
        (offering(rejected=True), (), Reason.CODEC_UNSUPPORTED, "rejects the desktop's video"),
        (offering("H265", rejected=True), ("VP8",), Reason.CODEC_UNSUPPORTED, "(offered: H265)"),
        (offering("h264", "H265", rejected=True), ("VP8",), Reason.BROWSER_MISSING, "cannot decode H264"),
        (offering("H264", rejected=True), (), Reason.CODEC_UNSUPPORTED, "(offered: H264)"),
        (offering("H264", "VP8", rejected=True), ("VP8",), Reason.CODEC_UNSUPPORTED, "(offered: H264, VP8)"),
        (
            replace(offering("H264", rejected=True), connection_state="connected", video=False),
            ("VP8",),
            Reason.BROWSER_MISSING,
            "the prober's own browser",
        ),
    ],
    ids=[
        "a codec of nobody",
        "no answer",
        "codecs unknown",
        "a codec that few decode",
        "a codec that ours lacks",
        "ours unknown",
        "one shared nevertheless",
        "connected without its video",
    ],
)
def test_codecs_are_the_targets_fault_unless_ours_are_lacking(
    peer: Peer, decodable: tuple[str, ...], reason: Reason, words: str
) -> None:
    """A codec that users' browsers decode and ours does not is the prober's fault, any other one the desktop's."""
    fault = explain(Connections(peers=(peer,), decodable=decodable))
    assert fault.reason is reason
    assert words in fault.summary


DENIED = replace(CONNECTED, video=False, video_denied=True)


@pytest.mark.parametrize("peer", [DENIED, replace(NEGOTIATED, video=False, video_denied=True)], ids=["with", "without"])
def test_a_desktop_that_refuses_the_video_asked_for_is_told_from_a_page_that_does(peer: Peer) -> None:
    """Pages that make the offer themselves (WHEP) get the refusal in the answer, whether ICE connects or not."""
    fault = explain(Connections(peers=(SOUND, peer), decodable=("VP8",)))
    assert fault.reason is Reason.CODEC_UNSUPPORTED
    assert "the desktop's answer rejects" in fault.summary


def test_a_page_whose_offer_is_not_answered_is_told_so() -> None:
    """Without a socket nothing is known of signalling, and nothing is said of it."""
    offering_peer = replace(SILENT, local_description_s=0.2)
    fault = explain(Connections(peers=(offering_peer,)))
    assert fault.reason is Reason.NO_OFFER
    assert fault.summary == "the page offered, and no answer of the desktop came"
    assert "signalling" not in explain(Connections(peers=(SILENT,))).summary


def test_an_unanswered_offer_under_closed_signalling_blames_signalling() -> None:
    """There was no way left on which an answer could have gone."""
    peer = Peer(remote_description_s=0.2, video=True)
    assert explain(Connections(peers=(peer,), sockets=(CLOSED,))).reason is Reason.SIGNALLING_CLOSED


def test_a_client_that_tries_again_is_explained_by_its_best_attempt() -> None:
    """The newest peer connection stands at some early stage, which is not where connecting stopped."""
    assert explain(Connections(peers=(NEGOTIATED, SILENT), sockets=(OPEN,))).reason is Reason.ICE_FAILED
    lost = replace(CONNECTED, connection_state="closed", ice_state="closed", failed_s=3.0)
    offered = replace(NEGOTIATED, remote_candidates=0)
    assert explain(Connections(peers=(lost, offered), sockets=(OPEN,))).reason is Reason.ICE_NO_CANDIDATES


PICTURE = Socket(created_s=0.1, opened_s=0.1, binary_messages=90, bytes_received=900_000)
FEW = Socket(created_s=0.1, opened_s=0.1, binary_messages=3, bytes_received=300)
CHANNEL = Channel(label="picture", opened_s=0.6, messages=90, bytes_received=2_000_000)
DRAWN = replace(CONNECTED, video=False, channels=(CHANNEL,))
IDLE = replace(DRAWN, channels=(replace(CHANNEL, bytes_received=300),))


@pytest.mark.parametrize(
    ("connections", "expected", "reason", "words"),
    [
        (
            Connections(sockets=(PICTURE,), chunks_decoded=88),
            Transport.WEBRTC_VIDEO,
            Reason.WRONG_TRANSPORT,
            "comes by websocket (879 KiB, 88 chunks decoded by the page), and webrtc_video is expected",
        ),
        (
            Connections(peers=(DRAWN,), sockets=(OPEN,)),
            Transport.WEBRTC_VIDEO,
            Reason.WRONG_TRANSPORT,
            "comes by webrtc_data_channel (1953 KiB)",
        ),
        (
            Connections(peers=(CONNECTED,), sockets=(OPEN,)),
            Transport.WEBSOCKET,
            Reason.WRONG_TRANSPORT,
            "comes by webrtc_video, and websocket is expected",
        ),
        (Connections(), Transport.WEBSOCKET, Reason.SIGNALLING_NEVER_OPENED, "no WebSocket"),
        (
            Connections(sockets=(replace(FEW, closed_s=2.0),)),
            Transport.WEBSOCKET,
            Reason.SIGNALLING_CLOSED,
            "closed before a picture",
        ),
        (Connections(sockets=(FEW,)), Transport.WEBSOCKET, Reason.NO_FIRST_FRAME, "300 bytes came"),
        (Connections(peers=(IDLE,)), Transport.WEBRTC_DATA_CHANNEL, Reason.NO_FIRST_FRAME, "300 bytes came"),
        (Connections(peers=(NEGOTIATED,)), Transport.WEBRTC_DATA_CHANNEL, Reason.ICE_FAILED, "no pair"),
    ],
    ids=[
        "a socket instead of video",
        "a channel instead of video",
        "video instead of a socket",
        "no socket",
        "socket closed",
        "socket without a picture",
        "channel without a picture",
        "channel's connection fails",
    ],
)
def test_the_expected_transport_decides_what_is_missing(
    connections: Connections, expected: Transport, reason: Reason, words: str
) -> None:
    """A picture that comes by another way is the fault, else what the expected way got stuck at."""
    fault = explain(connections, expected)
    assert fault.reason is reason
    assert words in fault.summary
