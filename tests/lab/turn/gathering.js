// Makes the page's peer connection relay-only, as a user behind a strict firewall has it; watches what comes of that.
{
  const Real = RTCPeerConnection;
  window.gathered = { errors: [], candidates: [] };
  window.RTCPeerConnection = function (configuration) {
    const connection = new Real({ ...configuration, iceTransportPolicy: "relay" });
    connection.addEventListener("icecandidateerror", ({ errorCode, url }) => gathered.errors.push([errorCode, url]));
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.type) gathered.candidates.push(candidate.type);
    });
    window.connection = connection;
    return connection;
  };

  // The types of the selected pair's candidates, local and remote; null before there is one.
  window.pair = async () => {
    const reports = await connection.getStats();
    const { selectedCandidatePairId } = [...reports.values()].find(({ type }) => type === "transport") ?? {};
    const chosen = reports.get(selectedCandidatePairId);
    if (!chosen) return null;
    return [chosen.localCandidateId, chosen.remoteCandidateId].map((id) => reports.get(id).candidateType);
  };
}
