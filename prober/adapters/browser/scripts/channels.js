// Counts what comes through the data channels of one peer connection.
({ wraps, makeRecords }) => {
  const MOST_CHANNELS = 20;
  const LONGEST_LABEL = 80;

  // Text is counted in UTF-16 units, which are bytes for what desktops send as text.
  function sizeOf(data) {
    return data?.byteLength ?? data?.size ?? data?.length ?? 0;
  }

  function watch(channels, channel) {
    const record = channels.add({
      channel,
      label: String(channel.label).slice(0, LONGEST_LABEL),
      opened: null,
      closed: null,
      messages: 0,
      bytes: 0,
    });
    const on = (type, act) => channel.addEventListener(type, wraps.guarded(act));
    const opened = () => {
      record.opened ??= performance.now();
    };
    // One that the other side made may be open already.
    if (channel.readyState === "open") opened();
    on("open", opened);
    on("close", () => {
      record.closed ??= performance.now();
    });
    on("message", ({ data }) => {
      record.messages += 1;
      record.bytes += sizeOf(data);
    });
  }

  return {
    sizeOf,
    make: () => makeRecords({ most: MOST_CHANNELS, isOver: ({ closed }) => closed !== null }),
    watch,
    isOpen: ({ channel }) => channel.readyState === "open",
    read: ({ records }) => records.map(({ channel, ...record }) => record),
  };
}
