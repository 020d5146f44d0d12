"""How the picture comes to the page.

A platform that silently leaves WebRTC for a WebSocket still shows a picture, and its users still suffer. So the
transport is a fact of its own, told from what the page set up and what it received, never from what is on the screen.
"""

from enum import StrEnum


class Transport(StrEnum):
    """The ways in which a picture comes."""

    WEBRTC_VIDEO = "webrtc_video"
    """A video track of a peer connection."""
    WEBRTC_DATA_CHANNEL = "webrtc_data_channel"
    """A data channel of a peer connection; the page decodes and draws (KasmVNC)."""
    WEBSOCKET = "websocket"
    """A WebSocket; the page decodes and draws (Selkies in its default mode)."""
    NONE = "none"
    """Nothing that could be a picture came."""


class NetworkPolicy(StrEnum):
    """Which network path the media may take."""

    ANY = "any"
    """Whichever path ICE finds."""
    RELAY = "relay"
    """Through a TURN server only, as for a user whose firewall lets nothing else pass."""
    DIRECT = "direct"
    """Never through a TURN server."""
