"""A few coarse frames of the window, made of what was sampled anyway."""

import io
import json
import zlib
from itertools import pairwise

import pytest
from PIL import Image

from prober.adapters.browser.collector import source
from prober.adapters.browser.film import HEIGHT, MOST_FRAMES, WIDTH, Still, strip_of
from prober.flow.ports import Desktop
from prober.flow.ports.desktop import ARTEFACT_BYTES
from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.site import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

TURNING = """<canvas id=c width=640 height=360></canvas><script>
  const drawn = new OffscreenCanvas(640, 360);
  const context = drawn.getContext("2d");
  let white = false;
  setInterval(() => {
    white = !white;
    context.fillStyle = white ? "#fff" : "#000";
    context.fillRect(0, 0, 320, 360);
    context.fillStyle = "#808080";
    context.fillRect(320, 0, 320, 360);
    c.getContext("2d").drawImage(drawn, 0, 0);
  }, 500);
</script>"""


def still(luma: int, *, at_s: float = 0.0) -> Still:
    """Returns a frame of one grey."""
    return Still(at_s=at_s, cells=bytes([luma]) * (WIDTH * HEIGHT))


def picture(content: bytes) -> Image.Image:
    """Reads a PNG, all of it."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


async def test_frames_stand_side_by_side() -> None:
    """Four in a row, then the next row; where there is none any more it is white."""
    image = picture(strip_of([still(luma) for luma in (0, 50, 100, 150, 200)]))
    assert (image.mode, image.size) == ("L", (4 * 256 + 3 * 2, 2 * 144 + 2))
    middles = [image.getpixel((128 + column * 258, 72 + row * 146)) for row in range(2) for column in range(4)]
    assert middles == [0, 50, 100, 150, 200, 255, 255, 255]


async def test_cells_are_where_they_were() -> None:
    """The first cell is the upper left one, the last the lower right one."""
    cells = bytes([0]) + bytes([100]) * (WIDTH * HEIGHT - 2) + bytes([200])
    image = picture(strip_of([Still(at_s=0.0, cells=cells)]))
    assert [image.getpixel(at) for at in ((0, 0), (3, 3), (4, 0), (255, 143))] == [0, 0, 100, 200]


async def test_no_strip_is_larger_than_an_artefact() -> None:
    """Noise, which nothing packs, stays far below the limit."""
    noise = b"".join(
        zlib.crc32(bytes([first, second])).to_bytes(4, "big") for first in range(96) for second in range(96)
    )
    strip = strip_of([Still(at_s=0.0, cells=noise[: WIDTH * HEIGHT])] * MOST_FRAMES)
    assert len(strip) < ARTEFACT_BYTES / 4


async def test_what_was_sampled_is_kept(open_page: OpenPage) -> None:
    """A picture a second, as long as samples are taken; it shows what the page showed then."""
    desktop = await open_page(TURNING)
    for _ in range(2):
        await wait_for_look(desktop)
    kept = {artefact.name: artefact for artefact in await desktop.artefacts()}
    times = json.loads(kept["browser.json"].content)["window_s"]
    assert len(times) == 2
    assert times[1] - times[0] > 0.9
    assert kept["window.png"].media_type == "image/png"
    image = picture(kept["window.png"].content)
    assert {image.getpixel((64 + 258 * frame, 72)) for frame in range(2)} <= {0, 255}
    assert {image.getpixel((192 + 258 * frame, 72)) for frame in range(2)} <= set(range(120, 137))


async def test_a_window_of_any_length_leaves_few(open_page: OpenPage) -> None:
    """A picture that was looked at a thousand times leaves sixteen at most, spread over all of them."""
    desktop = await open_page("")
    page = desktop._page  # type: ignore[attr-defined] # the test's own hand inside it
    script = f"""() => {{
        const film = ({source("film")})();
        for (let at = 0; at < 1000; at += 1) film.keep(new Float32Array([at / 4, -5, 300]), at);
        return film.read().map(({{ at, cells }}) => [at, atob(cells).length, atob(cells).charCodeAt(2)]);
    }}"""
    kept = await page.evaluate(script)
    times = [at for at, _, _ in kept]
    assert 8 <= len(kept) <= MOST_FRAMES
    assert times[0] == 0
    assert {after - before for before, after in pairwise(times)} == {64}
    assert {(length, last) for _, length, last in kept} == {(3, 255)}


async def test_nothing_sampled_is_no_picture(open_page: OpenPage) -> None:
    """Without a look there is no strip; looks of a page without a picture are none."""
    desktop = await open_page("no picture")
    await desktop.sample()
    names = [artefact.name for artefact in await desktop.artefacts()]
    assert "window.png" not in names


async def wait_for_look(desktop: Desktop) -> None:
    """Takes samples until one looked at the picture."""

    async def luma() -> float | None:
        return (await desktop.sample()).luma

    await eventually(luma, lambda luma: luma is not None)
