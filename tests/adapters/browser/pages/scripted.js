// Stand-ins for RTCPeerConnection and WebSocket that do what a test tells them, event by event.
"use strict";

function announce(target, type, members = {}) {
  target.dispatchEvent(Object.assign(new Event(type), members));
}

class ScriptedTarget extends EventTarget {
  // Sets states and fires the event that tells of them.
  become(type, states = {}, members = {}) {
    Object.assign(this, states);
    announce(this, type, members);
  }
}

class ScriptedChannel extends ScriptedTarget {
  constructor(label) {
    super();
    Object.assign(this, { label, readyState: "connecting" });
  }
}

class RTCPeerConnectionScripted extends ScriptedTarget {
  static made = [];

  constructor(configuration = {}) {
    super();
    Object.assign(this, {
      configuration,
      signalingState: "stable",
      iceGatheringState: "new",
      iceConnectionState: "new",
      connectionState: "new",
      localDescription: null,
      remoteDescription: null,
      stats: [],
      asked: 0,
    });
    RTCPeerConnectionScripted.made.push(this);
  }

  getConfiguration() {
    return this.configuration;
  }

  setConfiguration(configuration) {
    this.configuration = configuration;
  }

  createDataChannel(label) {
    return new ScriptedChannel(label);
  }

  async addIceCandidate() {}

  async getStats() {
    this.asked += 1;
    return new Map(this.stats.map((report) => [report.id, report]));
  }

  describe(side, type, sdp, signalingState) {
    this.become("signalingstatechange", { [`${side}Description`]: { type, sdp }, signalingState });
  }

  gather(...candidates) {
    this.become("icegatheringstatechange", { iceGatheringState: "gathering" });
    for (const type of candidates) announce(this, "icecandidate", { candidate: { candidate: `candidate:${type}`, type } });
    announce(this, "icecandidate", { candidate: null });
    this.become("icegatheringstatechange", { iceGatheringState: "complete" });
  }

  ice(...states) {
    for (const iceConnectionState of states) this.become("iceconnectionstatechange", { iceConnectionState });
  }

  connection(connectionState) {
    this.become("connectionstatechange", { connectionState });
  }

  receive(kind, muted = true) {
    const track = Object.assign(new ScriptedTarget(), { kind, muted });
    announce(this, "track", { track });
    return track;
  }

  close() {
    Object.assign(this, { connectionState: "closed", iceConnectionState: "closed", signalingState: "closed" });
  }
}

class WebSocketScripted extends ScriptedTarget {
  constructor(url) {
    super();
    this.url = url;
  }
}

Object.defineProperty(RTCPeerConnectionScripted, "name", { value: "RTCPeerConnection" });
Object.assign(window, { announce, ScriptedTarget, ScriptedChannel });
window.RTCPeerConnection = window.webkitRTCPeerConnection = RTCPeerConnectionScripted;
window.WebSocket = WebSocketScripted;
