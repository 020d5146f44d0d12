"""What the scripts in the page return, word for word.

Names are the scripts' own or webrtc-stats', times are milliseconds of the frame's clock where they come from
`performance.now()`, else seconds as webrtc-stats has them. Nothing but this package sees these shapes.
"""

from typing import TypedDict


class RawCandidateError(TypedDict):
    """One `icecandidateerror` (policy.js): STUN's or TURN's code, or 701, with the server's URL and words."""

    code: int
    url: str
    text: str


class RawServer(TypedDict):
    """One URL of the ICE servers in force (policy.js)."""

    url: str
    credentials: bool


class RawChannel(TypedDict):
    """One RTCDataChannel (channels.js)."""

    label: str
    opened: float | None
    closed: float | None
    messages: int
    bytes: int


class RawPeer(TypedDict):
    """One RTCPeerConnection (peers.js)."""

    constructed: float
    remoteDescription: float | None
    localDescription: float | None
    gathering: float | None
    gathered: float | None
    checking: float | None
    iceConnected: float | None
    connected: float | None
    track: float | None
    unmuted: float | None
    failed: float | None
    video: bool
    videoRejected: bool
    offeredCodecs: list[str]
    localCandidates: int
    relayCandidates: int
    remoteCandidates: int
    candidateErrors: list[RawCandidateError]
    disconnections: int
    policy: str
    servers: list[RawServer]
    channels: list[RawChannel]
    connectionState: str
    iceState: str


class RawSocket(TypedDict):
    """One WebSocket (sockets.js); a worker's is known from the first message on that was read (worker.js)."""

    created: float | None
    opened: float | None
    closed: float | None
    binaryMessages: int
    bytes: int


class RawConnections(TypedDict):
    """All of one frame's (collector.js), or of one worker's (worker.js)."""

    peers: list[RawPeer]
    forgotten: int
    sockets: list[RawSocket]
    chunks: int
    decodable: list[str]


class RawFound(TypedDict):
    """How many elements a frame has that may be the picture (picture.js)."""

    videos: int
    canvases: int


class RawFirst(TypedDict):
    """The first look at the picture (picture.js); its standing is above 0 where it can be seen."""

    standing: float
    canvas: bool
    hidden: bool
    rendered: float | None
    visible: float | None
    luma: float | None
    frames: int | None
    paused: bool | None


class RawPicture(TypedDict):
    """One sample of the picture (picture.js)."""

    standing: float
    at: float
    paused: bool | None
    frames: int | None
    age: float | None
    gap: float | None
    width: int
    height: int
    luma: float | None
    changed: bool | None


class RawReport(TypedDict, total=False):
    """One report of webrtc-stats, of any of the types that matter here (statistics.js keeps these members)."""

    id: str
    type: str
    kind: str
    transportId: str
    codecId: str
    framesDecoded: int
    framesDropped: int
    framesReceived: int
    keyFramesDecoded: int
    totalDecodeTime: float
    totalProcessingDelay: float
    totalInterFrameDelay: float
    totalSquaredInterFrameDelay: float
    freezeCount: int
    totalFreezesDuration: float
    pauseCount: int
    totalPausesDuration: float
    packetsReceived: int
    packetsLost: int
    bytesReceived: int
    headerBytesReceived: int
    retransmittedPacketsReceived: int
    jitter: float
    jitterBufferDelay: float
    jitterBufferTargetDelay: float
    jitterBufferMinimumDelay: float
    jitterBufferEmittedCount: int
    nackCount: int
    pliCount: int
    firCount: int
    qpSum: float
    totalCorruptionProbability: float
    corruptionMeasurements: int
    estimatedPlayoutTimestamp: float
    totalSamplesReceived: int
    concealedSamples: int
    concealmentEvents: int
    totalAudioEnergy: float
    audioLevel: float
    selectedCandidatePairId: str
    selectedCandidatePairChanges: int
    localCandidateId: str
    remoteCandidateId: str
    state: str
    nominated: bool
    selected: bool
    currentRoundTripTime: float
    totalRoundTripTime: float
    responsesReceived: int
    availableIncomingBitrate: float
    availableOutgoingBitrate: float
    candidateType: str
    protocol: str
    relayProtocol: str
    mimeType: str
