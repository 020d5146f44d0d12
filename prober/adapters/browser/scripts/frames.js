// Counts the frames that an element presents, and finds the first one that shows something.
//
// Presented is what came to the screen of a user: not what is merely decoded, not what a paused element holds, not what
// an element shows that nobody can see. Pixels are read on the way to the first frame that is not blank, and not
// afterwards: looking must not cost what is looked at its frame rate.
// Times are performance.now() in milliseconds, null for what did not happen.
({ blankLuma, pixels, visibility }) => {
  // Between two looks at a picture that is still blank.
  const LOOK_EVERY = 50;
  // Until a frame that could not be read is tried again, and how often.
  const LOOK_AGAIN_AFTER = 4;
  const LOOKS_AGAIN = 125;
  const LOOK_SIZE = { width: 32, height: 18 };
  // Between two copies of an element that cannot be read later, and how long after its frames were last listened for
  // each is copied.
  const KEEP_EVERY = 900;
  const KEEP_CLOSELY = 1000;

  const recordOf = new WeakMap();

  // Until something was seen every frame's time counts, so each is asked; later the searches' answer will do.
  function isSeen(record) {
    if (record.visible === null) record.seen = visibility.area(record.element) > 0;
    return record.seen;
  }

  function count(record, { presentationTime, presentedFrames }) {
    // The counter begins anew with each source of the element.
    const before = presentedFrames < record.counter ? 0 : record.counter;
    record.counter = presentedFrames;
    if (!isSeen(record)) return false;
    const fresh = Math.max(1, presentedFrames - before);
    record.frames += fresh;
    record.first ??= presentationTime;
    if (record.last !== null) {
      // Frames that no callback told of, because the page was busy, are taken as evenly spaced.
      record.gap = Math.max(record.gap, (presentationTime - record.last) / fresh);
    }
    record.last = presentationTime;
    return true;
  }

  async function look(record, time) {
    if (record.visible !== null || record.looking || time - record.lookedAt < LOOK_EVERY) return;
    record.looking = true;
    const cells = await pixels.lumas(record.element, LOOK_SIZE);
    record.looking = false;
    if (cells === null) {
      // What a canvas does not give away now it will not in a moment.
      if (record.canvas) record.lookedAt = time;
      else lookAgain(record, time);
      return;
    }
    record.looksAgain = 0;
    record.lookedAt = time;
    record.first ??= time;
    record.luma = pixels.mean(cells);
    if (record.luma > blankLuma) record.visible = time;
  }

  // As long as no later frame was presented, what can be read later is still that frame.
  function lookAgain(record, time) {
    record.looksAgain += 1;
    if (record.looksAgain > LOOKS_AGAIN || record.last !== time) return;
    setTimeout(() => {
      if (record.last === time && record.element.isConnected) look(record, time);
    }, LOOK_AGAIN_AFTER);
  }

  function keep(record, time) {
    if (!record.fleeting) return;
    if (record.listeners.size > 0) record.closelyUntil = time + KEEP_CLOSELY;
    if (record.visible !== null && time > record.closelyUntil && time - record.keptAt < KEEP_EVERY) return;
    record.keptAt = time;
    pixels.keep(record.element);
  }

  function tell(record, metadata) {
    for (const listener of record.listeners) listener(metadata).catch(() => {});
  }

  // Takes note of a frame, in the words of requestVideoFrameCallback.
  function present(record, metadata) {
    // Chromium announces the frames of a stream that is not played, too; its picture is not shown before it is.
    if (record.element.paused) {
      record.held = metadata;
      record.counter = metadata.presentedFrames;
      return;
    }
    record.held = null;
    if (!count(record, metadata)) return;
    keep(record, metadata.presentationTime);
    look(record, metadata.presentationTime);
    tell(record, metadata);
  }

  return {
    of: (element) => recordOf.get(element),

    // Begins a record. One that is not `counted` never learns of its frames; what is `fleeting` can be read while a
    // frame is presented, and not later.
    open(element, { counted = true, fleeting = false } = {}) {
      const record = {
        element,
        canvas: element.localName === "canvas",
        counted,
        fleeting,
        seen: false,
        // What was announced while the element was paused: its latest frame.
        held: null,
        counter: 0,
        frames: 0,
        first: null,
        last: null,
        gap: 0,
        visible: null,
        luma: null,
        looking: false,
        lookedAt: -Infinity,
        looksAgain: 0,
        pixels: null,
        pixelsAt: -Infinity,
        keptAt: -Infinity,
        closelyUntil: -Infinity,
        // Asynchronous functions, told of every frame.
        listeners: new Set(),
      };
      recordOf.set(element, record);
      visibility.watch(element);
      return record;
    },

    present,

    // Takes note that the element plays from now on: a frame that had come before is shown now. So is the first frame of
    // an element that plays by itself, which Chromium announces 5 to 15 ms before it begins to.
    play(record, time) {
      const { held } = record;
      if (held !== null) present(record, { ...held, presentationTime: Math.max(held.presentationTime, time) });
    },

    // Looks at a picture whose frames nobody announces: any moment may be that of a new one.
    poll(record) {
      const time = performance.now();
      if (isSeen(record)) look(record, time);
      if (record.listeners.size > 0) tell(record, { presentationTime: time });
    },
  };
}
