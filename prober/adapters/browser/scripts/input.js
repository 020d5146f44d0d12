// Watches a region of the picture for the reaction to an input.
//
// It is read on every presented frame while something is awaited, and not otherwise. Times are milliseconds.
({ picture, regions }) => {
  const TICK = 20;
  // The whole picture is compared with how it was this long before: what an input does, a menu or a window, appears
  // faster, while things that move by themselves get the less far the shorter it is.
  const PICTURE_SPAN = 250;
  // With more of the picture in motion than this, what is still is too little to show a reaction.
  const MOST_RESTLESS = 0.5;

  let armed = null;
  // Cells of the whole picture that change by themselves.
  let restless = new Set();

  function isStill(spot, cell) {
    return spot !== null || !restless.has(cell);
  }

  // The share of a region's cells that differ, those aside that do so by themselves.
  function difference(spot, before, after) {
    if (before === null || after === null) return 0;
    const changed = regions.changes(before, after).filter((cell) => isStill(spot, cell));
    return changed.length / before.length;
  }

  // Looks of the last `span` milliseconds, and the last one before.
  function makeHistory(span) {
    const looks = [];
    return {
      add(time, cells) {
        if (cells === null) return;
        looks.push({ time, cells });
        while (looks.length > 1 && looks[1].time <= time - span) looks.shift();
      },
      // The last look from before the span, or the oldest within it.
      reference: () => looks[0]?.cells ?? null,
    };
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

  function disarm({ record, listener, event, press }) {
    record.listeners.delete(listener);
    window.removeEventListener(event, press, { capture: true });
  }

  // Looks at the whole picture for a while; returns the largest share that changed within the span.
  async function watch(record, limit, onChange) {
    const history = makeHistory(PICTURE_SPAN);
    history.add(performance.now(), await regions.read(record, null));
    let noise = 0;
    return until({
      record,
      limit,
      async onFrame({ presentationTime }) {
        const cells = await regions.read(record, null);
        noise = Math.max(noise, difference(null, history.reference(), cells));
        onChange(regions.changes(history.reference(), cells));
        history.add(presentationTime, cells);
      },
      onTick: () => undefined,
      otherwise: () => noise,
    });
  }

  return {
    spots: regions.places,

    // Waits until the spot has not changed for `quiet` milliseconds; returns the share of cells that kept changing, 0
    // for a quiet spot.
    async rest({ spot, quiet, limit, share }) {
      const record = picture.main();
      if (record === null) return 0;
      let baseline = await regions.read(record, spot);
      let since = performance.now();
      let noise = 0;
      return until({
        record,
        limit,
        async onFrame() {
          const current = await regions.read(record, spot);
          const changed = difference(spot, baseline, current);
          if (changed < share) return;
          baseline = current;
          since = performance.now();
          noise = Math.max(noise, changed);
        },
        onTick: (now) => (now - since >= quiet ? 0 : undefined),
        otherwise: () => noise,
      });
    },

    // Learns which cells of the whole picture change by themselves, for `learn` milliseconds, or keeps what it knows
    // where that is 0; then returns the share that changes all the same within `limit` milliseconds.
    async study({ learn, limit }) {
      const record = picture.main();
      if (record === null) return null;
      if (learn > 0) {
        const found = new Set();
        restless = new Set();
        await watch(record, learn, (cells) => cells.forEach((cell) => found.add(cell)));
        restless = new Set([...found].flatMap(regions.around));
        const cells = await regions.read(record, null);
        if (cells === null) return null;
        if (restless.size > MOST_RESTLESS * cells.length) restless = new Set();
      }
      return watch(record, limit, () => {});
    },

    // Takes the region's present look, and the time of the input event before the page hears of it: of the first event
    // of this kind after `skip` others, which are a chord's modifiers.
    async arm({ spot, share, event, skip }) {
      // One that was given up is still armed.
      if (armed !== null) disarm(armed);
      const record = picture.main();
      if (record === null) return false;
      const before = await regions.read(record, spot);
      const attempt = { record, spot, share, event, before, pressedAt: null };
      const history = makeHistory(spot === null ? PICTURE_SPAN : Infinity);
      history.add(performance.now(), before);
      attempt.reaction = new Promise((resolve) => {
        attempt.listener = async (metadata) => {
          // A frame whose last packet was there before the press cannot be a reaction to it, whenever it is shown.
          const { presentationTime, expectedDisplayTime, receiveTime } = metadata;
          const cells = await regions.read(record, spot);
          const came = Math.min(presentationTime, receiveTime ?? presentationTime);
          const isLater = attempt.pressedAt !== null && came >= attempt.pressedAt;
          if (!isLater || difference(spot, history.reference(), cells) < share) {
            if (spot === null || !isLater) history.add(presentationTime, cells);
            return;
          }
          record.listeners.delete(attempt.listener);
          resolve((expectedDisplayTime ?? presentationTime) - attempt.pressedAt);
        };
      });
      record.listeners.add(attempt.listener);
      let left = skip;
      attempt.press = ({ isTrusted, repeat, timeStamp }) => {
        if (!isTrusted || repeat || attempt.pressedAt !== null) return;
        if (left === 0) attempt.pressedAt = timeStamp;
        left -= 1;
      };
      window.addEventListener(event, attempt.press, { capture: true });
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

    // Waits until the region looks as it did before the input.
    async restored({ limit }) {
      const attempt = armed;
      if (attempt === null) return false;
      const { record, spot, share, before } = attempt;
      const same = async () =>
        difference(spot, before, await regions.read(record, spot)) < share ? true : undefined;
      return (await same()) ?? until({ record, limit, onFrame: same, onTick: () => undefined, otherwise: () => false });
    },
  };
}
