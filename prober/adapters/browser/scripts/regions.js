// Looks at parts of the picture, and compares looks.
//
// A region is a square about a spot, where a pointer is, or the whole picture, where its spot is null. Spots are CSS
// pixels of this frame's viewport.
({ picture, pixels }) => {
  const SPOT_SIZE = 96;
  const SPOT_CELLS = { width: 24, height: 24 };
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
  // What covers less of the picture is a panel or a button of the page's own; what covers more is there to catch input.
  const CATCHING_SHARE = 0.5;

  // Where the picture is inside its element: object-fit may leave bars, or cut.
  function boxOf(element) {
    const box = element.getBoundingClientRect();
    const size = pixels.sizeOf(element);
    const fill = { x: box.width / size.width, y: box.height / size.height };
    const contain = Math.min(fill.x, fill.y);
    const cover = Math.max(fill.x, fill.y);
    const scales = { fill: null, contain, cover, none: 1, "scale-down": Math.min(1, contain) };
    const scale = scales[getComputedStyle(element).objectFit] ?? null;
    const scaleX = scale ?? fill.x;
    const scaleY = scale ?? fill.y;
    const width = size.width * scaleX;
    const height = size.height * scaleY;
    return {
      left: box.left + (box.width - width) / 2,
      top: box.top + (box.height - height) / 2,
      width,
      height,
      scaleX,
      scaleY,
    };
  }

  function clamp(value, most) {
    return Math.max(0, Math.min(value, most));
  }

  // What a click there would meet, as seen from the picture's own tree, which may be a closed shadow root.
  function topAt(element, { x, y }) {
    return element.getRootNode().elementFromPoint(x, y);
  }

  function reachesDesktop(element, place) {
    const top = topAt(element, place);
    if (top === null || top.contains(element)) return true;
    const box = element.getBoundingClientRect();
    const over = top.getBoundingClientRect();
    return over.width * over.height >= CATCHING_SHARE * box.width * box.height;
  }

  return {
    topAt,

    // Places worth a click, the best first, inside the picture and inside the viewport.
    places() {
      const element = picture.element();
      if (element === null || pixels.sizeOf(element).width === 0) return [];
      const { left, top, width, height } = boxOf(element);
      const all = PLACES.map(([x, y]) => ({ x: left + width * x, y: top + height * y }));
      const inside = all.filter(({ x, y }) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
      const reaching = inside.filter((place) => reachesDesktop(element, place));
      return reaching.length > 0 ? reaching : inside;
    },

    // The region's cells in the present frame; a promise of null where they cannot be read.
    read({ element }, spot) {
      if (spot === null) return pixels.lumas(element, pixels.PICTURE);
      const box = boxOf(element);
      const size = pixels.sizeOf(element);
      const width = Math.min(SPOT_SIZE / box.scaleX, size.width);
      const height = Math.min(SPOT_SIZE / box.scaleY, size.height);
      const x = clamp((spot.x - box.left) / box.scaleX - width / 2, size.width - width);
      const y = clamp((spot.y - box.top) / box.scaleY - height / 2, size.height - height);
      return pixels.lumas(element, SPOT_CELLS, { x, y, width, height });
    },

    // The cells that differ, by their numbers.
    changes(before, after) {
      const found = [];
      if (before === null || after === null) return found;
      for (let cell = 0; cell < before.length; cell += 1) {
        if (pixels.differs(after[cell], before[cell])) found.push(cell);
      }
      return found;
    },

    // A cell of the whole picture with those around it.
    around(cell) {
      const { width, height } = pixels.PICTURE;
      const [column, row] = [cell % width, Math.floor(cell / width)];
      const found = [];
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y += 1) {
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x += 1) found.push(y * width + x);
      }
      return found;
    },
  };
}
