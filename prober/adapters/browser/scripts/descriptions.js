// Reads session descriptions (SDP, RFC 8866): what the other side offers, and what our side makes of it.
() => {
  // Repair and redundancy formats carry no picture of their own.
  const REPAIR = new Set(["rtx", "red", "ulpfec", "flexfec-03", "flexfec"]);
  const MOST_CODECS = 20;

  function sectionsOf(sdp) {
    return sdp.split(/^(?=m=)/m).slice(1);
  }

  function has(section, attribute) {
    return new RegExp(`^a=${attribute}\\s*$`, "m").test(section);
  }

  function isVideo(section) {
    return section.startsWith("m=video");
  }

  // Port 0 takes a section out, but for those that share another's transport.
  function isOut(section) {
    return (/^m=\w+ 0 /.test(section) && !has(section, "bundle-only")) || has(section, "inactive");
  }

  function sends(section) {
    return !isOut(section) && !has(section, "recvonly");
  }

  function receives(section) {
    return !isOut(section) && !has(section, "sendonly");
  }

  // Whether the offer has video that is wanted, and the answer grants none of it.
  function leavesNone(offer, answer, { wanted, granted }) {
    const answered = sectionsOf(answer.sdp);
    const offered = sectionsOf(offer.sdp).map((section, index) => [section, answered[index] ?? ""]);
    const videos = offered.filter(([section]) => isVideo(section) && wanted(section));
    return videos.length > 0 && videos.every(([, section]) => !granted(section));
  }

  return {
    isPicture: (name) => !REPAIR.has(name.toLowerCase()),

    // Addresses inside the description itself.
    candidates: ({ sdp }) => (sdp.match(/^a=candidate:/gm) ?? []).length,

    // The names of the codecs of the video that this side sends.
    videoCodecs({ sdp }) {
      const videos = sectionsOf(sdp).filter((section) => isVideo(section) && sends(section));
      const lines = videos.flatMap((section) => [...section.matchAll(/^a=rtpmap:\d+ ([\w.-]+)\//gm)]);
      const names = lines.map(([, name]) => name).filter((name) => !REPAIR.has(name.toLowerCase()));
      return [...new Set(names)].slice(0, MOST_CODECS);
    },

    // Whether our answer refuses all video that the other side's offer sends.
    rejectsVideo: (offer, answer) => leavesNone(offer, answer, { wanted: sends, granted: receives }),

    // Whether the other side's answer refuses all video that our offer asks for.
    deniesVideo: (offer, answer) => leavesNone(offer, answer, { wanted: receives, granted: sends }),
  };
}
