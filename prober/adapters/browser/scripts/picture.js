// Follows this frame's video elements: which frames were presented when, and whether they show anything.
//
// Frames are those of requestVideoFrameCallback: presented, not merely decoded. Pixels are read on the way to the first
// frame that is not blank, and afterwards once a second: looking must not cost what is looked at its frame rate.
// Times are performance.now() in milliseconds, null for what did not happen.
({ blankLuma, pixels }) => {
  // Between two searches for video elements that no mutation told of.
  const SEARCH_EVERY = 100;
  // Between two looks at a picture that is still blank.
  const LOOK_EVERY = 50;
  // Until a frame that could not be read is tried again.
  const LOOK_AGAIN_AFTER = 10;
  // Between two pixel samples of a visible picture; a little below a second, for callers that ask every second.
  const PIXELS_EVERY = 950;
  const LOOK_SIZE = { width: 32, height: 18 };
  const PIXELS_SIZE = { width: 64, height: 36 };
  // Luma levels by which a cell must differ to count as changed: a codec that refines a still picture moves a cell by
  // up to 14 (measured with VP8), whatever moves on a desktop by about 100.
  const CHANGED_LEVELS = 30;

  const roots = new Set([document]);
  const records = new Map();

  function mean(cells) {
    return cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
  }

  function count(record, { presentationTime, presentedFrames }) {
    if (record.element.paused) {
      // Chromium announces the frames of a stream that was never played, too; its picture is not shown.
      record.counter = presentedFrames;
      return;
    }
    // The counter begins anew with each source of the element.
    const before = presentedFrames < record.counter ? 0 : record.counter;
    const fresh = Math.max(1, presentedFrames - before);
    record.counter = presentedFrames;
    record.frames += fresh;
    record.first ??= presentationTime;
    if (record.last !== null) {
      // Frames that no callback told of, because the page was busy, are taken as evenly spaced.
      record.gap = Math.max(record.gap, (presentationTime - record.last) / fresh);
    }
    record.last = presentationTime;
  }

  async function look(record, presentationTime) {
    if (record.visible !== null || record.looking || presentationTime - record.lookedAt < LOOK_EVERY) return;
    record.looking = true;
    const cells = await pixels.lumas(record.element, LOOK_SIZE);
    record.looking = false;
    if (cells === null) {
      lookAgain(record, presentationTime);
      return;
    }
    record.lookedAt = presentationTime;
    record.luma = mean(cells);
    if (record.luma > blankLuma) record.visible = presentationTime;
  }

  // As long as no later frame was presented, what can be read later is still that frame.
  function lookAgain(record, presentationTime) {
    setTimeout(() => {
      if (record.last === presentationTime && record.element.isConnected) look(record, presentationTime);
    }, LOOK_AGAIN_AFTER);
  }

  function follow(element) {
    const record = {
      element,
      counter: 0,
      frames: 0,
      first: null,
      last: null,
      gap: 0,
      visible: null,
      luma: null,
      looking: false,
      lookedAt: -Infinity,
      pixels: null,
      pixelsAt: -Infinity,
      // Asynchronous functions, told of every frame.
      listeners: new Set(),
    };
    records.set(element, record);
    const onFrame = (_, metadata) => {
      element.requestVideoFrameCallback(onFrame);
      count(record, metadata);
      look(record, metadata.presentationTime);
      for (const listener of record.listeners) listener(metadata).catch(() => {});
    };
    element.requestVideoFrameCallback(onFrame);
  }

  function search() {
    for (const root of roots) {
      for (const element of root.querySelectorAll("video")) {
        if (!records.has(element)) follow(element);
      }
    }
  }

  const observer = new MutationObserver(search);

  function include(root) {
    roots.add(root);
    observer.observe(root, { childList: true, subtree: true });
  }

  function watchShadowRoots() {
    Element.prototype.attachShadow = new Proxy(Element.prototype.attachShadow, {
      apply(target, receiver, args) {
        const root = Reflect.apply(target, receiver, args);
        include(root);
        return root;
      },
    });
    // Declarative shadow roots are made by the parser.
    document.addEventListener("DOMContentLoaded", () => {
      for (const element of document.querySelectorAll("*")) {
        if (element.shadowRoot) include(element.shadowRoot);
      }
      search();
    });
  }

  function visibleArea(element) {
    if (!element.isConnected || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return 0;
    const box = element.getBoundingClientRect();
    const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
    const height = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
    return Math.max(0, width) * Math.max(0, height);
  }

  // The desktop's picture: the video element that takes most of the screen.
  function main() {
    let best = null;
    for (const record of records.values()) {
      const area = visibleArea(record.element);
      const better = best === null || area > best.area || (area === best.area && record.frames > best.record.frames);
      if (better) best = { record, area };
    }
    return best;
  }

  async function takePixels(record, at) {
    const nothing = { luma: null, changed: null };
    if (at - record.pixelsAt < PIXELS_EVERY) return nothing;
    const cells = await pixels.lumas(record.element, PIXELS_SIZE);
    if (cells === null) return nothing;
    const before = record.pixels;
    record.pixels = cells;
    record.pixelsAt = at;
    const changed = before && cells.some((luma, cell) => Math.abs(luma - before[cell]) >= CHANGED_LEVELS);
    return { luma: mean(cells), changed };
  }

  function first() {
    const found = main();
    if (found === null) return null;
    const { element, first: rendered, visible, luma, frames } = found.record;
    return { area: found.area, rendered, visible, luma, frames, paused: element.paused, videos: records.size };
  }

  async function sample() {
    const found = main();
    if (found === null) return null;
    const { record, area } = found;
    const { element, last, frames } = record;
    const at = performance.now();
    const age = last === null ? null : Math.max(0, at - last);
    const gap = age === null ? null : Math.max(record.gap, age);
    record.gap = 0;
    const { paused, videoWidth: width, videoHeight: height } = element;
    return { area, at, paused, frames, age, gap, width, height, ...(await takePixels(record, at)) };
  }

  include(document);
  watchShadowRoots();
  setInterval(search, SEARCH_EVERY);
  search();

  return {
    first,
    sample,
    main: () => main()?.record ?? null,
    element: () => main()?.record.element ?? null,
    size() {
      const found = main();
      return found && { area: found.area, frames: found.record.frames };
    },
  };
}
