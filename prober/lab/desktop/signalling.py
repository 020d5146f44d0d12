"""The messages of the signalling WebSocket: JSON, the server offers, both sides may trickle.

Server: `{"type": "offer", "sdp": ..., "iceServers": [...]}`. Page: `{"type": "answer", "sdp": ...}`, then
`{"type": "candidate", "candidate": ..., "mid": ...}` each, the last one empty. Later the page is the truth's witness:
`{"type": "displayed", "frames": [[RTP timestamp, milliseconds of Unix time], ...]}`.
"""

import json
from typing import Any

from aiohttp import web

from prober.lab.desktop.peer import Peer, SignallingError
from prober.lab.turn.access import TurnAccess


def offer_message(sdp: str, *, turn: TurnAccess | None = None) -> str:
    """The server's one message; a TURN server's password is only told here, behind the desktop's own."""
    servers = [] if turn is None else [turn.as_ice_server()]
    return json.dumps({"type": "offer", "sdp": sdp, "iceServers": servers})


class Negotiation:
    """Our end of one visitor's signalling."""

    def __init__(self, *, peer: Peer, socket: web.WebSocketResponse) -> None:
        self._peer = peer
        self._socket = socket

    async def begin(self) -> None:
        """Make the offer, where there is one."""
        sdp = await self._peer.offer()
        if sdp is not None:
            await self._socket.send_str(offer_message(sdp, turn=self._peer.turn_for_visitor))

    async def hear(self, text: str) -> None:
        """Do what one of the page's messages says.

        Raises:
            SignallingError: The message cannot be used.
        """
        match _parse(text):
            case {"type": "answer", "sdp": str(sdp)}:
                await self._peer.accept(sdp)
            case {"type": "candidate", "candidate": str(line), "mid": str(mid)}:
                await self._peer.add_candidate(line, mid=mid)
            case {"type": "displayed", "frames": list(frames)}:
                self._note(frames)
            case _:
                raise SignallingError("the message is neither an answer nor a candidate, nor of frames displayed")

    def _note(self, frames: list[Any]) -> None:
        for frame in frames:
            match frame:
                case [int(timestamp), int(at_ms) | float(at_ms)]:
                    self._peer.take_witness(timestamp=timestamp, at=at_ms / 1000)
                case _:
                    raise SignallingError("a displayed frame is an RTP timestamp and a time")

    async def close(self) -> None:
        """Close the peer connection."""
        await self._peer.close()


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise SignallingError("the message is not JSON") from error
