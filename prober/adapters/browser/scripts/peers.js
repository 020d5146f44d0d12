// Keeps what this frame's peer connections go through.
//
// All is listening: descriptions are noticed by signalingstatechange, which fires just before the promise of
// setLocalDescription or setRemoteDescription resolves, so that no promise of the page is touched.
// Times are performance.now() in milliseconds, null for what did not happen.
({ wraps, makeRecords, policy, descriptions, channels }) => {
  const MOST_PEERS = 50;
  // More errors than this tell nothing new.
  const MOST_ERRORS = 20;
  const CONNECTED = new Set(["connected", "completed"]);
  const BROKEN = new Set(["disconnected", "failed"]);

  const recordOf = new WeakMap();
  let disconnectionsForgotten = 0;
  const { records, add, forgotten } = makeRecords({
    most: MOST_PEERS,
    isOver: ({ peer }) => peer.connectionState === "closed",
    forget: ({ seen }) => {
      disconnectionsForgotten += seen.disconnections;
    },
  });

  function mark(seen, name) {
    seen[name] ??= performance.now();
  }

  function blank() {
    return {
      constructed: performance.now(),
      remoteDescription: null,
      localDescription: null,
      gathering: null,
      gathered: null,
      checking: null,
      iceConnected: null,
      connected: null,
      track: null,
      unmuted: null,
      failed: null,
      video: false,
      videoRejected: false,
      offeredCodecs: [],
      localCandidates: 0,
      relayCandidates: 0,
      remoteCandidates: 0,
      candidateErrors: [],
      disconnections: 0,
    };
  }

  function noticeDescriptions(peer, seen) {
    const { localDescription: local, remoteDescription: remote } = peer;
    if (local) mark(seen, "localDescription");
    if (remote && seen.remoteDescription === null) {
      mark(seen, "remoteDescription");
      seen.remoteCandidates += descriptions.candidates(remote);
    }
    if (!remote) return;
    seen.offeredCodecs = descriptions.videoCodecs(remote);
    if (local && peer.signalingState === "stable") {
      seen.videoRejected = remote.type === "offer" && descriptions.rejectsVideo(remote, local);
    }
  }

  function noticeIce(record) {
    const { peer, seen } = record;
    const state = peer.iceConnectionState;
    if (state === "checking") mark(seen, "checking");
    if (state === "failed") mark(seen, "failed");
    if (CONNECTED.has(state)) mark(seen, "iceConnected");
    if (BROKEN.has(state) && record.whole) seen.disconnections += 1;
    // Between the two nothing is known.
    record.whole = CONNECTED.has(state) || (record.whole && !BROKEN.has(state));
  }

  function noticeTrack(record, track) {
    if (track.kind === "audio") record.audio = true;
    if (track.kind !== "video") return;
    const { seen } = record;
    seen.video = true;
    mark(seen, "track");
    if (!track.muted) mark(seen, "unmuted");
    track.addEventListener("unmute", () => mark(seen, "unmuted"), { once: true });
  }

  function noticeCandidate({ seen }, candidate) {
    if (!candidate?.candidate) return;
    seen.localCandidates += 1;
    if (candidate.type === "relay") seen.relayCandidates += 1;
  }

  function watch(peer) {
    const seen = blank();
    const record = add({ peer, seen, audio: false, whole: false, channels: channels.make() });
    recordOf.set(peer, record);
    const on = (type, act) => peer.addEventListener(type, wraps.guarded(act));
    on("signalingstatechange", () => noticeDescriptions(peer, seen));
    on("icegatheringstatechange", () => {
      if (peer.iceGatheringState === "gathering") mark(seen, "gathering");
      if (peer.iceGatheringState === "complete") mark(seen, "gathered");
    });
    on("iceconnectionstatechange", () => noticeIce(record));
    on("connectionstatechange", () => {
      if (peer.connectionState === "connected") mark(seen, "connected");
    });
    on("track", ({ track }) => noticeTrack(record, track));
    on("icecandidate", ({ candidate }) => noticeCandidate(record, candidate));
    on("icecandidateerror", (error) => {
      if (seen.candidateErrors.length < MOST_ERRORS) seen.candidateErrors.push(policy.candidateError(peer, error));
    });
    on("datachannel", ({ channel }) => channels.watch(record.channels, channel));
  }

  function standing({ peer, seen }) {
    return Number(peer.connectionState === "connected") * 2 + Number(seen.connected !== null);
  }

  // Of those that fit a connected one, else one that was, else the last one tried.
  function best(fits) {
    const fitting = records.filter(fits).reverse();
    return fitting.reduce((found, one) => (found === null || standing(one) > standing(found) ? one : found), null);
  }

  const { prototype } = window.RTCPeerConnection ?? {};
  wraps.wrapMethod(prototype, "addIceCandidate", {
    notice(peer, [candidate]) {
      const record = recordOf.get(peer);
      if (record && candidate?.candidate) record.seen.remoteCandidates += 1;
    },
  });
  wraps.wrapMethod(prototype, "createDataChannel", {
    notice(peer, _, channel) {
      const record = recordOf.get(peer);
      if (record) channels.watch(record.channels, channel);
    },
  });
  wraps.wrapMethod(prototype, "setConfiguration", { adapt: policy.adapt });
  wraps.wrapConstructor(["RTCPeerConnection", "webkitRTCPeerConnection"], { adapt: policy.adapt, watch });

  return {
    forgotten,

    read() {
      return records.map(({ peer, seen, channels: own }) => ({
        ...seen,
        ...policy.inForce(peer),
        channels: channels.read(own),
        connectionState: peer.connectionState,
        iceState: peer.iceConnectionState,
      }));
    },

    // Null where there never was a peer connection to lose.
    disconnections() {
      if (records.length === 0) return null;
      return records.reduce((sum, { seen }) => sum + seen.disconnections, disconnectionsForgotten);
    },

    // Those that carry the video and, where that is another one, the audio; without either one with an open channel.
    inUse() {
      const carriers = [best(({ seen }) => seen.video), best(({ audio }) => audio)].filter((record) => record !== null);
      const shared = carriers.length === 2 && carriers[0].audio ? carriers.slice(0, 1) : carriers;
      const open = ({ channels: own }) => own.records.some(channels.isOpen);
      const found = shared.length > 0 ? shared : [best(open)].filter((record) => record !== null);
      return found.map(({ peer }) => peer);
    },
  };
}
