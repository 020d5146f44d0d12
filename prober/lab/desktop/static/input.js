// What the user does at the screen, as the desktop wants to be told.

// Milliseconds between two pointer positions: about one a displayed frame.
const MOVE_INTERVAL = 16;

export function forwardInput(screen, send) {
  const { element } = screen;
  const forward = (event) => send(JSON.stringify(event));
  // When the user did it, in milliseconds of Unix time.
  const at = (event) => performance.timeOrigin + event.timeStamp;
  const pointer = (event) => ({
    kind: event.type,
    button: event.button,
    at: at(event),
    ...positionOf(event, screen),
  });

  element.addEventListener("pointermove", throttled((event) => forward(pointer(event))));
  for (const kind of ["pointerdown", "pointerup"]) {
    element.addEventListener(kind, (event) => forward(pointer(event)));
  }
  for (const kind of ["keydown", "keyup"]) {
    window.addEventListener(kind, (event) => {
      event.preventDefault();
      forward({ kind: event.type, key: event.key, at: at(event) });
    });
  }
  window.addEventListener("contextmenu", (event) => event.preventDefault());
}

// Where a pointer is in the remote picture, which stands in the middle of the element.
function positionOf(event, { element, size }) {
  const box = element.getBoundingClientRect();
  const [width, height] = size();
  const scale = Math.min(box.width / width, box.height / height);
  if (!Number.isFinite(scale) || scale <= 0) return { x: 0, y: 0 };
  const x = (event.clientX - box.left - (box.width - width * scale) / 2) / scale;
  const y = (event.clientY - box.top - (box.height - height * scale) / 2) / scale;
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
