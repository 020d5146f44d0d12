// A desktop of its own: a canvas is streamed through two peer connections of the same page into a video element.
"use strict";

// Returns the canvas's context, painted grey at first; the rest is the page's business.
async function showDesktop(video, { size = [640, 360], framesPerSecond = 30, grey = 120, animate = true } = {}) {
  const canvas = Object.assign(document.createElement("canvas"), { width: size[0], height: size[1] });
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${grey},${grey},${grey})`;
  context.fillRect(0, 0, ...size);
  if (animate) {
    let step = 0;
    const timer = setInterval(() => {
      step += 1;
      context.fillStyle = step % 2 ? "#404040" : "#c0c0c0";
      context.fillRect(0, 0, 40, 40);
    }, 1000 / framesPerSecond);
    context.freeze = () => clearInterval(timer);
  }
  const [sender, receiver] = await connectPeers(canvas.captureStream(framesPerSecond));
  video.srcObject = receiver.stream;
  Object.assign(context, { sender, receiver: receiver.peer });
  return context;
}

async function connectPeers(stream) {
  const sender = new RTCPeerConnection();
  const receiver = new RTCPeerConnection();
  sender.onicecandidate = ({ candidate }) => candidate && receiver.addIceCandidate(candidate);
  receiver.onicecandidate = ({ candidate }) => candidate && sender.addIceCandidate(candidate);
  const arrived = new Promise((resolve) => {
    receiver.ontrack = ({ streams }) => resolve(streams[0]);
  });
  for (const track of stream.getTracks()) sender.addTrack(track, stream);
  await sender.setLocalDescription();
  await receiver.setRemoteDescription(sender.localDescription);
  await receiver.setLocalDescription();
  await sender.setRemoteDescription(receiver.localDescription);
  return [sender, { peer: receiver, stream: await arrived }];
}

// Reacts to right clicks as a desktop does: a menu opens at the pointer, Escape closes it.
function openMenus(video, context, { delay = 0, draw = drawMenu } = {}) {
  const { width, height } = context.canvas;
  video.addEventListener("contextmenu", (event) => event.preventDefault());
  video.addEventListener("pointerdown", (event) => {
    const box = video.getBoundingClientRect();
    const stretched = getComputedStyle(video).objectFit === "fill";
    const contained = Math.min(box.width / width, box.height / height);
    const [scaleX, scaleY] = stretched ? [box.width / width, box.height / height] : [contained, contained];
    const x = (event.clientX - box.left - (box.width - width * scaleX) / 2) / scaleX;
    const y = (event.clientY - box.top - (box.height - height * scaleY) / 2) / scaleY;
    setTimeout(() => draw(context, x, y), delay);
  });
  window.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    context.fillStyle = "rgb(120,120,120)";
    context.fillRect(0, 41, width, height);
    context.fillRect(41, 0, width, height);
  });
}

function drawMenu(context, x, y) {
  context.fillStyle = "#f0f0f0";
  context.fillRect(x, y, 80, 100);
}
