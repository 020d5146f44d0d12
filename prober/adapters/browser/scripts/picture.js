// Chooses the element that is the desktop's picture, and tells how it does.
//
// That is the one that takes most of what a user sees, a video or a canvas. Pixels are read once a second at most.
// Times are performance.now() in milliseconds, null for what did not happen.
({ wraps, elements, frames, pixels, visibility, film }) => {
  // Between two searches for elements that no mutation told of, and between two looks at whether they can be seen.
  const SEARCH_EVERY = 100;
  // Between two pixel samples of a visible picture; a little below a second, for callers that ask every second.
  const PIXELS_EVERY = 950;
  const LOOK = { columns: 16, rows: 9 };
  // Canvases below this share of the viewport are cursors, charts, spinners.
  const CANVAS_SHARE = 0.05;
  // A video is the picture rather than a canvas of its size, which may be laid over it for drawing; one that never had
  // a frame is less likely to be it than anything half as large that had.
  const VIDEO_WEIGHT = 1.1;
  const EMPTY_WEIGHT = 0.5;

  // Records of what is in the page now.
  let attached = [];

  function followVideo(element) {
    const record = frames.open(element);
    const present = wraps.guarded((metadata) => frames.present(record, metadata));
    const onFrame = (_, metadata) => {
      element.requestVideoFrameCallback(onFrame);
      present(metadata);
    };
    element.requestVideoFrameCallback(onFrame);
    element.addEventListener("play", wraps.guarded(({ timeStamp }) => frames.play(record, timeStamp)));
    return record;
  }

  function search() {
    attached = [];
    for (const element of elements.all()) {
      // A canvas has no record before something was drawn to it.
      const record = frames.of(element) ?? (element.localName === "video" ? followVideo(element) : null);
      if (record) attached.push(record);
    }
    for (const record of attached) record.seen = visibility.area(record.element) > 0;
  }

  // Visible ones are above 0, the larger the higher; hidden ones are below, the more pixels the higher.
  function standing(record, area) {
    const { width, height } = pixels.sizeOf(record.element);
    if (area === 0) return -1 / (1 + width * height);
    if (record.canvas) return area;
    return area * (width > 0 ? VIDEO_WEIGHT : EMPTY_WEIGHT);
  }

  function isCandidate({ canvas, element }, area) {
    if (!visibility.isMeant(element)) return false;
    const { width, height } = pixels.sizeOf(element);
    return !canvas || (area || width * height) >= CANVAS_SHARE * innerWidth * innerHeight;
  }

  // The desktop's picture with its standing among others, those of other frames too; null where there is none.
  function main() {
    search();
    let best = null;
    for (const record of attached) {
      const area = visibility.area(record.element);
      if (!isCandidate(record, area)) continue;
      const found = { record, area, standing: standing(record, area) };
      const better = best === null || found.standing > best.standing;
      if (better || (found.standing === best.standing && record.frames > best.record.frames)) best = found;
    }
    return best;
  }

  function counts() {
    search();
    const canvases = attached.filter(({ canvas }) => canvas).length;
    const meant = attached.filter(({ element }) => visibility.isMeant(element)).length;
    return { videos: attached.length - canvases, canvases, meant };
  }

  async function takePixels(record, at) {
    const nothing = { luma: null, changed: null };
    if (at - record.pixelsAt < PIXELS_EVERY || !record.seen) return nothing;
    const cells = await pixels.lumas(record.element, pixels.PICTURE);
    if (cells === null) return nothing;
    const before = record.pixels;
    record.pixels = cells;
    record.pixelsAt = at;
    film.keep(cells, at);
    const changed = before && cells.some((luma, cell) => pixels.differs(luma, before[cell]));
    return { luma: pixels.mean(cells), changed };
  }

  function first() {
    const found = main();
    if (found === null) return null;
    const { element, canvas, counted, first: rendered, visible, luma, frames: presented } = found.record;
    return {
      standing: found.standing,
      canvas,
      hidden: found.area === 0,
      rendered,
      visible,
      luma,
      frames: counted ? presented : null,
      paused: element.paused ?? null,
    };
  }

  async function sample() {
    const found = main();
    if (found === null) return null;
    const { record } = found;
    const { element, last, counted } = record;
    const at = performance.now();
    const age = last === null ? null : Math.max(0, at - last);
    const gap = age === null ? null : Math.max(record.gap, age);
    record.gap = 0;
    return {
      standing: found.standing,
      at,
      paused: element.paused ?? null,
      frames: counted ? record.frames : null,
      age,
      gap,
      ...pixels.sizeOf(element),
      ...(await takePixels(record, at)),
    };
  }

  // Luma of 16 times 9 cells, each the mean of a block of the sample's.
  async function look() {
    const found = main();
    const cells = found && (await pixels.lumas(found.record.element, pixels.PICTURE));
    if (!cells) return null;
    const { columns, rows } = LOOK;
    const { width, height } = pixels.PICTURE;
    const block = { width: width / columns, height: height / rows };
    const sums = new Array(columns * rows).fill(0);
    cells.forEach((luma, cell) => {
      const column = Math.floor((cell % width) / block.width);
      const row = Math.floor(cell / width / block.height);
      sums[row * columns + column] += luma;
    });
    return { columns, rows, cells: sums.map((sum) => sum / (block.width * block.height)) };
  }

  // The video tracks that the picture shows, none where it plays something else; null where they cannot be told, as of
  // a canvas.
  function tracks() {
    const { element } = main()?.record ?? {};
    if (element?.localName !== "video") return null;
    if (element.srcObject instanceof MediaStream) return element.srcObject.getVideoTracks();
    return element.currentSrc ? [] : null;
  }

  elements.watch(wraps.guarded(search));
  setInterval(wraps.guarded(search), SEARCH_EVERY);
  search();

  return {
    counts,
    first,
    sample,
    look,
    tracks,
    main: () => main()?.record ?? null,
    element: () => main()?.record.element ?? null,
    size() {
      const found = main();
      return found && { standing: found.standing };
    },
  };
}
