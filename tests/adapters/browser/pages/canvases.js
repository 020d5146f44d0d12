// Desktops that are drawn to canvases in each way that a client may choose: grey, with a block that wanders.
"use strict";

const SIZE = { width: 640, height: 360 };
const paint = (context, step) => {
  context.fillStyle = "rgb(120,120,120)";
  context.fillRect(0, 0, SIZE.width, SIZE.height);
  context.fillStyle = "#f0f0f0";
  context.fillRect((step * 13) % SIZE.width, 0, 60, 60);
  if (globalThis.menu) context.fillRect(menu.x, menu.y, 80, 100);
};

function makeSource() {
  const context = new OffscreenCanvas(SIZE.width, SIZE.height).getContext("2d", { willReadFrequently: true });
  return { context, canvas: context.canvas };
}

const ways = {
  drawImage(canvas) {
    const { context, canvas: source } = makeSource();
    const shown = canvas.getContext("2d");
    return (step) => {
      paint(context, step);
      shown.drawImage(source, 0, 0);
    };
  },
  putImageData(canvas) {
    const { context } = makeSource();
    const shown = canvas.getContext("2d");
    return (step) => {
      paint(context, step);
      shown.putImageData(context.getImageData(0, 0, SIZE.width, SIZE.height), 0, 0);
    };
  },
  bitmap(canvas) {
    const { context, canvas: source } = makeSource();
    const shown = canvas.getContext("bitmaprenderer");
    return (step) => {
      paint(context, step);
      shown.transferFromImageBitmap(source.transferToImageBitmap());
    };
  },
  webgl: (canvas) => drawTextures(canvas, "webgl"),
  webgl2: (canvas) => drawTextures(canvas, "webgl2"),
};

function drawTextures(canvas, kind) {
  const { context, canvas: source } = makeSource();
  const gl = canvas.getContext(kind);
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, "attribute vec2 at; varying vec2 on; void main() { on = at; gl_Position = vec4(at * 2. - 1., 0, 1); }"],
    [gl.FRAGMENT_SHADER, "precision lowp float; varying vec2 on; uniform sampler2D of; void main() { gl_FragColor = texture2D(of, on); }"],
  ]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.LINEAR);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
  return (step) => {
    paint(context, step);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, source);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  };
}

// Draws in one of the ways, in animation frames or at a rate of its own; returns a function that stops it.
function showCanvas(canvas, way, { framesPerSecond = null } = {}) {
  Object.assign(canvas, SIZE);
  const draw = ways[way](canvas);
  let step = 0;
  let going = true;
  const next = () => {
    if (!going) return;
    draw((step += 1));
    if (framesPerSecond === null) requestAnimationFrame(next);
    else setTimeout(next, 1000 / framesPerSecond);
  };
  next();
  return () => {
    going = false;
  };
}

// Opens a menu a while after each press, where it was; Escape closes it.
function openMenu(canvas, delay) {
  const open = ({ offsetX: x, offsetY: y }) => setTimeout(() => Object.assign(globalThis, { menu: { x, y } }), delay);
  canvas.addEventListener("pointerdown", open);
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  window.addEventListener("keydown", () => delete globalThis.menu);
}

// Hands the canvas to a worker that draws to it at a rate of its own.
function showWorkerCanvas(canvas, { framesPerSecond = 30 } = {}) {
  Object.assign(canvas, SIZE);
  const code = `const SIZE = ${JSON.stringify(SIZE)}; const paint = ${paint}; let step = 0;
    onmessage = ({ data }) => {
      const context = data.getContext("2d");
      setInterval(() => paint(context, (step += 1)), ${1000 / framesPerSecond});
    };`;
  const worker = new Worker(URL.createObjectURL(new Blob([code])));
  const offscreen = canvas.transferControlToOffscreen();
  worker.postMessage(offscreen, [offscreen]);
  return worker;
}
