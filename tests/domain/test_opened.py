from dataclasses import asdict

from prober.domain.connection import CandidateError, Channel, Connections, IceServer, Peer, Socket
from prober.domain.listing import present
from prober.domain.opened import Opened, Received, opened

TURN = "turn:turn.test:3478"
STUN = "stun:stun.test"


def test_a_page_that_opened_nothing_has_nothing_to_tell() -> None:
    """What was not opened is absent, not empty."""
    assert opened(Connections()) is None
    assert opened(Connections(peers=(Peer(),), peers_forgotten=3)) == Opened(peer_connections=4)
    assert opened(Connections(sockets=(Socket(),))) == Opened(sockets=(Received(),))


def test_servers_and_their_answers_are_told_once() -> None:
    """Peer connections share their servers; a TURN server without credentials lends nothing, which is worth a word."""
    refused = CandidateError(code=401, url=TURN, text="Unauthorized")
    odd = CandidateError(code=999)
    peer = Peer(
        servers=(IceServer(url=TURN), IceServer(url=TURN, credentials=True), IceServer(url=STUN)),
        candidate_errors=(refused, odd),
    )
    told = opened(Connections(peers=(peer, peer)))
    assert told is not None
    assert told.ice_servers == (f"{TURN} (no credentials)", TURN, STUN)
    assert told.ice_errors == (f"401 Unauthorized {TURN}", "999")


def test_volumes_are_told_channel_by_channel() -> None:
    """A reader sees by which of them a picture could have come."""
    peer = Peer(channels=(Channel(label="input", messages=2, bytes_received=9),))
    told = opened(Connections(peers=(peer,), sockets=(Socket(binary_messages=3, bytes_received=90_000),)))
    assert told is not None
    assert told.channels == (Received(label="input", messages=2, payload_bytes=9),)
    assert told.sockets == (Received(messages=3, payload_bytes=90_000),)


def test_what_was_opened_is_published_without_what_is_absent() -> None:
    """The report's form has lists, and inside them too no value for what was not told."""
    told = opened(Connections(sockets=(Socket(binary_messages=3, bytes_received=90),)))
    assert told is not None
    assert present({"opened": asdict(told)}) == {
        "opened": {"peer_connections": 0, "sockets": [{"messages": 3, "payload_bytes": 90}]}
    }


def test_codecs_of_the_desktop_are_told_once() -> None:
    """What a desktop offered, over all peer connections, and whether it refused what the page asked for."""
    peers = (Peer(offered_codecs=("VP8", "H264")), Peer(offered_codecs=("H264",), video_denied=True))
    told = opened(Connections(peers=peers))
    assert told is not None
    assert (told.offered_codecs, told.video_denied) == (("VP8", "H264"), True)
