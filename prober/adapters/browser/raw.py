"""What the scripts in the page return, word for word.

Names are the scripts' own or webrtc-stats', times are milliseconds of the frame's clock where they come from
`performance.now()`, else seconds as webrtc-stats has them. Nothing but this package sees these shapes.
"""

from typing import TypedDict


class RawCandidateError(TypedDict):
    """One `icecandidateerror` (connections.js): STUN's or TURN's code, or 701, with the server's URL."""

    code: int
    url: str


class RawPeer(TypedDict):
    """One RTCPeerConnection (connections.js)."""

    constructed: float
    remoteDescription: float | None
    localDescription: float | None
    gathering: float | None
    gathered: float | None
    checking: float | None
    iceConnected: float | None
    connected: float | None
    video: bool
    localCandidates: int
    remoteCandidates: int
    candidateErrors: list[RawCandidateError]
    connectionState: str
    iceState: str


class RawSocket(TypedDict):
    """One WebSocket (connections.js)."""

    created: float
    opened: float | None
    closed: float | None


class RawConnections(TypedDict):
    """All of one frame's (connections.js)."""

    peers: list[RawPeer]
    sockets: list[RawSocket]


class RawFirst(TypedDict):
    """The first look at a video element (picture.js)."""

    area: float
    rendered: float | None
    visible: float | None
    luma: float | None
    frames: int
    paused: bool
    videos: int


class RawPicture(TypedDict):
    """One sample of a video element (picture.js)."""

    area: float
    at: float
    paused: bool
    frames: int
    age: float | None
    gap: float | None
    width: int
    height: int
    luma: float | None
    changed: bool | None


class RawReport(TypedDict, total=False):
    """One report of webrtc-stats, of any of the types that matter here."""

    id: str
    type: str
    kind: str
    transportId: str
    codecId: str
    mimeType: str
    framesDecoded: int
    framesDropped: int
    framesReceived: int
    totalFreezesDuration: float
    packetsReceived: int
    packetsLost: int
    bytesReceived: int
    jitter: float
    jitterBufferDelay: float
    jitterBufferEmittedCount: int
    selectedCandidatePairId: str
    localCandidateId: str
    remoteCandidateId: str
    currentRoundTripTime: float
    candidateType: str
    protocol: str
    relayProtocol: str
