// Asks the peer connections in use for their statistics (W3C webrtc-stats), and keeps the members that matter here.
//
// Names and units are webrtc-stats'. A member that the browser does not report is absent.
({ peers }) => {
  const MEMBERS = {
    "inbound-rtp": [
      "kind",
      "transportId",
      "codecId",
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
      "headerBytesReceived",
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
      "totalAudioEnergy",
      "audioLevel",
    ],
    transport: ["selectedCandidatePairId", "selectedCandidatePairChanges"],
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
    "local-candidate": ["candidateType", "protocol", "relayProtocol"],
    "remote-candidate": ["candidateType"],
    codec: ["mimeType"],
  };

  function kept(report) {
    const names = ["id", "type", ...MEMBERS[report.type]].filter((name) => report[name] !== undefined);
    return Object.fromEntries(names.map((name) => [name, report[name]]));
  }

  async function reportsOf(peer) {
    try {
      const reports = await peer.getStats();
      return [...reports.values()].filter(({ type }) => type in MEMBERS).map(kept);
    } catch {
      return [];
    }
  }

  // The reports of each peer connection in use; null without any.
  return async function read() {
    const found = await Promise.all(peers.inUse().map(reportsOf));
    return found.length > 0 ? found : null;
  };
}
