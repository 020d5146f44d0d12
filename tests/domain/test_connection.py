from dataclasses import replace

import pytest

from prober.domain.connection import Connections, Peer, timings
from tests.domain.connections import CONNECTED, NEGOTIATED, OPEN, SILENT


@pytest.mark.parametrize(
    ("peers", "chosen"),
    [
        ((), None),
        ((SILENT, NEGOTIATED), 1),
        ((CONNECTED, NEGOTIATED), 0),
        ((replace(CONNECTED, video=False), NEGOTIATED), 1),
        ((replace(CONNECTED, connection_state="failed"), NEGOTIATED), 0),
        ((replace(CONNECTED, connection_state="failed"), CONNECTED), 1),
        ((replace(CONNECTED, shown=True), replace(CONNECTED, shown=False)), 0),
        ((replace(CONNECTED, connection_state="failed", shown=True), CONNECTED), 1),
        ((replace(SILENT, video=False), replace(NEGOTIATED, video=False)), 1),
    ],
    ids=[
        "none",
        "video over none",
        "connected over trying",
        "video over connected",
        "was connected over trying",
        "reconnected over failed",
        "shown over newer",
        "connected over shown",
        "the last one tried",
    ],
)
def test_the_peer_that_carries_the_video_counts(peers: tuple[Peer, ...], chosen: int | None) -> None:
    """Of several peer connections the one with video counts, of those one that is connected, and shown."""
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


def test_the_videos_own_timings_overlap_the_others() -> None:
    """The track is announced with the description, its first packet comes once ICE is connected."""
    spans = timings(Connections(peers=(replace(CONNECTED, track_s=0.21, unmuted_s=0.47),)))
    assert (spans["track"], spans["first_packet"]) == pytest.approx((0.01, 0.11))
