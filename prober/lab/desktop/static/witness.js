// Tells the desktop when its frames were displayed: the first ones, and those after something was pressed.
//
// A frame is known by its RTP timestamp, so no pixels are looked at. Each is told as that and milliseconds of Unix time.

// What is pressed shows within this time, or the desktop is a slow one.
const FOLLOWED_MS = 400;

export function witness(video, tell) {
  let frames = [];
  let waiting = null;
  let following = true;
  let timer = null;

  const note = ({ rtpTimestamp, presentationTime, expectedDisplayTime }, since = 0) => {
    const displayed = Math.max(expectedDisplayTime ?? presentationTime, since);
    frames.push([rtpTimestamp, performance.timeOrigin + displayed]);
  };
  const flush = () => {
    if (frames.length > 0) tell(frames);
    frames = [];
  };
  const follow = () => {
    flush();
    following = true;
    clearTimeout(timer);
    timer = setTimeout(() => {
      following = false;
      flush();
    }, FOLLOWED_MS);
  };

  const present = (_, metadata) => {
    video.requestVideoFrameCallback(present);
    // An element that does not play yet announces a frame and does not show it.
    waiting = video.paused ? metadata : null;
    if (waiting !== null || !following)
    if (timer === null) follow();
    note(metadata);
  };
  video.requestVideoFrameCallback(present);
  video.addEventListener("play", ({ timeStamp }) => {
    if (waiting === null)
    follow();
    note(waiting, timeStamp);
    waiting = null;
  });
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, follow, { capture: true });
}
