// Learns which canvases a picture is drawn to, and when.
//
// Only what brings in pixels counts, since charts and spinners are made of lines and fills. A canvas presents one frame
// in each animation frame before whose end it was drawn to. One that was handed to a worker presents frames that nobody
// hears of. WebGPU is not followed.
({ wraps, frames }) => {
  // Between two looks at a canvas that a worker draws to.
  const POLL_EVERY = 20;
  // Where no animation frames come, as in frames outside the viewport, what is drawn must not pile up.
  const MOST_DRAWN = 100;
  const BRINGS_PIXELS = {
    CanvasRenderingContext2D: ["drawImage", "putImageData"],
    ImageBitmapRenderingContext: ["transferFromImageBitmap"],
  };
  const WEBGL = ["WebGLRenderingContext", "WebGL2RenderingContext"];
  const WEBGL_TEXTURES = ["texImage2D", "texSubImage2D"];
  const WEBGL_DRAWS = ["drawArrays", "drawElements"];

  // Contexts that were drawn to since the last animation frame, and those whose frame was already counted in this one.
  const drawn = new Set();
  const presented = new Set();
  const frameEnd = new MessageChannel();
  let inFrame = false;
  let requested = false;

  function watchMethods(type, names, notice) {
    for (const name of names) wraps.wrapMethod(window[type]?.prototype, name, { notice });
  }

  function open(context) {
    const { canvas } = context;
    if (!(canvas instanceof HTMLCanvasElement) || frames.of(canvas)) return;
    // WebGL gives its buffer away with every frame, if it is not told otherwise.
    const fleeting = context.getContextAttributes?.().preserveDrawingBuffer === false;
    frames.open(canvas, { fleeting });
  }

  function present(context) {
    if (presented.has(context)) return;
    presented.add(context);
    const record = frames.of(context.canvas);
    if (record) frames.present(record, { presentationTime: performance.now(), presentedFrames: record.counter + 1 });
  }

  // Draws of animation callbacks that run after ours belong to the frame that is being made, all others to the next.
  function draw(context) {
    if (inFrame) present(context);
    else if (drawn.size < MOST_DRAWN) drawn.add(context);
    if (requested) return;
    requested = true;
    requestAnimation(onFrame);
  }

  const onFrame = wraps.guarded(() => {
    requested = false;
    inFrame = true;
    presented.clear();
    const contexts = [...drawn];
    drawn.clear();
    // Heard once the frame is made.
    frameEnd.port2.postMessage(null);
    contexts.forEach(present);
  });

  const requestAnimation = window.requestAnimationFrame.bind(window);
  frameEnd.port1.onmessage = () => {
    inFrame = false;
  };

  for (const [type, names] of Object.entries(BRINGS_PIXELS)) {
    watchMethods(type, names, (context) => {
      open(context);
      draw(context);
    });
  }
  for (const type of WEBGL) {
    watchMethods(type, WEBGL_TEXTURES, open);
    watchMethods(type, WEBGL_DRAWS, (context) => {
      if (frames.of(context.canvas)) draw(context);
    });
  }
  watchMethods("HTMLCanvasElement", ["transferControlToOffscreen"], (canvas) => {
    const weak = new WeakRef(frames.open(canvas, { counted: false }));
    const poll = wraps.guarded(() => {
      const record = weak.deref();
      if (record) frames.poll(record);
      else clearInterval(timer);
    });
    const timer = setInterval(poll, POLL_EVERY);
  });
}
