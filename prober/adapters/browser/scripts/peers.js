// Keeps what this frame's peer connections go through.
//
// All is listening: descriptions are noticed by signalingstatechange, which fires just before the promise of
// setLocalDescription or setRemoteDescription resolves, so that no promise of the page is touched.
// Times are performance.now() in milliseconds, null for what did not happen.
({ wraps, makeRecords, policy, descriptions, channels, carriers, stories }) => {
  const MOST_PEERS = 50;
  // More errors than this tell nothing new.
  const MOST_ERRORS = 20;
  const CONNECTED = new Set(["connected", "completed"]);
  const BROKEN = new Set(["disconnected", "failed"]);

  const recordOf = new WeakMap();
  let made = 0;
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
      videoDenied: false,
      offeredCodecs: [],
      localCandidates: 0,
      relayCandidates: 0,
      remoteCandidates: 0,
      candidateErrors: [],
      disconnections: 0,
    };
  }

  function sendsVideo(peer) {
    return (peer.getSenders?.() ?? []).some(({ track }) => track?.kind === "video");
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
    if (!local || peer.signalingState !== "stable") return;
    const offered = remote.type === "offer";
    seen.videoRejected = offered && descriptions.rejectsVideo(remote, local);
    // A page that offers its own camera may well be answered by one that only looks.
    seen.videoDenied = !offered && !sendsVideo(peer) && descriptions.deniesVideo(local, remote);
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
    record.tracks = [...record.tracks.filter(({ readyState }) => readyState !== "ended"), track];
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
    made += 1;
    const id = `${performance.timeOrigin}/${made}`;
    const story = stories.begin(peer);
    const record = add({ peer, id, seen, story, tracks: [], audio: false, whole: false, channels: channels.make() });
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
      if (seen.candidateErrors.length < MOST_ERRORS) seen.candidateErrors.push(policy.candidateError(error));
    });
    on("datachannel", ({ channel }) => channels.watch(record.channels, channel));
  }

  const { prototype } = window.RTCPeerConnection ?? {};
  wraps.wrapMethod(prototype, "addIceCandidate", {
    notice(peer, [candidate]) {
      const record = recordOf.get(peer);
      if (!record || !candidate?.candidate) return;
      record.seen.remoteCandidates += 1;
      stories.noticeRemote(record.story, candidate);
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

    // `shown` are the tracks of the picture; null where they cannot be told.
    read(shown) {
      const readOne = async (record) => ({
        packetAge: await carriers.packetAge(record),
        shown: carriers.isShown(records, record, shown),
        ...record.seen,
        ...policy.inForce(record.peer),
        channels: channels.read(record.channels),
        connectionState: record.peer.connectionState,
        iceState: record.peer.iceConnectionState,
      });
      return Promise.all(records.map(readOne));
    },

    // The same with the story of each, by the names that their statistics have.
    async readStories(shown) {
      const told = records.map(({ id, story }) => ({ id, ...stories.read(story) }));
      const peers = await this.read(shown);
      return peers.map((peer, index) => ({ ...peer, ...told[index] }));
    },

    // Null where there never was a peer connection to lose.
    disconnections() {
      if (records.length === 0) return null;
      return records.reduce((sum, { seen }) => sum + seen.disconnections, disconnectionsForgotten);
    },

    // Those that carry the video and, where that is another one, the audio; without either one with an open channel.
    inUse(shown) {
      const isOpen = ({ channels: own }) => own.records.some(channels.isOpen);
      return carriers.inUse(records, shown, isOpen).map((record) => ({
        peer: record.peer,
        id: record.id,
        shown: carriers.isShown(records, record, shown) === true,
      }));
    },
  };
}
