"""How a desktop behaves, sound by default: one field per way in which it can be broken."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from prober.lab.accident import Accident
from prober.lab.desktop.spell import Spell
from prober.lab.turn.access import Turn


class Media(StrEnum):
    """Whether the peer connection comes about."""

    NORMAL = "normal"  # ICE completes, DTLS completes, frames flow
    NEVER = "never"  # the offer's candidates are open ports that answer no connectivity check


class Offer(StrEnum):
    """What the page is offered."""

    NORMAL = "normal"  # what will be sent
    NONE = "none"  # nothing: signalling opens, and stays silent
    CLOSED = "closed"  # nothing: signalling opens, and is closed at once
    FOREIGN_CODEC = "foreign_codec"  # a video codec that no browser decodes, and no other
    FOREIGN_FINGERPRINT = "foreign_fingerprint"  # another certificate than the one that will be shown


class Carrier(StrEnum):
    """How the picture comes to the page."""

    VIDEO_TRACK = "video_track"  # as WebRTC video
    DATA_CHANNEL = "data_channel"  # as JPEG over a data channel, drawn on a canvas
    WEBSOCKET = "websocket"  # as JPEG over the page's WebSocket, drawn on a canvas; no peer connection


class Picture(StrEnum):
    """What the frames show, whatever their rate."""

    NORMAL = "normal"  # the desktop, moving
    BLACK = "black"  # luma 16 of the limited range, which is black without a remainder
    FROZEN = "frozen"  # the first frame, again and again; only VP8's refinement still moves pixels


class Sound(StrEnum):
    """What there is to hear."""

    NONE = "none"  # no audio track
    TONE = "tone"  # a track with a steady tone
    SILENCE = "silence"  # a track whose packets flow, with nothing in them


class Place(StrEnum):
    """Where in the page the picture is."""

    DOCUMENT = "document"  # it fills the page
    IFRAME = "iframe"  # it fills an iframe that fills the page
    SHADOW_ROOT = "shadow_root"  # it is in an element's open shadow root
    NOWHERE = "nowhere"  # it plays in an element that is not displayed


class Input(StrEnum):
    """What becomes of input events."""

    NORMAL = "normal"  # they change the picture
    DEAD = "dead"  # they arrive, are logged, and change nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What the network does to what a desktop sends; nothing by default.

    Attributes:
        loss_ratio: The share of the RTP packets that is lost, 0 to 1.
        delay_s: How much later everything arrives, in seconds.
        silence: When nothing arrives at all.
        seed: Decides which packets are lost.
    """

    loss_ratio: float = 0.0
    delay_s: float = 0.0
    silence: Spell | None = None
    seed: int = 4


FAIR = Weather()


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How one desktop behaves.

    Attributes:
        http_status: Answer everything under the route with this status instead.
        http_text: The text of that answer.
        silent: Accept connections, and never answer a request.
        reject_credentials: Answer 401 to everybody, the right credentials included.
        offer: What the page is offered.
        media: Whether the peer connection comes about.
        carrier: How the picture comes to the page.
        picture: What the frames show.
        size: Width and height of the picture, pixels; None for the host's own.
        frame_limit: Frames per second that are sent at most, however much changes.
        standstill: When no frame is sent, while the connection stays as it is.
        idle: Whether nothing moves by itself, and a frame is sent only after input has changed the screen.
        sound: What there is to hear.
        second_connection: Whether the page opens another peer connection, for the sound or for nothing.
        place: Where in the page the picture is.
        autoplay: Whether the page plays by itself, not only once its play button is clicked.
        weather: What the network does.
        input: What becomes of input events.
        input_delay_s: How long input events take to have an effect, in seconds.
        turn: What becomes of visitors who turn to the TURN server that they are told of.
        route_survives: Keep serving after the session was closed.
        accidents: What befalls whoever visits it.
    """

    http_status: int | None = None
    http_text: str = ""
    silent: bool = False
    reject_credentials: bool = False
    offer: Offer = Offer.NORMAL
    media: Media = Media.NORMAL
    carrier: Carrier = Carrier.VIDEO_TRACK
    picture: Picture = Picture.NORMAL
    size: tuple[int, int] | None = None
    frame_limit: float = inf
    standstill: Spell | None = None
    idle: bool = False
    sound: Sound = Sound.NONE
    second_connection: bool = False
    place: Place = Place.DOCUMENT
    autoplay: bool = True
    weather: Weather = FAIR
    input: Input = Input.NORMAL
    input_delay_s: float = 0.0
    turn: Turn = Turn.NORMAL
    route_survives: bool = False
    accidents: frozenset[Accident] = frozenset()

    def __post_init__(self) -> None:
        """Refuses what no desktop can do.

        Raises:
            ValueError: Late input needs the clock of frames, which an idle desktop is without.
        """
        if self.idle and self.input_delay_s > 0:
            raise ValueError("an idle desktop cannot be late with input")
