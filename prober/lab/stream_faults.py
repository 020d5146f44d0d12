"""The faults between a page that is loaded and a desktop that is used: signalling, network, picture, sound, input.

Times count from the first frame that the desktop sends. They fit a target with an observation window of 10 s: what
ends there, ends within it. Each strikes in one way only, so that only one reason is right.
"""

from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.domain.transport import NetworkPolicy
from prober.lab.desktop.behaviour import (
    Behaviour,
    Carrier,
    Input,
    Media,
    Offer,
    Picture,
    Place,
    Sound,
    Weather,
)
from prober.lab.desktop.spell import Spell
from prober.lab.fault import Fault
from prober.lab.turn.access import Turn

LOW_RATE = 5.0
"""Frames per second; half of the 10 below which a target with the default thresholds fails."""

STANDSTILL = Spell(after_s=2.7, lasts_s=6.0)
"""Longer than the 5 s that a target allows between two frames, and than 30 % of its window."""

END = Spell(after_s=3.0)
"""The picture is there, is looked at, and then never changes again."""

LOSS_RATIO = 0.1
"""Twice the 5 % at which a target fails. Every lost packet is asked for again, so the picture goes on."""

ROUND_TRIP_S = 0.35
"""Seconds; 0.25 is where a target fails."""

REACTION_S = 0.45
"""Seconds; 0.3 is where a target fails."""

FLAPPING = Spell(after_s=1.0, lasts_s=8.5, every_s=17.0)
"""Measured: Chromium calls ICE disconnected 5 to 8 s after the last answer to its checks, since its own rule wants five
of them unanswered for 5 s, and it sends one every 2.5 s. The pauses are longer than the 6 s between two consent checks
of aioice, which gives up after six failures in a row."""

SMALL = (640, 360)
"""Pixels."""

