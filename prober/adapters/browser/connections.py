"""What the page's peer connections and sockets went through, in the domain's words."""

from collections.abc import Sequence

from playwright.async_api import Page

from prober.adapters.browser.collector import Answer, ask_pictures
from prober.adapters.browser.raw import RawChannel, RawConnections, RawPeer, RawSocket
from prober.adapters.browser.workers import ask_workers
from prober.domain.connection import CandidateError, Channel, Connections, IceServer, Peer, Socket


async def read_connections(page: Page) -> Connections:
    """Asks all frames of the page, with their workers.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    return parse_connections([*await ask_pictures(page, "connections"), *await ask_workers(page)])


def parse_connections(answers: Sequence[Answer]) -> Connections:
    """Joins the answers on the page's time, in the order of making."""
    raws: list[RawConnections] = [answer.value for answer in answers]
    pictured = _pictured(answers)
    peers = [parse_peer(raw, answer, shown=answer is pictured) for answer in answers for raw in answer.value["peers"]]
    sockets = [_socket(raw, answer) for answer in answers for raw in answer.value["sockets"]]
    return Connections(
        peers=tuple(sorted(peers, key=lambda peer: peer.constructed_s or 0.0)),
        sockets=tuple(sorted(sockets, key=lambda socket: socket.created_s or 0.0)),
        peers_forgotten=sum(raw["forgotten"] for raw in raws),
        chunks_decoded=sum(raw["chunks"] for raw in raws),
        decodable=tuple(dict.fromkeys(name for raw in raws for name in raw["decodable"])),
    )


def parse_peer(raw: RawPeer, answer: Answer, *, shown: bool) -> Peer:
    """Returns one peer connection of a frame; `shown` tells whether the frame's picture is the desktop's."""
    return Peer(
        constructed_s=answer.seconds(raw["constructed"]),
        remote_description_s=answer.seconds(raw["remoteDescription"]),
        local_description_s=answer.seconds(raw["localDescription"]),
        gathering_s=answer.seconds(raw["gathering"]),
        gathered_s=answer.seconds(raw["gathered"]),
        checking_s=answer.seconds(raw["checking"]),
        ice_connected_s=answer.seconds(raw["iceConnected"]),
        connected_s=answer.seconds(raw["connected"]),
        track_s=answer.seconds(raw["track"]),
        unmuted_s=answer.seconds(raw["unmuted"]),
        failed_s=answer.seconds(raw["failed"]),
        video=raw["video"],
        shown=raw["shown"] if shown else None,
        packet_age_s=None if raw["packetAge"] is None else raw["packetAge"] / 1000,
        video_rejected=raw["videoRejected"],
        video_denied=raw["videoDenied"],
        offered_codecs=tuple(raw["offeredCodecs"]),
        policy=raw["policy"],
        servers=tuple(IceServer(url=server["url"], credentials=server["credentials"]) for server in raw["servers"]),
        candidate_errors=tuple(
            CandidateError(code=error["code"], url=error["url"], text=error["text"]) for error in raw["candidateErrors"]
        ),
        channels=tuple(_channel(channel, answer) for channel in raw["channels"]),
        disconnections=raw["disconnections"],
        connection_state=raw["connectionState"],
        ice_state=raw["iceState"],
        local_candidates=raw["localCandidates"],
        relay_candidates=raw["relayCandidates"],
        remote_candidates=raw["remoteCandidates"],
    )


def _pictured(answers: Sequence[Answer]) -> Answer | None:
    """Returns the frame whose picture is the desktop's: of another one nothing can be told."""
    pictures = [answer for answer in answers if answer.value["standing"] is not None]
    return max(pictures, key=lambda answer: (answer.shown, answer.value["standing"]), default=None)


def _channel(raw: RawChannel, answer: Answer) -> Channel:
    return Channel(
        label=raw["label"],
        opened_s=answer.seconds(raw["opened"]),
        closed_s=answer.seconds(raw["closed"]),
        messages=raw["messages"],
        bytes_received=raw["bytes"],
    )


def _socket(raw: RawSocket, answer: Answer) -> Socket:
    return Socket(
        created_s=answer.seconds(raw["created"]),
        opened_s=answer.seconds(raw["opened"]),
        closed_s=answer.seconds(raw["closed"]),
        binary_messages=raw["binaryMessages"],
        bytes_received=raw["bytes"],
    )
