"""What the page's peer connections and sockets went through, in the domain's words."""

from collections.abc import Sequence

from prober.adapters.browser.collector import Answer
from prober.adapters.browser.raw import RawPeer, RawSocket
from prober.domain.connection import Connections, Peer, Socket


def parse_connections(answers: Sequence[Answer]) -> Connections:
    """Joins the frames' answers on the page's time, in the order of making."""
    peers = [_peer(raw, answer) for answer in answers for raw in answer.value["peers"]]
    sockets = [_socket(raw, answer) for answer in answers for raw in answer.value["sockets"]]
    return Connections(
        peers=tuple(sorted(peers, key=lambda peer: peer.constructed_s or 0.0)),
        sockets=tuple(sorted(sockets, key=lambda socket: socket.created_s or 0.0)),
    )


def _peer(raw: RawPeer, answer: Answer) -> Peer:
    return Peer(
        constructed_s=answer.seconds(raw["constructed"]),
        remote_description_s=answer.seconds(raw["remoteDescription"]),
        local_description_s=answer.seconds(raw["localDescription"]),
        gathering_s=answer.seconds(raw["gathering"]),
        gathered_s=answer.seconds(raw["gathered"]),
        checking_s=answer.seconds(raw["checking"]),
        ice_connected_s=answer.seconds(raw["iceConnected"]),
        connected_s=answer.seconds(raw["connected"]),
        video=raw["video"],
        connection_state=raw["connectionState"],
        ice_state=raw["iceState"],
        local_candidates=raw["localCandidates"],
        remote_candidates=raw["remoteCandidates"],
    )


def _socket(raw: RawSocket, answer: Answer) -> Socket:
    return Socket(
        created_s=answer.seconds(raw["created"]),
        opened_s=answer.seconds(raw["opened"]),
        closed_s=answer.seconds(raw["closed"]),
    )
