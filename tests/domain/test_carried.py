from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.carried import (
    LEAST_PICTURE_BYTES,
    LEAST_PICTURE_CHUNKS,
    STOPPED_S,
    is_established,
    judge_transport,
    transport_of,
)
from prober.domain.connection import Channel, Connections, Peer, Socket
from prober.domain.reasons import Reason
from prober.domain.transport import Transport
from tests.domain.connections import CONNECTED, NEGOTIATED, OPEN

PLAYING = replace(CONNECTED, unmuted_s=0.5)
CLOSED = replace(PLAYING, connection_state="closed")
MUCH = LEAST_PICTURE_BYTES
CHUNKS = LEAST_PICTURE_CHUNKS
PICTURE = replace(OPEN, binary_messages=9, bytes_received=MUCH)
LITTLE = replace(OPEN, binary_messages=9, bytes_received=MUCH - 1)
CHANNEL = Channel(label="picture", opened_s=0.5, messages=9, bytes_received=MUCH)
DATA = replace(CONNECTED, video=False, channels=(CHANNEL,))
QUIET = replace(DATA, channels=(replace(CHANNEL, bytes_received=MUCH - 1),))
SHOWN = replace(PLAYING, shown=True, packet_age_s=30.0)
UNSEEN = replace(PLAYING, shown=False, packet_age_s=0.1)
STOPPED = replace(PLAYING, packet_age_s=STOPPED_S)
CHATTY = replace(PLAYING, channels=(replace(CHANNEL, bytes_received=50 * MUCH),))


