// Counts what the page decodes by itself, and tells what this browser can receive.
//
// A decoder that gets a single chunk streams nothing: pages find out what a browser decodes by giving each codec one key
// frame (Selkies does, three of them, before it connects in either of its modes).
({ wraps, descriptions }) => {
  let chunks = 0;
  let decodable = null;
  const begun = new WeakMap();

  wraps.wrapMethod(window.VideoDecoder?.prototype, "decode", {
    notice(decoder) {
      const earlier = begun.get(decoder) ?? 0;
      begun.set(decoder, earlier + 1);
      if (earlier > 0) chunks += earlier === 1 ? 2 : 1;
    },
  });

  function receivable() {
    const { codecs = [] } = window.RTCRtpReceiver?.getCapabilities?.("video") ?? {};
    const names = codecs.map(({ mimeType }) => mimeType.replace(/^.*\//, ""));
    return [...new Set(names.filter(descriptions.isPicture))];
  }

  return {
    chunks: () => chunks,

    decodable() {
      decodable ??= receivable();
      return decodable;
    },
  };
}
