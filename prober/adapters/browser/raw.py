"""What the scripts in the page return, word for word.

Names are the scripts' own or webrtc-stats', times are milliseconds of the frame's clock where they come from
`performance.now()`, else seconds as webrtc-stats has them. Nothing but this package sees these shapes.
"""

from typing import NotRequired, TypedDict


class RawCandidateError(TypedDict):
    """One `icecandidateerror` (policy.js): STUN's or TURN's code, or 701, what it means, the server's URL."""

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
    videoDenied: bool
    shown: bool | None
    packetAge: float | None
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


class RawChange(TypedDict):
    """One change of state (stories.js): of signalling, gathering, ICE or the connection, or a track that came."""

    at: float
    what: str
    state: str


class RawKind(TypedDict):
    """What may be told of one candidate (stories.js)."""

    at: float
    side: str
    type: str
    protocol: str
    relayProtocol: NotRequired[str]


class RawDescription(TypedDict):
    """One session description (stories.js), line by line, without addresses and ICE credentials."""

    at: float
    side: str
    type: str
    lines: list[str]


class RawStory(RawPeer):
    """One RTCPeerConnection with all that it went through (stories.js)."""

    id: str
    changes: list[RawChange]
    candidates: list[RawKind]
    descriptions: list[RawDescription]
    leftOut: int


class RawSocket(TypedDict):
    """One WebSocket (sockets.js); a worker's is known from the first message on that was read (worker.js)."""

    created: float | None
    opened: float | None
    closed: float | None
    binaryMessages: int
    bytes: int


class RawConnections(TypedDict):
    """All of one frame's (collector.js), or of one worker's (worker.js), which shows no picture."""

    standing: float | None
    peers: list[RawPeer]
    forgotten: int
    sockets: list[RawSocket]
    chunks: int
    decodable: list[str]


class RawFound(TypedDict):
    """How many elements a frame has that may be the picture (picture.js), and how many of them the client means."""

    videos: int
    canvases: int
    meant: int


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
    decoderImplementation: str
    powerEfficientDecoder: bool
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
    iceRole: str
    iceState: str
    dtlsState: str
    tlsVersion: str
    dtlsCipher: str
    srtpCipher: str
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
    url: str
    mimeType: str
    sdpFmtpLine: str
    playoutId: str
    synthesizedSamplesDuration: float


class RawStatistics(TypedDict):
    """The reports of one peer connection in use (statistics.js), and whether its video is the frame's picture."""

    peer: str
    shown: bool
    reports: list[RawReport]


class RawSelfCheck(TypedDict):
    """What a check of the browser came to (selfcheck.js); `took` in milliseconds."""

    stage: str
    codecs: list[str]
    detail: str
    took: float
