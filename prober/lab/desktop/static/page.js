// A desktop's page: shows what the server sends, sends what the user does.
"use strict";

// Milliseconds between two pointer positions: about one a displayed frame.
const MOVE_INTERVAL = 16;

const screenElement = document.getElementById("screen");

function connect() {
  const address = new URL("signalling", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  const connection = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });

  connection.onicecandidate = ({ candidate }) => {
    const line = candidate ? candidate.candidate : "";
    send(socket, { type: "candidate", candidate: line, mid: candidate?.sdpMid ?? "" });
  };
  connection.ontrack = ({ receiver, track }) => {
    // Show every frame as soon as it is decoded: a desktop wants latency, not smoothness.
    receiver.jitterBufferTarget = 0;
    receiver.playoutDelayHint = 0;
    screenElement.srcObject = new MediaStream([track]);
  };
  connection.ondatachannel = ({ channel }) => {
    if (channel.label === "input") forwardInput(channel);
  };
  socket.onmessage = async ({ data }) => {
    const message = JSON.parse(data);
    if (message.type !== "offer") return;
    await connection.setRemoteDescription(message);
    const answer = await connection.createAnswer();
    // The answer leaves before candidates can: those follow setLocalDescription.
    send(socket, { type: "answer", sdp: answer.sdp });
    await connection.setLocalDescription(answer);
  };
  socket.onclose = () => connection.close();
}

function send(socket, message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function forwardInput(channel) {
  const forward = (event) => {
    if (channel.readyState === "open") channel.send(JSON.stringify(event));
  };
  const pointer = (event) => ({ kind: event.type, button: event.button, ...positionOf(event) });

  screenElement.addEventListener("pointermove", throttled((event) => forward(pointer(event))));
  for (const kind of ["pointerdown", "pointerup"]) {
    screenElement.addEventListener(kind, (event) => forward(pointer(event)));
  }
  for (const kind of ["keydown", "keyup"]) {
    window.addEventListener(kind, (event) => {
      event.preventDefault();
      forward({ kind: event.type, key: event.key });
    });
  }
  window.addEventListener("contextmenu", (event) => event.preventDefault());
}

// Where a pointer is in the remote picture, which stands in the middle of the element.
function positionOf(event) {
  const box = screenElement.getBoundingClientRect();
  const { videoWidth, videoHeight } = screenElement;
  const scale = Math.min(box.width / videoWidth, box.height / videoHeight);
  if (!Number.isFinite(scale) || scale <= 0) return { x: 0, y: 0 };
  const x = (event.clientX - box.left - (box.width - videoWidth * scale) / 2) / scale;
  const y = (event.clientY - box.top - (box.height - videoHeight * scale) / 2) / scale;
  return { x: Math.round(x), y: Math.round(y) };
}

// The first call goes through at once, the last one is never lost.
function throttled(act) {
  let latest = null;
  let timer = null;
  const release = () => {
    timer = null;
    if (latest !== null) run(latest);
  };
  const run = (event) => {
    latest = null;
    timer = setTimeout(release, MOVE_INTERVAL);
    act(event);
  };
  return (event) => {
    if (timer === null) run(event);
    else latest = event;
  };
}

connect();
