// Reads the brightness of the present frame of a video element or a canvas.
//
// A frame that is kept as planes (decoders in software and most in hardware) is copied as it is: its first plane is its
// luma, and copying a part costs a fiftieth of drawing it. For other frames, and on pages without VideoFrame, the
// picture is drawn and its luma computed by Rec. 709. On grey both agree; on colours they differ by a few levels, which
// decides nothing here. Canvases are always drawn.
() => {
  // Cells of a sample of the whole picture.
  const PICTURE = { width: 64, height: 36 };
  const PLANAR = /^(I4\d\d|NV12)/;
  // Limited range: codecs keep black at 16 and white at 235.
  const LIMITED = { black: 16, white: 235 };
  const FULL = { black: 0, white: 255 };
  // Luma levels by which a cell must differ to count as changed: a codec that refines a still picture moves a cell by
  // up to 14 (measured with VP8), which once passed for a reaction of a desktop that was dead; whatever moves on a
  // desktop moves it by about 100.
  const CHANGED_LEVELS = 25;
  // Pixels looked at per cell and direction: enough for a mean.
  const STEPS = 4;

  // Our own drawing is none of the page's.
  const { drawImage } = CanvasRenderingContext2D.prototype;
  const contexts = new Map();
  const copies = new WeakMap();

  function contextOf({ width, height }) {
    const key = `${width}x${height}`;
    if (!contexts.has(key)) {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      contexts.set(key, canvas.getContext("2d", { willReadFrequently: true }));
    }
    return contexts.get(key);
  }

  function even(value) {
    return 2 * Math.floor(value / 2);
  }

  // Planes with halved colours can only be cut at even places.
  function evenly({ x, y, width, height }) {
    return { x: even(x), y: even(y), width: Math.max(2, even(width)), height: Math.max(2, even(height)) };
  }

  async function copied(frame, size, part) {
    const visible = frame.visibleRect;
    const rect = evenly({ ...part, x: part.x + visible.x, y: part.y + visible.y });
    const bytes = new Uint8Array(frame.allocationSize({ rect }));
    const [{ offset, stride }] = await frame.copyTo(bytes, { rect });
    const { black, white } = frame.colorSpace?.fullRange ? FULL : LIMITED;
    return cellsOf(size, (column, row) => {
      let sum = 0;
      for (let step = 0; step < STEPS * STEPS; step += 1) {
        const x = Math.floor(((column + ((step % STEPS) + 0.5) / STEPS) * rect.width) / size.width);
        const y = Math.floor(((row + (Math.floor(step / STEPS) + 0.5) / STEPS) * rect.height) / size.height);
        sum += bytes[offset + y * stride + x];
      }
      return ((sum / (STEPS * STEPS) - black) * 255) / (white - black);
    });
  }

  function drawn(source, size, { x, y, width, height }) {
    const context = contextOf(size);
    context.clearRect(0, 0, size.width, size.height);
    Reflect.apply(drawImage, context, [source, x, y, width, height, 0, 0, size.width, size.height]);
    const { data } = context.getImageData(0, 0, size.width, size.height);
    // Wholly transparent: nothing was drawn.
    if (!data.some((value, index) => index % 4 === 3 && value > 0)) return null;
    return cellsOf(size, (column, row) => {
      const red = (row * size.width + column) * 4;
      return 0.2126 * data[red] + 0.7152 * data[red + 1] + 0.0722 * data[red + 2];
    });
  }

  function cellsOf({ width, height }, lumaOf) {
    return Float32Array.from({ length: width * height }, (_, cell) => lumaOf(cell % width, Math.floor(cell / width)));
  }

  // Refused while the first frame is announced and cannot be had yet: an element would be drawn black then.
  async function lumasOfVideo(element, size, area) {
    if (typeof VideoFrame !== "function") return drawn(element, size, area);
    const frame = new VideoFrame(element);
    try {
      return PLANAR.test(frame.format ?? "") ? await copied(frame, size, area) : drawn(frame, size, area);
    } finally {
      frame.close();
    }
  }

  function sizeOf({ videoWidth, videoHeight, width, height }) {
    return videoWidth === undefined ? { width, height } : { width: videoWidth, height: videoHeight };
  }

  return {
    PICTURE,

    // The picture's own size in pixels, 0 times 0 while there is none.
    sizeOf,

    // Copies a canvas that can be read now and not later; what is read of it from then on is the latest copy.
    keep(canvas) {
      const { width, height } = canvas;
      let copy = copies.get(canvas);
      if (copy?.canvas.width !== width || copy.canvas.height !== height) {
        copy = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
        copies.set(canvas, copy);
      }
      copy.clearRect(0, 0, width, height);
      Reflect.apply(drawImage, copy, [canvas, 0, 0]);
    },

    // Whether a cell is another one than before, by its luma.
    differs: (luma, before) => Math.abs(luma - before) >= CHANGED_LEVELS,

    mean: (cells) => cells.reduce((sum, cell) => sum + cell, 0) / cells.length,

    // Luma, 0 to 255, of `size.width` times `size.height` cells of a part of the frame that is shown while this is
    // called; null where there is none, or none that may be read. Never rejects.
    async lumas(element, size, part = null) {
      const { width, height } = sizeOf(element);
      if (width === 0 || height === 0) return null;
      const area = part ?? { x: 0, y: 0, width, height };
      try {
        if (element.localName === "video") return await lumasOfVideo(element, size, area);
        return drawn(copies.get(element)?.canvas ?? element, size, area);
      } catch {
        // What another origin's picture was drawn to can be read no more.
        contexts.clear();
        return null;
      }
    },
  };
}
