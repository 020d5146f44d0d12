// Keeps what this frame's WebSockets go through, with the volume of what is binary: signalling speaks text.
//
// Times are performance.now() in milliseconds, null for what did not happen.
({ wraps, makeRecords }) => {
  const MOST_SOCKETS = 50;

  const { records, add } = makeRecords({ most: MOST_SOCKETS, isOver: ({ closed }) => closed !== null });

  function watch(socket) {
    const record = add({ created: performance.now(), opened: null, closed: null, binaryMessages: 0, bytes: 0 });
    const on = (type, act) => socket.addEventListener(type, wraps.guarded(act));
    on("open", () => {
      record.opened ??= performance.now();
    });
    on("close", () => {
      record.closed ??= performance.now();
    });
    // Added first, so the message is still whole: a page may give its buffer away to a worker.
    on("message", ({ data }) => {
      if (typeof data === "string") return;
      record.binaryMessages += 1;
      record.bytes += data.byteLength ?? data.size ?? 0;
    });
  }

  wraps.wrapConstructor(["WebSocket"], { watch });

  return { read: () => records };
}
