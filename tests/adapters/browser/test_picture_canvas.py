"""Pictures that a page draws itself, on a canvas."""

import asyncio

import pytest

from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.site import Site, evaluate, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

UNNOTICED = """<canvas id=c width=640 height=360></canvas><script>
  const context = c.getContext("2d");
  const methods = [context.drawImage, context.putImageData, c.attachShadow, c.transferControlToOffscreen];
  const fails = (act, kind) => { try { act(); } catch (error) { return error instanceof kind; } };
  const facts = {
    native: methods.every((method) => String(method).includes("[native code]")),
    named: methods.map(({ name }) => name).join() === "drawImage,putImageData,attachShadow,transferControlToOffscreen",
    own: !Object.hasOwn(context, "drawImage"),
    refused: fails(() => context.drawImage(), TypeError) && fails(() => c.transferControlToOffscreen(), DOMException),
    frames: performance.getEntriesByType("mark").length === 0,
  };
  document.title = Object.entries(facts).filter(([, right]) => !right).map(([name]) => name).join() || "nothing";
</script>"""


@pytest.mark.parametrize("way", ["drawImage", "putImageData", "bitmap", "webgl", "webgl2"])
async def test_what_is_drawn_is_a_picture(open_page: OpenPage, way: str) -> None:
    """Frames are counted as they are drawn, pixels are read, and change is seen, whichever way the client draws."""
    desktop = await open_page(
        f"<canvas id=c></canvas><script>window.stop = showCanvas(c, '{way}', {{framesPerSecond: 25}})</script>"
    )
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert (seen.canvas, seen.canvases, seen.videos, seen.hidden, seen.paused) == (True, 1, 0, False, None)
    assert seen.rendered_s is not None
    assert seen.luma == pytest.approx(122, abs=4)
    first = await desktop.sample()
    later = await eventually(desktop.sample, lambda sample: sample.changed is True)
    assert (later.width, later.height) == (640, 360)
    assert later.frames_rendered is not None
    assert first.frames_rendered is not None
    rate = (later.frames_rendered - first.frames_rendered) / (later.at_s - first.at_s)
    assert 5 < rate < 27
    await evaluate(desktop, "window.stop()")
    still = await eventually(desktop.sample, lambda sample: (sample.last_frame_age_s or 0) > 0.3)
    assert still.longest_gap_s is not None
    assert still.longest_gap_s > 0.3


@pytest.mark.parametrize("way", ["drawImage", "webgl"])
async def test_input_is_timed_on_a_canvas(open_page: OpenPage, way: str) -> None:
    """The frames that are drawn tell when the reaction was shown, as those of a video do."""
    script = f"showCanvas(c, '{way}', {{framesPerSecond: 30}}); openMenu(c, 150)"
    desktop = await open_page(f"<canvas id=c></canvas><script>{script}</script>")
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    latency = await desktop.try_input(timeout_s=3)
    assert isinstance(latency, float)
    assert 0.15 < latency < 1


async def test_draws_of_one_animation_frame_are_one_frame(open_page: OpenPage) -> None:
    """A client that draws in stripes shows as many frames as the screen does."""
    body = """<canvas id=c></canvas><script>
      const source = new OffscreenCanvas(640, 40);
      const grey = source.getContext("2d");
      grey.fillStyle = "#888";
      grey.fillRect(0, 0, 640, 40);
      Object.assign(c, SIZE);
      const shown = c.getContext("2d");
      let count = 0;
      const next = () => {
        for (let stripe = 0; stripe < 9; stripe += 1) shown.drawImage(source, 0, 40 * stripe);
        if ((count += 1) < 60) requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    </script>"""
    desktop = await open_page(body)
    await eventually(desktop.sample, lambda sample: (sample.last_frame_age_s or 0) > 0.3)
    assert (await desktop.sample()).frames_rendered == pytest.approx(60, abs=2)


async def test_a_canvas_that_a_worker_draws_to_is_looked_at(open_page: OpenPage) -> None:
    """Its frames cannot be counted and stay absent; its pixels tell that it shows something, and that it changes."""
    desktop = await open_page("<canvas id=c></canvas><script>showWorkerCanvas(c)</script>")
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert (seen.canvas, seen.hidden, seen.frames_rendered) == (True, False, None)
    sample = await eventually(desktop.sample, lambda sample: sample.changed is True)
    assert (sample.width, sample.height) == (640, 360)
    assert (sample.frames_rendered, sample.last_frame_age_s, sample.longest_gap_s) == (None, None, None)
    assert sample.luma == pytest.approx(122, abs=4)


