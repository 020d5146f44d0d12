"""What a desktop is told about TURN."""

from dataclasses import dataclass, field
from enum import StrEnum


class Turn(StrEnum):
    """What becomes of a visitor who turns to the TURN server that a desktop names."""

    NORMAL = "normal"  # it relays
    DOWN = "down"  # its address answers nothing
    BAD_CREDENTIALS = "bad_credentials"  # it refuses the password that was handed out


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnAccess:
    """Where a TURN server is, with the long-term credentials for it (RFC 8656).

    Attributes:
        host: An IPv4 address.
        port: UDP port.
        username: The user.
        password: The user's password.
    """

    host: str
    port: int
    username: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """The server's address as WebRTC writes it (RFC 7065)."""
        return f"turn:{self.host}:{self.port}?transport=udp"

    def as_ice_server(self) -> dict[str, str]:
        """Returns what a page passes to its peer connection (W3C WebRTC, RTCIceServer)."""
        return {"urls": self.url, "username": self.username, "credential": self.password}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """One desktop's part in TURN.

    Attributes:
        visitors: What those who visit it are told.
        desktop: What it uses itself, for all of its media then; `None` where it stays on direct paths.
    """

    visitors: TurnAccess
    desktop: TurnAccess | None = None
