// Keeps the story of each peer connection: its changes of state, its candidates' kinds, its session descriptions.
//
// A description is kept as it is and leaves only as `masked` has it: by an allow list, since what a description may
// hold is open-ended. Times are performance.now() in milliseconds.
({ wraps }) => {
  const MOST_CHANGES = 100;
  const MOST_CANDIDATES = 50;
  // The first tell why nothing ever came, the last what a client that renegotiates has come to: the middle goes.
  const MOST_DESCRIPTIONS = 6;
  const MOST_LINES = 400;
  const LONGEST_LINE = 300;
  const MASK = "***";
  const STATES = {
    signalingstatechange: ["signalling", "signalingState"],
    icegatheringstatechange: ["gathering", "iceGatheringState"],
    iceconnectionstatechange: ["ice", "iceConnectionState"],
    connectionstatechange: ["connection", "connectionState"],
  };
  const TYPES = new Set(["host", "srflx", "prflx", "relay"]);
  const PROTOCOLS = new Set(["udp", "tcp"]);
  const LINES = /^[vtmb]=/;
  const ATTRIBUTES = new Set(
    (
      "bundle-only end-of-candidates extmap extmap-allow-mixed fingerprint fmtp framerate group ice-lite ice-options " +
      "imageattr inactive max-message-size maxptime mid msid msid-semantic ptime recvonly rid rtcp-fb rtcp-mux " +
      "rtcp-rsize rtpmap sctp-port sctpmap sendonly sendrecv setup simulcast ssrc-group"
    ).split(" "),
  );

  // Type and protocol of a candidate, in the grammar of RFC 8839; no address, port or user fragment.
  function kindOf(candidate) {
    const [, , protocol, , , , , type] = String(candidate).split(" ");
    const known = (set, word) => (set.has(word) ? word : "unknown");
    return { type: known(TYPES, type), protocol: known(PROTOCOLS, protocol?.toLowerCase()) };
  }

  function maskedLine(line) {
    const [, name] = /^a=([\w-]+)/.exec(line) ?? [];
    if (LINES.test(line) || ATTRIBUTES.has(name)) return line.slice(0, LONGEST_LINE);
    if (name === undefined) return `${line.slice(0, 2)}${MASK}`;
    if (name !== "candidate") return `a=${name}:${MASK}`;
    const { type, protocol } = kindOf(line);
    return `a=candidate:${MASK} ${protocol} typ ${type}`;
  }

  function masked(sdp) {
    const lines = String(sdp).split(/\r?\n/).filter((line) => line !== "");
    const shown = lines.slice(0, MOST_LINES).map(maskedLine);
    return lines.length > MOST_LINES ? [...shown, `${lines.length - MOST_LINES} more lines`] : shown;
  }

  function keep(list, most, story, item) {
    if (list.length < most) list.push({ at: performance.now(), ...item });
    else story.leftOut += 1;
  }

  // Names a description: its origin has a version of its own (RFC 8866), while candidates are added as they come.
  function nameOf(side, { type, sdp }) {
    return [side, type, /^o=.*$/m.exec(sdp)?.[0] ?? sdp].join(" ");
  }

  function noticeDescriptions(peer, story) {
    for (const [side, description] of [["local", peer.localDescription], ["remote", peer.remoteDescription]]) {
      const name = description && nameOf(side, description);
      if (!description || story.descriptions.some((one) => one.name === name)) continue;
      const { type, sdp } = description;
      story.descriptions.push({ at: performance.now(), name, side, type, sdp });
      if (story.descriptions.length <= MOST_DESCRIPTIONS) continue;
      story.descriptions.splice(MOST_DESCRIPTIONS / 2, 1);
      story.leftOut += 1;
    }
  }

  function read({ descriptions, ...story }) {
    const shown = descriptions.map(({ at, side, type, sdp }) => ({ at, side, type, lines: masked(sdp) }));
    return { ...story, descriptions: shown };
  }

  return {
    // Begins to listen, and returns what is to be read.
    begin(peer) {
      const story = { changes: [], candidates: [], descriptions: [], leftOut: 0 };
      const on = (type, act) => peer.addEventListener(type, wraps.guarded(act));
      for (const [type, [what, member]] of Object.entries(STATES)) {
        on(type, () => keep(story.changes, MOST_CHANGES, story, { what, state: peer[member] }));
      }
      on("signalingstatechange", () => noticeDescriptions(peer, story));
      on("track", ({ track }) => keep(story.changes, MOST_CHANGES, story, { what: "track", state: track.kind }));
      on("icecandidate", ({ candidate }) => {
        if (!candidate?.candidate) return;
        const { relayProtocol } = candidate;
        const kind = { side: "local", ...kindOf(candidate.candidate), ...(relayProtocol && { relayProtocol }) };
        keep(story.candidates, MOST_CANDIDATES, story, kind);
      });
      return story;
    },

    noticeRemote(story, candidate) {
      keep(story.candidates, MOST_CANDIDATES, story, { side: "remote", ...kindOf(candidate.candidate) });
    },

    read,
  };
}
