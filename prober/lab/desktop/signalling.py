"""The messages of the signalling WebSocket: JSON, the server offers, both sides may trickle.

Server: `{"type": "offer", "sdp": ...}`. Page: `{"type": "answer", "sdp": ...}`, then
`{"type": "candidate", "candidate": ..., "mid": ...}` each, the last one empty.
"""

import json
from typing import Any

from prober.lab.desktop.peer import Peer, SignallingError


def offer_message(sdp: str) -> str:
    """The server's one message."""
    return json.dumps({"type": "offer", "sdp": sdp})


async def obey(text: str, *, peer: Peer) -> None:
    """Do what one of the page's messages says.

    Raises:
        SignallingError: The message cannot be used.
    """
    match _parse(text):
        case {"type": "answer", "sdp": str(sdp)}:
            await peer.accept(sdp)
        case {"type": "candidate", "candidate": str(line), "mid": str(mid)}:
            await peer.add_candidate(line, mid=mid)
        case _:
            raise SignallingError("the message is neither an answer nor a candidate")


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise SignallingError("the message is not JSON") from error
