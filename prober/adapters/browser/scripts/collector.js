// Puts the parts together, once a frame, and keeps them where no page looks: under a symbol, not enumerable.
({
  key,
  blankLuma,
  network,
  element,
  makeWraps,
  makeLedger,
  makeDescriptions,
  makePolicy,
  makeChannels,
  makeCarriers,
  makeStories,
  makePeers,
  makeSockets,
  makeDecoders,
  makeStatistics,
  makePixels,
  makeVisibility,
  makeElements,
  makeFrames,
  makeFilm,
  makeCanvases,
  makePicture,
  makeRegions,
  makeInput,
  makeFocus,
}) => {
  try {
    const name = Symbol.for(key);
    if (name in window) return;
    const wraps = makeWraps();
    const makeRecords = makeLedger();
    const descriptions = makeDescriptions();
    const policy = makePolicy({ network });
    const channels = makeChannels({ wraps, makeRecords });
    const carriers = makeCarriers();
    const stories = makeStories({ wraps });
    const peers = makePeers({ wraps, makeRecords, policy, descriptions, channels, carriers, stories });
    const sockets = makeSockets({ wraps, makeRecords });
    const decoders = makeDecoders({ wraps, descriptions });
    const pixels = makePixels();
    const visibility = makeVisibility({ element });
    const frames = makeFrames({ blankLuma, pixels, visibility });
    makeCanvases({ wraps, frames });
    const film = makeFilm();
    const picture = makePicture({ wraps, elements: makeElements({ wraps }), frames, pixels, visibility, film });
    const statistics = makeStatistics({ peers, picture, policy });
    const regions = makeRegions({ picture, pixels });
    const input = makeInput({ picture, regions });
    const { focus } = makeFocus({ picture, regions });
    const looking = (look) => async () => ({
      at: performance.now(),
      picture: await look(),
      found: picture.counts(),
      disconnections: peers.disconnections(),
      statistics: await statistics(),
    });
    const loading = () => {
      const [entry] = performance.getEntriesByType("navigation");
      return entry && { first_byte: entry.responseStart, loaded: entry.loadEventEnd };
    };
    const value = Object.freeze({
      loading,
      connections: async () => ({
        standing: picture.size()?.standing ?? null,
        peers: await peers.read(picture.tracks()),
        forgotten: peers.forgotten(),
        sockets: sockets.read(),
        chunks: decoders.chunks(),
        decodable: decoders.decodable(),
      }),
      stories: () => peers.readStories(picture.tracks()),
      film: film.read,
      statistics,
      firstFrame: looking(picture.first),
      sample: looking(picture.sample),
      size: picture.size,
      look: picture.look,
      element: picture.element,
      spots: input.spots,
      rest: input.rest,
      study: input.study,
      arm: input.arm,
      reaction: input.reaction,
      restored: input.restored,
      focus,
    });
    Object.defineProperty(window, name, { value, enumerable: false });
  } catch {
    // A page without a collector shows as one that does nothing; a page that we broke would be our fault.
  }
}
