from dataclasses import replace

import pytest

from prober.domain.connection import Connections, Peer, Socket, explain_unconnected, timings
from prober.domain.reasons import Reason

CONNECTED = Peer(
    constructed_s=0.10,
    remote_description_s=0.20,
    local_description_s=0.22,
    gathering_s=0.22,
    gathered_s=0.30,
    checking_s=0.31,
    ice_connected_s=0.36,
    connected_s=0.45,
    video=True,
    connection_state="connected",
    ice_state="connected",
    local_candidates=2,
    remote_candidates=1,
)
NEGOTIATED = replace(
    CONNECTED, ice_connected_s=None, connected_s=None, connection_state="connecting", ice_state="checking"
)
SILENT = Peer(constructed_s=0.1)
OPEN = Socket(created_s=0.05, opened_s=0.08)
CLOSED = replace(OPEN, closed_s=0.5)
UNOPENED = Socket(created_s=0.05)


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
    fault = explain_unconnected(connections)
    assert fault.reason is reason
    assert words in fault.summary
    assert not connections.connected()


@pytest.mark.parametrize(
    ("peers", "chosen"),
    [
        ((), None),
        ((SILENT, NEGOTIATED), 1),
        ((CONNECTED, NEGOTIATED), 0),
        ((replace(CONNECTED, video=False), NEGOTIATED), 1),
        ((replace(CONNECTED, connection_state="failed"), NEGOTIATED), 0),
        ((replace(CONNECTED, connection_state="failed"), CONNECTED), 1),
        ((replace(SILENT, video=False), replace(NEGOTIATED, video=False)), 1),
    ],
    ids=[
        "none",
        "video over none",
        "connected over trying",
        "video over connected",
        "was connected over trying",
        "reconnected over failed",
        "the last one tried",
    ],
)
def test_the_peer_that_carries_the_video_counts(peers: tuple[Peer, ...], chosen: int | None) -> None:
    """Of several peer connections the one with video counts, of those the one that is connected."""
    assert Connections(peers=peers).media() is (None if chosen is None else peers[chosen])


def test_a_client_that_reconnected_is_connected() -> None:
    """A first connection that failed does not hide the second one, which works."""
    assert Connections(peers=(replace(CONNECTED, connection_state="closed"), CONNECTED)).connected()


def test_timings_follow_the_browsers_states() -> None:
    """Signalling runs from the first sign of it to the answer, the other spans from one state to the next."""
    assert timings(Connections(peers=(CONNECTED,), sockets=(OPEN,))) == pytest.approx(
        {"signalling": 0.15, "gathering": 0.08, "checking": 0.05, "dtls": 0.09}
    )


def test_timings_leave_out_what_cannot_be_told() -> None:
    """A state that was never reached, or reached in no order, has no span."""
    assert timings(Connections()) == {}
    assert timings(Connections(peers=(SILENT,))) == {}
    odd = replace(CONNECTED, gathering_s=0.4, gathered_s=0.3)
    assert "gathering" not in timings(Connections(peers=(odd,)))
    assert timings(Connections(peers=(CONNECTED,)))["signalling"] == pytest.approx(0.10)


def test_a_connected_peer_without_video_is_not_enough() -> None:
    """Pages open a second connection for sound: it neither connects the desktop nor hides that its video does not."""
    sound = Peer(constructed_s=0.1, remote_description_s=0.2, connected_s=0.5, connection_state="connected")
    alone = Connections(peers=(sound,))
    assert not alone.connected()
    assert explain_unconnected(alone).reason is Reason.WRONG_TRANSPORT
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
    assert explain_unconnected(both).reason is Reason.ICE_FAILED


def test_an_offer_without_an_answer_is_no_ice_fault() -> None:
    """A page that applied the offer and made no answer shares no codec, or the like, with the desktop."""
    peer = Peer(constructed_s=0.1, remote_description_s=0.2, video=True)
    assert explain_unconnected(Connections(peers=(peer,))).reason is Reason.CODEC_UNSUPPORTED


def test_a_page_that_gave_up_when_signalling_closed_blames_signalling() -> None:
    """The peer connection is closed because its signalling was, not the other way round."""
    peer = Peer(remote_description_s=0.2, local_description_s=0.3, video=True, ice_state="closed", local_candidates=1)
    socket = Socket(created_s=0.1, opened_s=0.1, closed_s=0.9)
    assert explain_unconnected(Connections(peers=(peer,), sockets=(socket,))).reason is Reason.SIGNALLING_CLOSED
