// What shows the picture: a video element fed by a track, or a canvas fed with JPEGs.

import { witness } from "./witness.js";

export function videoScreen(video, { place, playback }) {
  if (place === "shadow_root") enshadow(video);
  if (place === "nowhere") video.style.display = "none";
  if (playback === "on-click") video.autoplay = false;
  return {
    element: video,
    size: () => [video.videoWidth, video.videoHeight],
    play: (receiver, track, tell) => {
      // Show every frame as soon as it is decoded: a desktop wants latency, not smoothness.
      receiver.jitterBufferTarget = 0;
      receiver.playoutDelayHint = 0;
      video.srcObject = new MediaStream([track]);
      witness(video, tell);
      if (playback === "on-click") offerToPlay(video);
      // What is not displayed does not begin by itself either.
      else if (place === "nowhere") video.play();
    },
  };
}

export function canvasScreen(video) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  canvas.id = video.id;
  video.replaceWith(canvas);
  return {
    element: canvas,
    size: () => [canvas.width, canvas.height],
    draw: async (jpeg) => {
      const picture = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
      if (canvas.width !== picture.width) canvas.width = picture.width;
      if (canvas.height !== picture.height) canvas.height = picture.height;
      context.drawImage(picture, 0, 0);
      picture.close();
    },
  };
}

// The document's style does not reach into a shadow root.
function enshadow(video) {
  const host = document.createElement("div");
  video.replaceWith(host);
  const style = document.createElement("style");
  style.textContent = "video { display: block; width: 100vw; height: 100vh; object-fit: contain; cursor: none; }";
  host.attachShadow({ mode: "open" }).append(style, video);
}

// One button for everything that waits to be played.
export function offerToPlay(media) {
  const button = document.getElementById("playButton") ?? document.createElement("button");
  button.id = "playButton";
  button.textContent = "Play Stream";
  button.addEventListener("click", () => {
    button.remove();
    media.play();
  });
  document.body.append(button);
}
