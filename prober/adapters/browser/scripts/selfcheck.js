// Connects two peers within one page, a canvas as the source, until a frame of it was shown in a video.
//
// Every host candidate is offered under the loopback address too: names of mDNS, behind which the browser hides its
// addresses, cannot be resolved where multicast is forbidden, as in many a Pod.
async ({ withinMs }) => {
  const WIDTH = 160;
  const HEIGHT = 120;
  const COLOUR = [200, 60, 40];
  const TOLERANCE = 48; // Of each channel: lossy codecs and limited colour ranges move a flat colour by some 10.
  const TICK_MS = 20;
  const LOOPBACK = "127.0.0.1";

  const began = performance.now();
  const left = () => withinMs - (performance.now() - began);
  const capabilities = globalThis.RTCRtpReceiver?.getCapabilities?.("video")?.codecs ?? [];
  const names = capabilities.map(({ mimeType }) => mimeType.split("/")[1]);
  const helpers = ["rtx", "red", "ulpfec", "flexfec-03"]; // Listed among the codecs, and none of them is one.
  const codecs = [...new Set(names)].filter((name) => !helpers.includes(name.toLowerCase()));
  const ended = (stage, detail = "") => ({ stage, codecs, detail, took: performance.now() - began });

  // Whether the condition came true while there was time.
  async function until(condition) {
    while (!(await condition())) {
      if (left() <= 0) return false;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    return true;
  }

  function inTime(promise) {
    const late = new Promise((_, reject) => setTimeout(reject, left(), new Error("no answer in time")));
    return Promise.race([promise, late]);
  }

  function paintForEver(canvas) {
    const context = canvas.getContext("2d", { alpha: false });
    let turn = 0;
    const paint = () => {
      context.fillStyle = `rgb(${COLOUR})`;
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.fillStyle = "#fff"; // Moves along the edge, so that frames differ; the middle is looked at.
      context.fillRect((turn++ * 4) % WIDTH, 0, 8, 8);
    };
    paint();
    return setInterval(paint, 33);
  }

  function introduce(from, to, seen) {
    from.addEventListener("icecandidate", ({ candidate }) => {
      if (!candidate?.candidate) return;
      seen.candidates += 1;
      const words = candidate.candidate.split(" ");
      words[4] = LOOPBACK;
      for (const line of [candidate.candidate, words.join(" ")]) {
        to.addIceCandidate({ candidate: line, sdpMid: candidate.sdpMid }).catch(() => {});
      }
    });
  }

  async function negotiate(sender, receiver) {
    const offer = await sender.createOffer();
    // Candidates may come as soon as a description is applied locally: the other side has to know it by then.
    await receiver.setRemoteDescription(offer);
    await sender.setLocalDescription(offer);
    const answer = await receiver.createAnswer();
    await sender.setRemoteDescription(answer);
    await receiver.setLocalDescription(answer);
  }

  async function decoded(receiver) {
    for (const report of (await receiver.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video" && report.framesDecoded > 0) return true;
    }
    return false;
  }

  function middleOf(video) {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }

  const isRight = (pixel) => pixel.every((value, channel) => Math.abs(value - COLOUR[channel]) <= TOLERANCE);

  if (typeof globalThis.RTCPeerConnection !== "function") return ended("api");
  if (codecs.length === 0) return ended("codecs");

  const seen = { candidates: 0, rendered: 0 };
  const peers = [];
  let painting = null;
  let stage = "negotiation";
  try {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    painting = paintForEver(canvas);
    const [sender, receiver] = [new RTCPeerConnection(), new RTCPeerConnection()];
    peers.push(sender, receiver);
    const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true, playsInline: true });
    const present = () => {
      seen.rendered += 1;
      video.requestVideoFrameCallback(present);
    };
    video.requestVideoFrameCallback(present);
    document.body.append(video);
    receiver.addEventListener("track", ({ track }) => (video.srcObject = new MediaStream([track])));
    for (const track of canvas.captureStream(30).getTracks()) sender.addTrack(track);
    introduce(sender, receiver, seen);
    introduce(receiver, sender, seen);
    await inTime(negotiate(sender, receiver));
    stage = "candidates";
    if (!(await until(() => seen.candidates > 0))) return ended(stage);
    stage = "ice";
    const isThere = ({ iceConnectionState }) => ["connected", "completed"].includes(iceConnectionState);
    if (!(await until(() => isThere(sender) && isThere(receiver)))) return ended(stage, receiver.iceConnectionState);
    stage = "dtls";
    const isUp = ({ connectionState }) => connectionState === "connected";
    if (!(await until(() => isUp(sender) && isUp(receiver)))) return ended(stage, receiver.connectionState);
    stage = "decoding";
    if (!(await until(() => decoded(receiver)))) return ended(stage);
    stage = "rendering";
    if (!(await until(() => seen.rendered > 0))) return ended(stage);
    stage = "picture";
    if (!(await until(() => isRight(middleOf(video))))) return ended(stage, `pixel rgb(${middleOf(video)})`);
    return ended("passed");
  } catch (error) {
    return ended(stage, String(error).slice(0, 200));
  } finally {
    clearInterval(painting);
    for (const peer of peers) peer.close();
  }
}
