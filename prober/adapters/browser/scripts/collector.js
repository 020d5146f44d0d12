// Puts the parts together, once a frame, and keeps them where no page looks: under a symbol, not enumerable.
({ key, blankLuma, network, makeConnections, makePixels, makePicture, makeInput }) => {
  try {
    const name = Symbol.for(key);
    if (name in window) return;
    const connections = makeConnections({ network });
    const pixels = makePixels();
    const picture = makePicture({ blankLuma, pixels });
    const input = makeInput({ picture, pixels });
    const looking = (look) => async () => ({
      at: performance.now(),
      picture: await look(),
      statistics: await connections.statistics(),
    });
    const loading = () => {
      const [entry] = performance.getEntriesByType("navigation");
      return entry && { first_byte: entry.responseStart, loaded: entry.loadEventEnd };
    };
    const value = Object.freeze({
      loading,
      connections: connections.read,
      statistics: connections.statistics,
      firstFrame: looking(picture.first),
      sample: looking(picture.sample),
      size: picture.size,
      element: picture.element,
      spots: input.spots,
      rest: input.rest,
      arm: input.arm,
      reaction: input.reaction,
      restored: input.restored,
    });
    Object.defineProperty(window, name, { value, enumerable: false });
  } catch {
    // A page without a collector shows as one that does nothing; a page that we broke would be our fault.
  }
}
