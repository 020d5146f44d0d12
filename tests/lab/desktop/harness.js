// Watches the page's video as a user's eyes would: only what is really presented counts.
window.harness = {
  frames: [],
  watchers: new Set(),

  // Milliseconds of Unix time, with the monotonic clock's resolution.
  now: () => performance.timeOrigin + performance.now(),

  // The presented picture's luma in a rectangle of the video, 0 to 255.
  luma(x, y, width, height) {
    const canvas = new OffscreenCanvas(16, 16);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const video = document.querySelector("video");
    context.drawImage(video, x, y, width, height, 0, 0, 16, 16);
    const { data } = context.getImageData(0, 0, 16, 16);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) {
      sum += 0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2];
    }
    return sum / 256;
  },

  // Resolves once the rectangle's luma has moved, with the times of pointerdown and presentation.
  changeAfterPress(x, y, width, height) {
    const before = this.luma(x, y, width, height);
    let pressed = null;
    addEventListener("pointerdown", () => { pressed = this.now(); }, { once: true, capture: true });
    return new Promise((resolve) => {
      const watch = (at) => {
        if (pressed === null || Math.abs(this.luma(x, y, width, height) - before) < 20) return;
        this.watchers.delete(watch);
        resolve({ pressed, presented: at });
      };
      this.watchers.add(watch);
    });
  },
};

addEventListener("DOMContentLoaded", () => {
  const video = document.querySelector("video");
  const present = () => {
    const at = window.harness.now();
    window.harness.frames.push(at);
    for (const watcher of window.harness.watchers) watcher(at);
    video.requestVideoFrameCallback(present);
  };
  video.requestVideoFrameCallback(present);
});
