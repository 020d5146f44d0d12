"""The closed list of reasons for a non-success.

A reason is a metric label, so it is never free text; each belongs to exactly one layer, which says whose fault it
was. The words are the contract's; a new reason is a member here and a rule that gives it.
"""

from enum import StrEnum
from typing import Self


class Layer(StrEnum):
    """Where a fault lies, from the outside in; `prober` is our own."""

    CONTROL_PLANE = "control_plane"
    """The Kubernetes API: reachability, permissions, quota, admission, definitions."""
    OPERATOR = "operator"
    """The platform's VDI operator."""
    WORKLOAD = "workload"
    """The session's Pod and its volumes."""
    EXPOSURE = "exposure"
    """The way to the session's URL: DNS, TLS, routes."""
    AUTH = "auth"
    """Logging in."""
    SIGNALLING = "signalling"
    """The conversation that sets up the peer connection."""
    ICE = "ice"
    """The network path of the media, DTLS included."""
    MEDIA = "media"
    """The picture and the sound."""
    INPUT = "input"
    """Pointer and keyboard, as seen in the picture."""
    TEARDOWN = "teardown"
    """Ending the session, with all that belonged to it."""
    PROBER = "prober"
    """Ourselves."""


class Reason(StrEnum):
    """Why a run was not a success; `layer` says whose fault that is."""

    layer: Layer

    def __new__(cls, value: str, layer: Layer) -> Self:
        """Makes a member that is its own name as a string, with its layer beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.layer = layer
        return member

    API_UNREACHABLE = "api_unreachable", Layer.CONTROL_PLANE
    """The API server did not answer, or answered with a fault of its own."""
    RBAC_DENIED = "rbac_denied", Layer.CONTROL_PLANE
    """The API server refused our identity or our permission."""
    QUOTA_EXCEEDED = "quota_exceeded", Layer.CONTROL_PLANE
    """A resource quota of the namespace is used up."""
    ADMISSION_REJECTED = "admission_rejected", Layer.CONTROL_PLANE
    """Validation or an admission webhook refused the VDISession."""
    CRD_MISSING = "crd_missing", Layer.CONTROL_PLANE
    """The API server does not know VDISessions, or the namespace is missing."""
    TEMPLATE_NOT_FOUND = "template_not_found", Layer.CONTROL_PLANE
    """The platform does not know the VDITemplate."""

    OPERATOR_STALLED = "operator_stalled", Layer.OPERATOR
    """Nobody took the session up: no phase, or no progress of it."""
    PHASE_FAILED = "phase_failed", Layer.OPERATOR
    """The operator gave the session up: its phase is Failed, or it was deleted under us."""

    UNSCHEDULABLE = "unschedulable", Layer.WORKLOAD
    """No node takes the Pod."""
    GPU_UNAVAILABLE = "gpu_unavailable", Layer.WORKLOAD
    """No node has the GPU that the Pod asks for."""
    IMAGE_PULL = "image_pull", Layer.WORKLOAD
    """The Pod's image cannot be pulled."""
    CRASH_LOOP = "crash_loop", Layer.WORKLOAD
    """A container of the Pod keeps ending."""
    OOM_KILLED = "oom_killed", Layer.WORKLOAD
    """A container ran out of memory."""
    VOLUME_PENDING = "volume_pending", Layer.WORKLOAD
    """A volume is not bound or not mounted."""
    INIT_STUCK = "init_stuck", Layer.WORKLOAD
    """An init container does not finish."""
    RUNNING_TIMEOUT = "running_timeout", Layer.WORKLOAD
    """The session was being made and was not Running in time."""

    URL_MISSING = "url_missing", Layer.EXPOSURE
    """The session runs and has no URL."""
    URL_REJECTED = "url_rejected", Layer.EXPOSURE
    """The session's URL is malformed, or not one that this target may open."""
    DNS = "dns", Layer.EXPOSURE
    """The URL's host does not resolve."""
    TCP_REFUSED = "tcp_refused", Layer.EXPOSURE
    """Nothing accepts connections at the URL's address."""
    TLS = "tls", Layer.EXPOSURE
    """The TLS handshake failed, or the certificate is not to be trusted."""
    FALSE_RUNNING = "false_running", Layer.EXPOSURE
    """The phase says Running and connections are accepted, yet nothing answers."""
    HTTP_404_ROUTE = "http_404_route", Layer.EXPOSURE
    """The ingress has no route to the session."""
    HTTP_5XX = "http_5xx", Layer.EXPOSURE
    """The URL answers with a server error."""
    HOST_COLLISION = "host_collision", Layer.EXPOSURE
    """Another session answers at the URL."""

    AUTH_REJECTED = "auth_rejected", Layer.AUTH
    """Good credentials were refused."""
    AUTH_FORM_CHANGED = "auth_form_changed", Layer.AUTH
    """The login page is not the one that is known."""
    TOKEN_INVALID = "token_invalid", Layer.AUTH
    """A token was refused as invalid."""
    TOKEN_EXPIRED = "token_expired", Layer.AUTH
    """A token was refused as expired."""
    MFA_FAILED = "mfa_failed", Layer.AUTH
    """The second factor was refused."""
    ACCESS_NOT_ENFORCED = "access_not_enforced", Layer.AUTH
    """A stranger got in."""

    SIGNALLING_NEVER_OPENED = "signalling_never_opened", Layer.SIGNALLING
    """The page never began to set up a peer connection."""
    SIGNALLING_CLOSED = "signalling_closed", Layer.SIGNALLING
    """The signalling connection closed before the peers had agreed."""
    NO_OFFER = "no_offer", Layer.SIGNALLING
    """Signalling is open and no session description arrived."""
    WRONG_TRANSPORT = "wrong_transport", Layer.SIGNALLING
    """The desktop streams over another transport than expected."""
    CODEC_UNSUPPORTED = "codec_unsupported", Layer.SIGNALLING
    """The peers share no video codec."""

    ICE_NO_CANDIDATES = "ice_no_candidates", Layer.ICE
    """One side offered no address at all."""
    ICE_FAILED = "ice_failed", Layer.ICE
    """No pair of addresses works."""
    TURN_UNREACHABLE = "turn_unreachable", Layer.ICE
    """The TURN server does not answer."""
    TURN_AUTH_FAILED = "turn_auth_failed", Layer.ICE
    """The TURN server refused the credentials."""
    DTLS_FAILED = "dtls_failed", Layer.ICE
    """A pair of addresses works and the DTLS handshake does not."""

    NO_FIRST_FRAME = "no_first_frame", Layer.MEDIA
    """Connected, and no frame was ever rendered."""
    PLAYBACK_BLOCKED = "playback_blocked", Layer.MEDIA
    """Frames decode while the video element stays paused."""
    BLACK_FRAMES = "black_frames", Layer.MEDIA
    """Frames are rendered and are blank."""
    FROZEN = "frozen", Layer.MEDIA
    """No rendered frame, or no changed pixel, under a stimulus."""
    LOW_FPS = "low_fps", Layer.MEDIA
    """Fewer frames per second than expected under a stimulus."""
    LOW_RESOLUTION = "low_resolution", Layer.MEDIA
    """The picture is smaller than expected."""
    HIGH_RTT = "high_rtt", Layer.MEDIA
    """The round-trip time is too long."""
    HIGH_LOSS = "high_loss", Layer.MEDIA
    """Too many packets are lost."""
    HIGH_JITTER = "high_jitter", Layer.MEDIA
    """Packets, or the frames made of them, arrive too unevenly."""
    AUDIO_MISSING = "audio_missing", Layer.MEDIA
    """Sound was expected and none arrives."""

    INPUT_DEAD = "input_dead", Layer.INPUT
    """Input changes no pixel."""
    INPUT_SLOW = "input_slow", Layer.INPUT
    """Input changes pixels too late."""

    DELETE_REJECTED = "delete_rejected", Layer.TEARDOWN
    """The API server refused to delete the session."""
    FINALIZER_STUCK = "finalizer_stuck", Layer.TEARDOWN
    """Deletion was accepted and a finalizer keeps the session."""
    CHILD_LEFT = "child_left", Layer.TEARDOWN
    """The session is gone and an object of it is left."""
    URL_STILL_SERVING = "url_still_serving", Layer.TEARDOWN
    """The session is gone and its URL still answers."""
    CLEANUP_TIMEOUT = "cleanup_timeout", Layer.TEARDOWN
    """It could not be verified in time that nothing is left."""

    BROWSER_MISSING = "browser_missing", Layer.PROBER
    """No browser can be launched."""
    BROWSER_CRASHED = "browser_crashed", Layer.PROBER
    """The browser or the page's process died."""
    DRIVER_ERROR = "driver_error", Layer.PROBER
    """The browser's driver failed or went away, or the browser does not answer."""
    PROBER_STARVED = "prober_starved", Layer.PROBER
    """The prober got too little CPU to judge anything."""
    LEAK_CAP_REACHED = "leak_cap_reached", Layer.PROBER
    """Too many of our own sessions live: no further one is created."""
    DEADLINE_EXCEEDED = "deadline_exceeded", Layer.PROBER
    """Our own part of a run took longer than its deadline."""
    INTERNAL = "internal", Layer.PROBER
    """A fault of our own code or configuration."""