@pytest.mark.parametrize(
    ("connections", "transport", "established"),
    [
        (Connections(), Transport.NONE, True),
        (Connections(peers=(PLAYING,), sockets=(OPEN,)), Transport.WEBRTC_VIDEO, True),
        (Connections(peers=(CONNECTED,)), Transport.WEBRTC_VIDEO, True),
        (Connections(peers=(PLAYING,), sockets=(PICTURE,)), Transport.WEBRTC_VIDEO, True),
        (Connections(peers=(SHOWN,), sockets=(PICTURE,)), Transport.WEBRTC_VIDEO, True),
        (Connections(peers=(UNSEEN,), sockets=(PICTURE,)), Transport.WEBSOCKET, True),
        (Connections(peers=(replace(CHATTY, shown=False),)), Transport.WEBRTC_DATA_CHANNEL, True),
        (Connections(peers=(UNSEEN,)), Transport.WEBRTC_VIDEO, True),
        (Connections(peers=(STOPPED,), sockets=(PICTURE,), chunks_decoded=500), Transport.WEBSOCKET, True),
        (
            Connections(peers=(replace(STOPPED, packet_age_s=STOPPED_S - 0.1),), sockets=(PICTURE,)),
            Transport.WEBRTC_VIDEO,
            True,
        ),
        (Connections(peers=(STOPPED,), sockets=(OPEN,)), Transport.WEBRTC_VIDEO, True),
        (Connections(peers=(CHATTY,)), Transport.WEBRTC_VIDEO, True),
        (Connections(peers=(CLOSED,)), Transport.WEBRTC_VIDEO, False),
        (Connections(peers=(replace(CHATTY, connection_state="failed"),)), Transport.WEBRTC_VIDEO, False),
        (Connections(peers=(NEGOTIATED,)), Transport.NONE, True),
        (Connections(peers=(DATA,)), Transport.WEBRTC_DATA_CHANNEL, True),
        (Connections(peers=(QUIET,)), Transport.NONE, True),
        (Connections(peers=(QUIET,), chunks_decoded=CHUNKS), Transport.WEBRTC_DATA_CHANNEL, True),
        (Connections(peers=(replace(DATA, connection_state="failed"),)), Transport.WEBRTC_DATA_CHANNEL, False),
        (
            Connections(peers=(replace(DATA, channels=(replace(CHANNEL, closed_s=9.0),)),)),
            Transport.WEBRTC_DATA_CHANNEL,
            False,
        ),
        (
            Connections(peers=(replace(CONNECTED, channels=(CHANNEL,)),)),
            Transport.WEBRTC_DATA_CHANNEL,
            True,
        ),
        (Connections(sockets=(PICTURE,)), Transport.WEBSOCKET, True),
        (Connections(peers=(CONNECTED,), sockets=(PICTURE,)), Transport.WEBSOCKET, True),
        (Connections(peers=(CLOSED,), sockets=(PICTURE,)), Transport.WEBSOCKET, True),
        (Connections(sockets=(LITTLE,)), Transport.NONE, True),
        (Connections(sockets=(LITTLE,), chunks_decoded=CHUNKS - 1), Transport.NONE, True),
        (Connections(sockets=(LITTLE,), chunks_decoded=CHUNKS), Transport.WEBSOCKET, True),
        (Connections(sockets=(OPEN,), chunks_decoded=CHUNKS), Transport.WEBSOCKET, True),
        (Connections(sockets=(replace(PICTURE, closed_s=9.0), OPEN)), Transport.WEBSOCKET, False),
    ],
    ids=[
        "nothing",
        "video",
        "video, no packet yet",
        "video beside a busy socket",
        "frozen video that is shown beside a busy socket",
        "video that something else is shown instead of, fed by a socket",
        "video that something else is shown instead of, fed by a channel",
        "video whose showing cannot be seen, and nothing else",
        "video that stopped beside a busy socket",
        "video that pauses beside a busy socket",
        "video that stopped beside signalling",
        "video beside a busy channel",
        "video that was there",
        "video lost beside a busy channel",
        "video that never connected",
        "data channel",
        "a channel for input",
        "a channel whose chunks are decoded",
        "data channel lost",
        "data channel closed",
        "video without packets, picture by channel",
        "socket",
        "video without packets, picture by socket",
        "video left for a socket",
        "a socket for signalling",
        "a decoder that is tried out",
        "a socket whose chunks are decoded",
        "a worker's socket",
        "socket lost, a new one without a picture",
    ],
)
def test_the_transport_is_told_from_what_came(
    connections: Connections,
    transport: Transport,
    established: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Video counts by its packets, what the page draws by its volume; it is established while it can bring more."""
    assert transport_of(connections) is transport
    assert is_established(connections, transport) is established


COUNTS = st.integers(min_value=0, max_value=3 * MUCH)
MOMENTS = st.none() | st.floats(min_value=0, max_value=20)
PEERS = st.builds(
    Peer,
    connected_s=MOMENTS,
    unmuted_s=MOMENTS,
    video=st.booleans(),
    shown=st.none() | st.booleans(),
    packet_age_s=MOMENTS,
    connection_state=st.sampled_from(["new", "connecting", "connected", "disconnected", "failed", "closed"]),
    channels=st.lists(
        st.builds(Channel, label=st.just("c"), opened_s=MOMENTS, closed_s=MOMENTS, bytes_received=COUNTS), max_size=2
    ).map(tuple),
)
SOCKETS = st.builds(Socket, created_s=MOMENTS, opened_s=MOMENTS, closed_s=MOMENTS, bytes_received=COUNTS)
PAGES = st.builds(
    Connections,
    peers=st.lists(PEERS, max_size=3).map(tuple),
    sockets=st.lists(SOCKETS, max_size=3).map(tuple),
    chunks_decoded=st.integers(min_value=0, max_value=2 * CHUNKS),
)


@given(connections=PAGES, expected=st.sampled_from(Transport))
def test_what_is_established_is_the_transport_and_no_other(connections: Connections, expected: Transport) -> None:
    """No page has two established transports, and one that is expected and established is never the wrong one."""
    if is_established(connections, expected):
        assert transport_of(connections) is expected
        assert judge_transport(connections, expected) is None


@given(connections=PAGES, expected=st.sampled_from(Transport))
def test_another_transport_is_named_and_none_is_no_other(connections: Connections, expected: Transport) -> None:
    """A picture by another way is `wrong_transport`, with both names; no picture at all is explained elsewhere."""
    carried, fault = transport_of(connections), judge_transport(connections, expected)
    assert (fault is None) == (carried in {expected, Transport.NONE})
    if fault is not None:
        assert fault.reason is Reason.WRONG_TRANSPORT
        assert carried in fault.summary
        assert expected in fault.summary
