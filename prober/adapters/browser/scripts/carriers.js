// Tells which of a frame's peer connections carry what is seen and heard.
//
// `shown` are the tracks of the picture, null where they cannot be told.
() => {
  // Whether the picture is this peer connection's; null where that cannot be told: a page may show tracks that it made
  // of others, or those of another frame's peer connections.
  function isShown(records, record, shown) {
    if (shown === null) return null;
    const shows = ({ tracks }) => tracks.some((track) => shown.includes(track));
    if (shown.length === 0 || shows(record)) return shown.length > 0;
    return records.some(shows) ? false : null;
  }

  // Of those that fit a connected one, that whose video is shown first; else one that was, else the last one tried.
  function best(records, shown, fits) {
    const standing = (record) =>
      Number(record.peer.connectionState === "connected") * 4 +
      Number(isShown(records, record, shown) === true) * 2 +
      Number(record.seen.connected !== null);
    const better = (one, found) => found === null || standing(one) > standing(found);
    return [...records].reverse().reduce((found, one) => (fits(one) && better(one, found) ? one : found), null);
  }

  return {
    isShown,

    // Those that carry the video and, where that is another one, the audio; without either one that `isOpen`.
    inUse(records, shown, isOpen) {
      const wanted = [({ seen }) => seen.video, ({ audio }) => audio];
      const carriers = wanted.map((fits) => best(records, shown, fits)).filter((record) => record !== null);
      const shared = carriers.length === 2 && carriers[0].audio ? carriers.slice(0, 1) : carriers;
      return shared.length > 0 ? shared : [best(records, shown, isOpen)].filter((record) => record !== null);
    },

    // Milliseconds since the last packet of any video that a connected one brings; null where it does not say.
    async packetAge({ peer, seen }) {
      if (!seen.video || peer.connectionState !== "connected") return null;
      try {
        const reports = [...(await peer.getStats()).values()];
        const videos = reports.filter(({ type, kind }) => type === "inbound-rtp" && kind === "video");
        const ages = videos.map(({ timestamp, lastPacketReceivedTimestamp: last }) => timestamp - last);
        return ages.filter((age) => age >= 0).reduce((least, age) => Math.min(least ?? age, age), null);
      } catch {
        return null;
      }
    },
  };
}
