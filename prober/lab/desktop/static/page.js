// A desktop's page: shows what the server sends, sends what the user does. What kind of page it is
// stands in the attributes of its root element.
import { forwardInput } from "./input.js";
import { canvasScreen, offerToPlay, videoScreen } from "./screen.js";

const options = document.documentElement.dataset;

function show() {
  const video = document.getElementById("screen");
  if (options.place === "iframe" && !new URLSearchParams(location.search).has("inside")) {
    showInside(video);
    return;
  }
  const screen = options.carrier === "video_track" ? videoScreen(video, options) : canvasScreen(video);
  if (options.carrier === "websocket") watch(screen);
  else connect(screen);
  if (options.connections === "2") connect(screen, "?part=extra");
}

function showInside(video) {
  const frame = document.createElement("iframe");
  frame.src = "?inside";
  video.replaceWith(frame);
}

function openSocket(query) {
  const address = new URL("signalling" + query, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(address);
}

// The picture comes over the socket itself.
function watch(screen) {
  const socket = openSocket("");
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => screen.draw(data);
  forwardInput(screen, (text) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
  });
}

function connect(screen, query = "") {
  const socket = openSocket(query);
  const connection = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });

  connection.onicecandidate = ({ candidate }) => {
    const line = candidate ? candidate.candidate : "";
    send(socket, { type: "candidate", candidate: line, mid: candidate?.sdpMid ?? "" });
  };
  connection.ontrack = ({ receiver, track }) => {
    if (track.kind === "audio") listen(track);
    else screen.play(receiver, track, (frames) => send(socket, { type: "displayed", frames }));
  };
  connection.ondatachannel = ({ channel }) => useChannel(screen, channel);
  socket.onmessage = async ({ data }) => {
    const message = JSON.parse(data);
    if (message.type !== "offer") return;
    if (message.iceServers.length > 0) {
      // Gathering begins with setLocalDescription: until then servers are welcome.
      connection.setConfiguration({ ...connection.getConfiguration(), iceServers: message.iceServers });
    }
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

function useChannel(screen, channel) {
  if (channel.label === "picture") {
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }) => screen.draw(data);
  }
  if (channel.label === "input") {
    forwardInput(screen, (text) => {
      if (channel.readyState === "open") channel.send(text);
    });
  }
}

// A page may not make a noise before it was touched, unless the browser was told otherwise.
function listen(track) {
  const audio = new Audio();
  audio.srcObject = new MediaStream([track]);
  audio.play().catch(() => offerToPlay(audio));
}

show();
