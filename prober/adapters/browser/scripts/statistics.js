// Asks the peer connections in use for their statistics (W3C webrtc-stats), and keeps the members that matter here.
//
// Names and units are webrtc-stats'. A member that the browser does not report is absent.
({ peers, picture, policy }) => {
  const MEMBERS = {
    "inbound-rtp": [
      "kind",
      "transportId",
      "codecId",
      "decoderImplementation",
      "powerEfficientDecoder",
      "framesDecoded",
      "framesDropped",
      "framesReceived",
      "keyFramesDecoded",
      "totalDecodeTime",
      "totalProcessingDelay",
      "totalInterFrameDelay",
      "totalSquaredInterFrameDelay",
      "freezeCount",
      "totalFreezesDuration",
      "pauseCount",
      "totalPausesDuration",
      "packetsReceived",
      "packetsLost",
      "bytesReceived",
      "retransmittedPacketsReceived",
      "jitter",
      "jitterBufferDelay",
      "jitterBufferTargetDelay",
      "jitterBufferMinimumDelay",
      "jitterBufferEmittedCount",
      "nackCount",
      "pliCount",
      "firCount",
      "qpSum",
      "totalCorruptionProbability",
      "corruptionMeasurements",
      "estimatedPlayoutTimestamp",
      "totalSamplesReceived",
      "concealedSamples",
      "concealmentEvents",
      "playoutId",
      "totalAudioEnergy",
      "audioLevel",
    ],
    transport: [
      "selectedCandidatePairId",
      "selectedCandidatePairChanges",
      "iceRole",
      "iceState",
      "dtlsState",
      "tlsVersion",
      "dtlsCipher",
      "srtpCipher",
    ],
    "candidate-pair": [
      "localCandidateId",
      "remoteCandidateId",
      "state",
      "nominated",
      "selected",
      "currentRoundTripTime",
      "totalRoundTripTime",
      "responsesReceived",
      "availableIncomingBitrate",
      "availableOutgoingBitrate",
    ],
    "local-candidate": ["candidateType", "protocol", "relayProtocol", "url"],
    "remote-candidate": ["candidateType"],
    codec: ["mimeType", "sdpFmtpLine"],
    "media-playout": ["synthesizedSamplesDuration"],
  };

  function kept(report) {
    const names = ["id", "type", ...MEMBERS[report.type]].filter((name) => report[name] !== undefined);
    const value = (name) => (name === "url" ? policy.withoutUser(report[name]) : report[name]);
    return Object.fromEntries(names.map((name) => [name, value(name)]));
  }

  async function reportsOf(peer) {
    try {
      const reports = await peer.getStats();
      return [...reports.values()].filter(({ type }) => type in MEMBERS).map(kept);
    } catch {
      return [];
    }
  }

  // The reports of each peer connection in use, with what names it and whether its video is the picture; null without
  // any.
  return async function read() {
    const inUse = peers.inUse(picture.tracks());
    const found = await Promise.all(
      inUse.map(async ({ peer, id, shown }) => ({ peer: id, shown, reports: await reportsOf(peer) })),
    );
    return found.length > 0 ? found : null;
  };
}
