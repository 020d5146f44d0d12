// Tells what a worker receives over WebSockets of its own and what it decodes; null for a worker that does neither.
//
// A desktop's page may read its socket in a worker, where no script can be injected before the worker's own (Selkies
// does). So this is brought in late, with the first question, and listens where being late is no matter: to the reading
// of a message's data, which leads to the socket, and to each chunk that is decoded. What came before is not known. A
// decoder that gets a single chunk is tried out and streams nothing (decoders.js says the same of the page's own).
(key) => {
  const MOST_SOCKETS = 50;
  const name = Symbol.for(key);

  function install() {
    const found = { sockets: [], chunks: 0 };
    const begun = new WeakMap();
    const recordOf = new WeakMap();
    const counted = new WeakSet();

    // Nothing of ours may reach the worker's code.
    const noticing = (native, notice) =>
      new Proxy(native, {
        apply(target, receiver, args) {
          const result = Reflect.apply(target, receiver, args);
          try {
            notice(receiver, result);
          } catch {
            // What is missing shows as absent.
          }
          return result;
        },
      });

    function follow(socket) {
      const record = { created: null, opened: null, closed: null, binaryMessages: 0, bytes: 0 };
      recordOf.set(socket, record);
      if (found.sockets.length >= MOST_SOCKETS) found.sockets.shift();
      found.sockets.push(record);
      record.created = performance.now();
      record.opened = record.created;
      socket.addEventListener("close", () => {
        record.closed ??= performance.now();
      });
      return record;
    }

    function noticeMessage(event, data) {
      const socket = event.target;
      if (!(socket instanceof WebSocket) || counted.has(event)) return;
      counted.add(event);
      const record = recordOf.get(socket) ?? follow(socket);
      if (typeof data === "string") return;
      record.binaryMessages += 1;
      record.bytes += data.byteLength ?? data.size ?? 0;
    }

    const reading = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
    Object.defineProperty(MessageEvent.prototype, "data", { ...reading, get: noticing(reading.get, noticeMessage) });
    const decoding = self.VideoDecoder?.prototype;
    if (decoding) {
      decoding.decode = noticing(decoding.decode, (decoder) => {
        const earlier = begun.get(decoder) ?? 0;
        begun.set(decoder, earlier + 1);
        if (earlier > 0) found.chunks += earlier === 1 ? 2 : 1;
      });
    }
    Object.defineProperty(self, name, { value: found, enumerable: false });
  }

  if (!(name in self)) install();
  const { sockets, chunks } = self[name];
  const value = { standing: null, peers: [], forgotten: 0, sockets, chunks, decodable: [] };
  return { origin: performance.timeOrigin, value: sockets.length + chunks > 0 ? value : null };
}
