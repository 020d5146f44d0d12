"""What a peer connection carries: the picture, the sound, the user's input, as aiortc's tracks and channels."""

from enum import StrEnum

from aiortc import RTCDataChannel, RTCDtlsTransport, RTCPeerConnection, RTCRtpSender
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from prober.lab.desktop.behaviour import Carrier, Sound
from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.film import Film
from prober.lab.desktop.pace import Pacer
from prober.lab.desktop.sound import SoundTrack
from prober.lab.desktop.track import DesktopTrack, Shot
from prober.lab.desktop.truth import PeerLog

FRAME_RATE = 30
"""Frames per second of an untouched desktop."""
DISPLAY_RATE = 60
"""Frames per second that displays show."""
MOST_WAITING = 65_536
"""Bytes that may wait in the picture's data channel before a picture is left out."""


class Codec(StrEnum):
    """What the picture is encoded with; both in software, by FFmpeg inside aiortc."""

    VP8 = "video/VP8"  # libvpx: 5 ms for a frame of 960x540, and the default
    H264 = "video/H264"  # x264: what Selkies sends; 6 ms for a frame of 960x540

    @property
    def highest_rate(self) -> float:
        """Frames per second that the encoder can tell apart.

        aiortc runs x264 on a time base of 1/30 s: two frames closer than that would get one
        timestamp and be taken for one frame. For libvpx the limit is what displays show.
        """
        return 30 if self is Codec.H264 else DISPLAY_RATE


class Part(StrEnum):
    """Which of a page's peer connections it is."""

    DESKTOP = "desktop"  # the one with the picture
    EXTRA = "extra"  # another one, for the sound or for nothing


class Cargo:
    """What one peer connection carries, from its making to `unload`."""

    def __init__(
        self, connection: RTCPeerConnection, *, desktop: Desktop, codec: Codec, log: PeerLog, part: Part
    ) -> None:
        """Add tracks and channels to a connection that has none yet.

        Args:
            connection: Is to carry them.
            desktop: Whose they are.
            codec: What the video is offered in first.
            log: Told of each frame.
            part: Which of the page's connections it is.
        """
        self._connection = connection
        self._desktop = desktop
        self._log = log
        self._film: Film | None = None
        self._pacer = frame_pacer(desktop, highest_rate=codec.highest_rate)
        if part is Part.DESKTOP:
            self._add_picture(codec)
            connection.createDataChannel("input").on("message", self._on_input)
        behaviour = desktop.behaviour
        if behaviour.sound is not Sound.NONE and behaviour.second_connection is (part is Part.EXTRA):
            track = SoundTrack(silent=behaviour.sound is Sound.SILENCE)
            connection.addTransceiver(track, direction="sendonly")
        elif part is Part.EXTRA:
            connection.createDataChannel("idle")
        desktop.watch(self._pacer.wake)

    @property
    def transport(self) -> RTCDtlsTransport:
        """What everything goes over."""
        sctp = self._connection.sctp
        return self._connection.getSenders()[0].transport if sctp is None else sctp.transport

    async def unload(self) -> None:
        """Send no picture any more. May be called again."""
        self._desktop.unwatch(self._pacer.wake)
        if self._film is not None:
            await self._film.stop()

    def _add_picture(self, codec: Codec) -> None:
        if self._desktop.behaviour.carrier is Carrier.DATA_CHANNEL:
            self._add_film(self._connection.createDataChannel("picture", ordered=False, maxRetransmits=0))
            return
        track = DesktopTrack(shoot=self._desktop.shoot, sent=self._on_sent, pacer=self._pacer)
        transceiver = self._connection.addTransceiver(track, direction="sendonly")
        transceiver.setCodecPreferences(_preferring(codec))

    def _add_film(self, channel: RTCDataChannel) -> None:
        async def send(picture: bytes) -> bool:
            if channel.readyState != "open" or channel.bufferedAmount > MOST_WAITING:
                return False
            channel.send(picture)
            return True

        self._film = Film(shoot=self._desktop.shoot, send=send, sent=self._on_sent, pacer=self._pacer)
        channel.on("open", self._film.start)

    def _on_input(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self._desktop.hear(message)

    def _on_sent(self, shot: Shot) -> None:
        self._log.frame_sent(revision=shot.revision)
        self._desktop.shown(shot)


def frame_pacer(desktop: Desktop, *, highest_rate: float = DISPLAY_RATE) -> Pacer:
    """Returns what times a desktop's frames.

    Args:
        desktop: Whose they are.
        highest_rate: Frames per second that its changes may drive it to.
    """
    limit = desktop.behaviour.frame_limit
    frame_rate = 0 if desktop.behaviour.idle else min(FRAME_RATE, limit)
    return Pacer(frame_rate=frame_rate, highest_rate=min(highest_rate, limit), still=desktop.still)


def _preferring(codec: Codec) -> list[RTCRtpCodecCapability]:
    """All codecs that aiortc can send, the preferred one first; the order of the rest stays."""
    codecs = RTCRtpSender.getCapabilities("video").codecs
    return sorted(codecs, key=lambda offered: offered.mimeType != codec.value)
