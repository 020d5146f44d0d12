"""How a desktop behaves, sound by default: one field per way in which it can be broken."""

from dataclasses import dataclass
from enum import StrEnum


class Media(StrEnum):
    """Whether the peer connection comes about."""

    NORMAL = "normal"  # ICE completes, DTLS completes, frames flow
    NEVER = "never"  # the offer's candidates are open ports that answer no connectivity check


class Picture(StrEnum):
    """What the frames show. They flow at the full rate in every case."""

    NORMAL = "normal"  # the desktop, moving
    BLACK = "black"  # luma 16 of the limited range, which is black without a remainder
    FROZEN = "frozen"  # the first frame, again and again; only VP8's refinement still moves pixels


class Input(StrEnum):
    """What becomes of input events."""

    NORMAL = "normal"  # they change the picture
    DEAD = "dead"  # they arrive, are logged, and change nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How one desktop behaves.

    Attributes:
        http_status: Answer everything under the route with this status instead.
        reject_credentials: Answer 401 to everybody, the right credentials included.
        media: Whether the peer connection comes about.
        picture: What the frames show.
        input: What becomes of input events.
        route_survives: Keep serving after the session was closed.
    """

    http_status: int | None = None
    reject_credentials: bool = False
    media: Media = Media.NORMAL
    picture: Picture = Picture.NORMAL
    input: Input = Input.NORMAL
    route_survives: bool = False
