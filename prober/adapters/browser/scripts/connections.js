// Keeps what this frame's peer connections and WebSockets go through.
//
// Constructors are wrapped by proxies, so that prototypes, statics, instanceof and toString stay what they were. All
// else is listening: descriptions are noticed by signalingstatechange, which fires just before the promise of
// setLocalDescription or setRemoteDescription resolves, so that no promise of the page is touched.
// Times are performance.now() in milliseconds, null for what did not happen.
({ network }) => {
  // More errors than this tell nothing new.
  const MAX_CANDIDATE_ERRORS = 20;
  const STATISTICS = new Set(["inbound-rtp", "transport", "candidate-pair", "local-candidate", "remote-candidate", "codec"]);

  const peers = [];
  const recordOf = new WeakMap();
  const sockets = [];

  // The page must never notice us, whatever goes wrong here.
  function guarded(act) {
    return (...args) => {
      try {
        act(...args);
      } catch {
        // Nothing to be told: what is missing shows as absent.
      }
    };
  }

  function wrapConstructor(names, watch) {
    const native = window[names[0]];
    if (typeof native !== "function") return;
    const wrapped = new Proxy(native, {
      construct(target, args, newTarget) {
        const instance = Reflect.construct(target, args, newTarget);
        guarded(watch)(instance);
        return instance;
      },
    });
    native.prototype.constructor = wrapped;
    for (const name of names) {
      const descriptor = Object.getOwnPropertyDescriptor(window, name);
      if (descriptor?.value === native) Object.defineProperty(window, name, { ...descriptor, value: wrapped });
    }
  }

  function wrapMethod(prototype, name, notice) {
    const native = prototype?.[name];
    if (typeof native !== "function") return;
    prototype[name] = new Proxy(native, {
      apply(target, receiver, args) {
        guarded(notice)(receiver, ...args);
        return Reflect.apply(target, receiver, args);
      },
    });
  }

  function mark(record, name) {
    record[name] ??= performance.now();
  }

  function countCandidates(sdp) {
    return (sdp.match(/^a=candidate:/gm) ?? []).length;
  }

  function withoutCredentials(url) {
    return String(url ?? "").replace(/^([a-z]+:)[^@]*@/, "$1");
  }

  function watchPeer(peer) {
    const record = {
      peer,
      constructed: performance.now(),
      remoteDescription: null,
      localDescription: null,
      gathering: null,
      gathered: null,
      checking: null,
      iceConnected: null,
      connected: null,
      video: false,
      localCandidates: 0,
      remoteCandidates: 0,
      candidateErrors: [],
    };
    peers.push(record);
    recordOf.set(peer, record);
    const on = (type, act) => peer.addEventListener(type, guarded(act));

    on("signalingstatechange", () => {
      if (peer.localDescription) mark(record, "localDescription");
      if (peer.remoteDescription && record.remoteDescription === null) {
        mark(record, "remoteDescription");
        record.remoteCandidates += countCandidates(peer.remoteDescription.sdp);
      }
    });
    on("icegatheringstatechange", () => {
      if (peer.iceGatheringState === "gathering") mark(record, "gathering");
      if (peer.iceGatheringState === "complete") mark(record, "gathered");
    });
    on("iceconnectionstatechange", () => {
      if (peer.iceConnectionState === "checking") mark(record, "checking");
      if (["connected", "completed"].includes(peer.iceConnectionState)) mark(record, "iceConnected");
    });
    on("connectionstatechange", () => {
      if (peer.connectionState === "connected") mark(record, "connected");
    });
    on("track", ({ track }) => {
      if (track.kind === "video") record.video = true;
    });
    on("icecandidate", ({ candidate }) => {
      if (candidate?.candidate) record.localCandidates += 1;
    });
    on("icecandidateerror", ({ errorCode, url }) => {
      if (record.candidateErrors.length < MAX_CANDIDATE_ERRORS) {
        record.candidateErrors.push({ code: errorCode, url: withoutCredentials(url) });
      }
    });
  }

  function watchSocket(socket) {
    const record = { created: performance.now(), opened: null, closed: null };
    sockets.push(record);
    socket.addEventListener("open", () => mark(record, "opened"));
    socket.addEventListener("close", () => mark(record, "closed"));
  }

  function noticeCandidate(peer, candidate) {
    const record = recordOf.get(peer);
    if (record && candidate?.candidate) record.remoteCandidates += 1;
  }

  // The peer connection that carries the video: a connected one, else the last one tried.
  function media() {
    const carriers = peers.filter(({ video }) => video);
    const connected = carriers.find(({ peer }) => peer.connectionState === "connected");
    return (connected ?? carriers.at(-1))?.peer ?? null;
  }

  wrapMethod(window.RTCPeerConnection?.prototype, "addIceCandidate", noticeCandidate);
  wrapConstructor(["RTCPeerConnection", "webkitRTCPeerConnection"], watchPeer);
  wrapConstructor(["WebSocket"], watchSocket);

  return {
    read() {
      return {
        peers: peers.map(({ peer, ...record }) => ({
          ...record,
          connectionState: peer.connectionState,
          iceState: peer.iceConnectionState,
        })),
        sockets,
      };
    },

    // The reports of webrtc-stats that matter here, with their names and units; null without a peer connection.
    async statistics() {
      try {
        const reports = await media()?.getStats();
        return reports ? [...reports.values()].filter(({ type }) => STATISTICS.has(type)) : null;
      } catch {
        return null;
      }
    },
  };
}