STREAM_FAULTS = (
    Fault(
        name="signalling_closed",
        summary="signalling opens, and is closed before any offer",
        step=StepName.CONNECT,
        reason=Reason.SIGNALLING_CLOSED,
        behaviour=Behaviour(offer=Offer.CLOSED),
    ),
    Fault(
        name="no_offer",
        summary="signalling opens, and no offer ever comes",
        step=StepName.CONNECT,
        reason=Reason.NO_OFFER,
        behaviour=Behaviour(offer=Offer.NONE),
    ),
    Fault(
        name="codec_unsupported",
        summary="the only video codec that is offered is one that no browser decodes",
        step=StepName.CONNECT,
        reason=Reason.CODEC_UNSUPPORTED,
        behaviour=Behaviour(offer=Offer.FOREIGN_CODEC),
    ),
    Fault(
        name="wrong_transport",
        summary="the picture comes over a WebSocket instead of WebRTC",
        step=StepName.CONNECT,
        reason=Reason.WRONG_TRANSPORT,
        behaviour=Behaviour(carrier=Carrier.WEBSOCKET),
    ),
    Fault(
        name="data_channel",
        summary="the picture comes over a data channel instead of as a video track",
        step=StepName.CONNECT,
        reason=Reason.WRONG_TRANSPORT,
        behaviour=Behaviour(carrier=Carrier.DATA_CHANNEL),
    ),
    Fault(
        name="no_media",
        summary="signalling works, but ICE never completes",
        step=StepName.CONNECT,
        reason=Reason.ICE_FAILED,
        behaviour=Behaviour(media=Media.NEVER),
    ),
    Fault(
        name="dtls_failed",
        summary="the offer announces another certificate than the one that is shown",
        step=StepName.CONNECT,
        reason=Reason.DTLS_FAILED,
        behaviour=Behaviour(offer=Offer.FOREIGN_FINGERPRINT),
    ),
    Fault(
        name="turn_down",
        summary="the TURN server that visitors are told of answers nothing",
        step=StepName.CONNECT,
        reason=Reason.TURN_UNREACHABLE,
        behaviour=Behaviour(turn=Turn.DOWN),
        path=NetworkPolicy.RELAY,
    ),
    Fault(
        name="turn_bad_credentials",
        summary="the TURN server refuses the password that visitors are told",
        step=StepName.CONNECT,
        reason=Reason.TURN_AUTH_FAILED,
        behaviour=Behaviour(turn=Turn.BAD_CREDENTIALS),
        path=NetworkPolicy.RELAY,
    ),
    Fault(
        name="black",
        summary="frames flow at full rate, all of them black",
        step=StepName.FIRST_FRAME,
        reason=Reason.BLACK_FRAMES,
        behaviour=Behaviour(picture=Picture.BLACK),
    ),
    Fault(
        name="autoplay_blocked",
        summary="the page plays only once its play button is clicked, which the client generic does not know",
        step=StepName.FIRST_FRAME,
        reason=Reason.PLAYBACK_BLOCKED,
        behaviour=Behaviour(autoplay=False),
    ),
    Fault(
        name="decoded_but_hidden",
        summary="frames are decoded and played in an element that is not displayed",
        step=StepName.FIRST_FRAME,
        reason=Reason.NO_FIRST_FRAME,
        behaviour=Behaviour(place=Place.NOWHERE),
    ),
    Fault(
        name="ice_flapping",
        summary="the desktop falls silent for some seconds again and again, so that ICE disconnects and reconnects",
        step=StepName.STREAM,
        reason=Reason.ICE_FAILED,
        behaviour=Behaviour(weather=Weather(silence=FLAPPING)),
    ),
    Fault(
        name="frozen",
        summary="frames flow at full rate, but the picture never changes",
        step=StepName.STREAM,
        reason=Reason.FROZEN,
        behaviour=Behaviour(picture=Picture.FROZEN),
    ),
    Fault(
        name="freeze_midway",
        summary=f"no frame comes for {STANDSTILL.lasts_s:g} s in the middle of a sound stream",
        step=StepName.STREAM,
        reason=Reason.FROZEN,
        behaviour=Behaviour(standstill=STANDSTILL),
    ),
    Fault(
        name="never_unfreezes",
        summary=f"frames end after {END.after_s:g} s, while the connection stays as it is",
        step=StepName.STREAM,
        reason=Reason.FROZEN,
        behaviour=Behaviour(standstill=END),
    ),
    Fault(
        name="low_fps",
        summary=f"{LOW_RATE:g} frames per second, whatever happens on the screen",
        step=StepName.STREAM,
        reason=Reason.LOW_FPS,
        behaviour=Behaviour(frame_limit=LOW_RATE),
    ),
    Fault(
        name="lossy",
        summary=f"{LOSS_RATIO:.0%} of the desktop's RTP packets are lost",
        step=StepName.STREAM,
        reason=Reason.HIGH_LOSS,
        behaviour=Behaviour(weather=Weather(loss_ratio=LOSS_RATIO)),
    ),
    Fault(
        name="high_rtt",
        summary=f"everything that the desktop sends arrives {ROUND_TRIP_S * 1000:.0f} ms late",
        step=StepName.STREAM,
        reason=Reason.HIGH_RTT,
        behaviour=Behaviour(weather=Weather(delay_s=ROUND_TRIP_S)),
    ),
    Fault(
        name="low_resolution",
        summary=f"the picture has {SMALL[0]}x{SMALL[1]} pixels, too few for a target that asks for more",
        step=StepName.STREAM,
        reason=Reason.LOW_RESOLUTION,
        behaviour=Behaviour(size=SMALL),
    ),
    Fault(
        name="audio_silent",
        summary="the sound is nothing but silence, too little for a target that asks for sound",
        step=StepName.STREAM,
        reason=Reason.AUDIO_MISSING,
        behaviour=Behaviour(sound=Sound.SILENCE),
    ),
    Fault(
        name="input_dead",
        summary="input events arrive at the desktop, but change nothing",
        step=StepName.INPUT,
        reason=Reason.INPUT_DEAD,
        behaviour=Behaviour(input=Input.DEAD),
    ),
    Fault(
        name="input_slow",
        summary=f"input events take {REACTION_S * 1000:.0f} ms to change anything",
        step=StepName.INPUT,
        reason=Reason.INPUT_SLOW,
        behaviour=Behaviour(input_delay_s=REACTION_S),
    ),
    Fault(
        name="idle",
        summary="no fault: nothing moves on the desktop, which sends frames only while somebody uses it",
        behaviour=Behaviour(idle=True),
    ),
    Fault(
        name="two_peer_connections",
        summary="no fault: the page opens another peer connection, which carries no picture",
        behaviour=Behaviour(second_connection=True),
    ),
    Fault(
        name="video_in_iframe",
        summary="no fault: the picture is in an iframe",
        behaviour=Behaviour(place=Place.IFRAME),
    ),
    Fault(
        name="video_in_shadow_root",
        summary="no fault: the picture is in a shadow root",
        behaviour=Behaviour(place=Place.SHADOW_ROOT),
    ),
    Fault(
        name="sound",
        summary="no fault: the desktop plays a tone, once the page's play button is clicked",
        behaviour=Behaviour(sound=Sound.TONE, autoplay=False),
    ),
)
"""In the order of the steps in which they are noticed; what is no fault comes last."""
