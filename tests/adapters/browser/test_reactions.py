"""Reactions beside those to a click at the pointer: to keys, anywhere in the picture, on canvases, below overlays."""

import pytest

from prober.adapters.browser import WarmBrowser
from prober.domain.client import Client, Gesture, GestureKind, Region
from prober.domain.input import InputTry
from prober.flow.ports import Desktop
from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DELAY_S = 0.15
LATEST_S = 0.8
"""On a machine that is busy with other tests; alone it is a few hundredths above the delay."""

KEYBOARD = Client(
    name="keyboard",
    input=(Gesture(kind=GestureKind.KEY, text="Control+Alt+T"),),
    undo=(Gesture(kind=GestureKind.KEY, text="Escape"),),
    region=Region.PICTURE,
)
WINDOWS = """
  function openWindows(shown, {delay = 150, react = true} = {}) {
    window.addEventListener("keydown", ({key}) => {
      if (!react || (key !== "T" && key !== "Escape")) return;
      setTimeout(() => {
        shown.fillStyle = key === "T" ? "#f0f0f0" : "rgb(120,120,120)";
        shown.fillRect(400, 200, 160, 100);
      }, delay);
    });
  }
  function bounce(shown) {
    let step = 0;
    setInterval(() => {
      shown.fillStyle = "rgb(120,120,120)";
      shown.fillRect((step * 4) % 380, 60 + (step % 40), 40, 40);
      step += 1;
      shown.fillStyle = "#f04040";
      shown.fillRect((step * 4) % 380, 60 + (step % 40), 40, 40);
    }, 33);
  }"""


def desktop_of(options: str = "{}", *, more: str = "") -> str:
    """Returns the body of a desktop that opens a window on Control+Alt+T, far from the pointer."""
    return f"""<video id=v width=1280 height=720 muted autoplay></video>
      <script>{WINDOWS} showDesktop(v).then((shown) => {{ openWindows(shown, {options}); {more} }})</script>"""


async def _measured(desktop: Desktop, url: str, *, times: int, timeout_s: float = 2.0) -> list[InputTry]:
    assert await desktop.open(url) == 200
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    return [await desktop.try_input(timeout_s=timeout_s) for _ in range(times)]


@pytest.mark.parametrize("more", ["", "bounce(shown);"], ids=["still", "animated"])
async def test_a_key_s_effect_is_found_anywhere_in_the_picture(browser: WarmBrowser, site: Site, more: str) -> None:
    """A window that a chord opens is timed from the chord's last key, whatever else moves, again and again."""
    async with seat(browser, client=KEYBOARD) as desktop:
        latencies = await _measured(desktop, site.page(desktop_of(more=more)), times=2)
    for latency in latencies:
        assert isinstance(latency, float)
        assert DELAY_S < latency < LATEST_S


async def test_an_animated_desktop_that_ignores_keys_is_dead(browser: WarmBrowser, site: Site) -> None:
    """What moves by itself is no reaction."""
    async with seat(browser, client=KEYBOARD) as desktop:
        body = desktop_of("{react: false}", more="bounce(shown);")
        assert await _measured(desktop, site.page(body), times=2, timeout_s=1) == [None] * 2


async def test_a_canvas_that_rests_reacts_like_a_video(open_page: OpenPage) -> None:
    """A client that draws to a canvas, and draws nothing while nothing changes, is timed all the same."""
    body = """<canvas id=c width=1280 height=720></canvas>
      <script>{
        const source = Object.assign(document.createElement("canvas"), {width: 1280, height: 720}).getContext("2d");
        const target = c.getContext("2d");
        const paint = (style, ...box) => {
          source.fillStyle = style;
          source.fillRect(...box);
          target.drawImage(source.canvas, 0, 0);
        };
        let painted = 0;
        const timer = setInterval(() => {
          paint("rgb(120,120,120)", 0, 0, 1280, 720);
          if ((painted += 1) > 5) clearInterval(timer);
        }, 50);
        c.oncontextmenu = (event) => event.preventDefault();
        c.onpointerdown = ({offsetX: x, offsetY: y}) => setTimeout(paint, 150, "#f0f0f0", x, y, 160, 200);
        window.onkeydown = () => paint("rgb(120,120,120)", 0, 0, 1280, 720);
      }</script>"""
    desktop = await open_page(body)
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    for _ in range(2):
        latency = await desktop.try_input(timeout_s=2)
        assert isinstance(latency, float)
        assert DELAY_S - 0.02 < latency < LATEST_S


async def test_a_picture_below_an_input_element_in_a_shadow_root_reacts(open_page: OpenPage) -> None:
    """As with Selkies, what catches the input lies over the picture; a panel of the page's own is not clicked."""
    body = """<div id=host></div>
      <div onpointerdown="bad = 1" style="position: absolute; left: 900px; top: 300px; width: 300px; height: 300px">
      </div>
      <script>
        const root = host.attachShadow({mode: "closed"});
        root.innerHTML = `<div style="position: absolute; width: 1280px; height: 720px">
          <video width=1280 height=720 muted autoplay></video>
          <input type=search style="position: absolute; inset: 0; width: 1280px; height: 720px; opacity: 0"></div>`;
        const video = root.querySelector("video");
        showDesktop(video).then((shown) => openMenus(video, shown));
        root.querySelector("input").addEventListener("contextmenu", (event) => event.preventDefault());
        root.querySelector("input").addEventListener("pointerdown", ({clientX, clientY}) =>
          video.dispatchEvent(new PointerEvent("pointerdown", {clientX, clientY})));
      </script>"""
    desktop = await open_page(body)
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert await desktop.try_input(timeout_s=2) is not None
    page = desktop._page  # type: ignore[attr-defined]  # only the page itself can tell
    assert await page.evaluate("window.bad ?? null") is None