@pytest.mark.parametrize(
    "body",
    [
        "<canvas width=640 height=360></canvas>",
        "<canvas id=c style='width: 120px; height: 60px'></canvas><script>showCanvas(c, 'drawImage')</script>",
        "<canvas id=c width=640 height=360></canvas><script>c.getContext('2d').fillRect(0, 0, 640, 360)</script>",
        "<script>showCanvas(document.createElement('canvas'), 'drawImage')</script>",
    ],
    ids=["untouched", "tiny", "of fills alone", "outside the page"],
)
async def test_not_every_canvas_is_a_desktop(open_page: OpenPage, body: str) -> None:
    """Spinners, charts, cursors and buffers are none."""
    desktop = await open_page(body)
    await asyncio.sleep(0.3)  # a window in which nothing may happen, no synchronisation
    seen = await desktop.first_frame()
    assert (seen.canvas, seen.rendered_s, seen.visible_s) == (False, None, None)
    assert (await desktop.sample()).frames_rendered is None


@pytest.mark.parametrize(
    ("canvas", "video", "expected"),
    [((640, 360), (640, 360), 320), ((800, 450), (320, 180), 640), ((640, 360), None, 640)],
    ids=["of one size", "a larger canvas", "a video without a source"],
)
async def test_the_larger_one_is_the_picture_a_video_in_doubt(
    open_page: OpenPage, canvas: tuple[int, int], video: tuple[int, int] | None, expected: int
) -> None:
    """A canvas that is laid over the video is an aid of the client's; one beside a small or an empty video is not."""
    width, height = video or canvas
    source = "showDesktop(v, {size: [320, 180]})" if video else ""
    body = f"""<canvas id=c style="width: {canvas[0]}px; height: {canvas[1]}px; position: absolute"></canvas>
      <video id=v width={width} height={height} muted autoplay></video>
      <script>showCanvas(c, "drawImage"); {source}</script>"""
    desktop = await open_page(body)
    sample = await eventually(
        desktop.sample, lambda sample: sample.width == expected and (sample.frames_rendered or 0) > 3
    )
    assert sample.paused is (None if expected == 640 else False)


async def test_a_canvas_that_nobody_can_see_is_hidden(open_page: OpenPage) -> None:
    """What is drawn to it is not rendered; once it is shown it is."""
    body = "<canvas id=c style='visibility: hidden'></canvas><script>showCanvas(c, 'drawImage')</script>"
    desktop = await open_page(body)
    seen = await eventually(desktop.first_frame, lambda seen: seen.canvases == 1)
    assert (seen.canvas, seen.hidden, seen.frames_rendered, seen.visible_s) == (True, True, 0, None)
    await evaluate(desktop, "c.style.visibility = 'visible'")
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.hidden is False


async def test_pixels_that_may_not_be_read_are_unknown(stranger: Site, open_page: OpenPage) -> None:
    """A canvas with another origin's picture on it counts its frames, and the next picture can be read again."""
    body = f"""<canvas id=c></canvas><canvas id=d style="display: none"></canvas>
      <img id=strange src="{stranger.origin}/grey.svg"><script>
        Object.assign(c, SIZE);
        onload = () => setInterval(() => c.getContext("2d").drawImage(strange, 0, 0), 40);
      </script>"""
    desktop = await open_page(body)
    seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_rendered or 0) > 3)
    assert seen.rendered_s is not None
    assert (seen.luma, seen.visible_s) == (None, None)
    assert (await desktop.sample()).luma is None
    await evaluate(desktop, "c.remove(); d.style.display = 'block'; showCanvas(d, 'drawImage')")
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.luma == pytest.approx(122, abs=4)


async def test_no_page_notices_that_its_drawing_is_watched(open_page: OpenPage) -> None:
    """Methods look native, and their errors are the page's own."""
    desktop = await open_page(UNNOTICED)
    assert await evaluate(desktop, "document.title") == "nothing"
