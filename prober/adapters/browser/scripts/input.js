// Watches one spot of the picture for the reaction to an input.
//
// The spot is a square around the pointer. It is read on every presented frame while something is awaited, and not
// otherwise. Coordinates are CSS pixels of this frame's viewport, times are milliseconds.
({ picture, pixels }) => {
  const SPOT_SIZE = 96;
  const CELLS = { width: 24, height: 24 };
  // Luma levels by which a cell must differ to count as changed: a codec that refines a still picture moves cells by up
  // to 14 (measured with VP8), which once passed for a reaction of a desktop that was dead.
  const CHANGED_LEVELS = 25;
  const TICK = 20;
  // Shares of the picture's width and height: away from its edges, where panels and menus are, the middle last, where
  // windows are.
  const PLACES = [
    [0.8, 0.65],
    [0.2, 0.65],
    [0.8, 0.35],
    [0.2, 0.35],
    [0.5, 0.75],
    [0.35, 0.5],
    [0.65, 0.5],
    [0.5, 0.25],
    [0.5, 0.5],
  ];

  let armed = null;

  // Where the picture is inside its element: object-fit may leave bars, or cut.
  function pictureBox(element) {
    const box = element.getBoundingClientRect();
    const { videoWidth, videoHeight } = element;
    const fill = { x: box.width / videoWidth, y: box.height / videoHeight };
    const contain = Math.min(fill.x, fill.y);
    const cover = Math.max(fill.x, fill.y);
    const scales = { fill: null, contain, cover, none: 1, "scale-down": Math.min(1, contain) };
    const scale = scales[getComputedStyle(element).objectFit] ?? null;
    const scaleX = scale ?? fill.x;
    const scaleY = scale ?? fill.y;
    const width = videoWidth * scaleX;
    const height = videoHeight * scaleY;
    return {
      left: box.left + (box.width - width) / 2,
      top: box.top + (box.height - height) / 2,
      width,
      height,
      scaleX,
      scaleY,
    };
  }

  // The spot's cells in the present frame; a promise.
  function read(record, spot) {
    const { element } = record;
    const box = pictureBox(element);
    const width = Math.min(SPOT_SIZE / box.scaleX, element.videoWidth);
    const height = Math.min(SPOT_SIZE / box.scaleY, element.videoHeight);
    const x = clamp((spot.x - box.left) / box.scaleX - width / 2, element.videoWidth - width);
    const y = clamp((spot.y - box.top) / box.scaleY - height / 2, element.videoHeight - height);
    return pixels.lumas(element, CELLS, { x, y, width, height });
  }

  function clamp(value, most) {
    return Math.max(0, Math.min(value, most));
  }

  // The share of cells that differ.
  function difference(before, after) {
    if (before === null || after === null) return 0;
    let differing = 0;
    for (let cell = 0; cell < before.length; cell += 1) {
      if (Math.abs(before[cell] - after[cell]) >= CHANGED_LEVELS) differing += 1;
    }
    return differing / before.length;
  }

  // Resolves with what `decide` returns, asked on every frame and every tick until that is not undefined, or with
  // `otherwise` when the time is over.
  function until({ record, limit, onFrame, onTick, otherwise }) {
    return new Promise((resolve) => {
      const begin = performance.now();
      const finish = (value) => {
        record.listeners.delete(listener);
        clearInterval(timer);
        resolve(value);
      };
      const decide = async (act, argument) => {
        const value = await act(argument);
        if (value !== undefined) finish(value);
      };
      const listener = (metadata) => decide(onFrame, metadata);
      const timer = setInterval(() => {
        if (performance.now() - begin >= limit) finish(otherwise());
        else decide(onTick, performance.now());
      }, TICK);
      record.listeners.add(listener);
    });
  }

  function disarm({ record, listener, press }) {
    record.listeners.delete(listener);
    window.removeEventListener("pointerdown", press, { capture: true });
  }

  return {
    // Places worth trying, the best first, inside the picture and inside the viewport.
    spots() {
      const record = picture.main();
      if (record === null || record.element.videoWidth === 0) return [];
      const { left, top, width, height } = pictureBox(record.element);
      const places = PLACES.map(([x, y]) => ({ x: left + width * x, y: top + height * y }));
      return places.filter(({ x, y }) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
    },

    // Waits until the spot has not changed for `quiet` milliseconds; returns the share of cells that kept changing, 0
    // for a quiet spot.
    async rest({ spot, quiet, limit, share }) {
      const record = picture.main();
      if (record === null) return 0;
      let baseline = await read(record, spot);
      let since = performance.now();
      let noise = 0;
      return until({
        record,
        limit,
        async onFrame() {
          const current = await read(record, spot);
          const changed = difference(baseline, current);
          if (changed < share) return;
          baseline = current;
          since = performance.now();
          noise = Math.max(noise, changed);
        },
        onTick: (now) => (now - since >= quiet ? 0 : undefined),
        otherwise: () => noise,
      });
    },

    // Takes the spot's present look, and the time of the next pointerdown before the page hears of it.
    async arm({ spot, share }) {
      // One that was given up is still armed.
      if (armed !== null) disarm(armed);
      const record = picture.main();
      if (record === null) return false;
      const attempt = { record, spot, share, before: await read(record, spot), pressedAt: null };
      attempt.reaction = new Promise((resolve) => {
        attempt.listener = async (metadata) => {
          if (attempt.pressedAt === null || metadata.presentationTime < attempt.pressedAt) return;
          if (difference(attempt.before, await read(record, spot)) < share) return;
          record.listeners.delete(attempt.listener);
          resolve((metadata.expectedDisplayTime ?? metadata.presentationTime) - attempt.pressedAt);
        };
      });
      record.listeners.add(attempt.listener);
      attempt.press = ({ isTrusted, timeStamp }) => {
        if (isTrusted) attempt.pressedAt ??= timeStamp;
      };
      window.addEventListener("pointerdown", attempt.press, { capture: true });
      armed = attempt;
      return true;
    },

    // Returns the milliseconds from the input event to the display of the first changed frame, or null.
    async reaction({ limit }) {
      const attempt = armed;
      if (attempt === null) return null;
      let timer;
      const never = new Promise((resolve) => {
        timer = setTimeout(resolve, limit, null);
      });
      const latency = await Promise.race([attempt.reaction, never]);
      clearTimeout(timer);
      disarm(attempt);
      return latency;
    },

    // Waits until the spot looks as it did before the input.
    async restored({ limit }) {
      const attempt = armed;
      if (attempt === null) return false;
      const { record, spot, share, before } = attempt;
      const same = async () => (difference(before, await read(record, spot)) < share ? true : undefined);
      return (await same()) ?? until({ record, limit, onFrame: same, onTick: () => undefined, otherwise: () => false });
    },
  };
}
