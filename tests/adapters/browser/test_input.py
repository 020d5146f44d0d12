"""Input that is timed by what it changes in the picture."""

import time

import pytest

from prober.domain.client import Stimulus
from prober.domain.input import RESTLESS
from prober.flow.ports import Desktop
from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def reacting(options: str = "{}", *, style: str = "", shown: str = "{}", more: str = "") -> str:
    """Returns the body of a desktop that reacts to right clicks."""
    return f"""<video id=v width=1280 height=720 muted autoplay style="{style}"></video>
      <script>showDesktop(v, {shown}).then((shown) => {{ openMenus(v, shown, {options}); {more} }})</script>"""


async def latency_of(desktop: Desktop) -> float:
    """Tries an input that is seen."""
    latency = await desktop.try_input(timeout_s=3)
    assert isinstance(latency, float)
    return latency


async def test_the_latency_is_from_the_click_to_the_changed_frame(open_page: OpenPage) -> None:
    """A desktop that reacts 200 ms after the click is measured at a little more than that, if nothing holds it up.

    On a busy machine single ones are late, and truly so; none is ever early.
    """
    desktop = await open_page(reacting("{delay: 200}"))
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    latencies = [await latency_of(desktop) for _ in range(3)]
    assert min(latencies) > 0.2
    assert min(latencies) < 0.5


async def test_a_repetition_finds_the_spot_restored(open_page: OpenPage) -> None:
    """After each input the undo key has closed the menu, and later repetitions need no search."""
    desktop = await open_page(reacting())
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert await desktop.try_input(timeout_s=3) is not None
    place = desktop._acting().reactions._watched  # type: ignore[attr-defined]  # nothing else tells of a search
    assert await desktop.try_input(timeout_s=3) is not None
    assert desktop._acting().reactions._watched is place  # type: ignore[attr-defined]  # as above


async def test_a_dead_desktop_is_a_miss_within_the_time(open_page: OpenPage) -> None:
    """Where nothing changes the answer is nothing, in time; the next try is at another spot."""
    desktop = await open_page(reacting("{draw() {}}"))
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    begin = time.monotonic()
    assert await desktop.try_input(timeout_s=0.5) is None
    assert time.monotonic() - begin > 0.5


async def test_a_spot_that_ignores_clicks_is_left(open_page: OpenPage) -> None:
    """A window that shows no menu costs one miss, then another place of the desktop is tried."""
    only_left = "{draw(context, x, y) { if (x < 320) drawMenu(context, x, y); }}"
    desktop = await open_page(reacting(only_left))
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert await desktop.try_input(timeout_s=0.5) is None
    assert await desktop.try_input(timeout_s=3) is not None


async def test_a_busy_part_of_the_picture_is_avoided(open_page: OpenPage) -> None:
    """Something animated on the right half is no reaction: the quiet half is used."""
    busy = """setInterval(() => {
      shown.fillStyle = `hsl(${Math.random() * 360} 90% 50%)`; shown.fillRect(330, 0, 310, 360);
    }, 50);"""
    desktop = await open_page(reacting("{delay: 250}", more=busy))
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    latencies = [await latency_of(desktop) for _ in range(2)]
    assert min(latencies) > 0.25
    assert min(latencies) < 0.6


async def test_a_picture_that_moves_everywhere_cannot_be_measured(open_page: OpenPage) -> None:
    """Under a full-screen film no reaction could be told: that is said, instead of calling a sound desktop dead."""
    film = """setInterval(() => {
      for (let x = 0; x < 640; x += 20) for (let y = 0; y < 360; y += 20) {
        const level = Math.floor(Math.random() * 256);
        shown.fillStyle = `rgb(${level},${level},${level})`; shown.fillRect(x, y, 20, 20);
      }
    }, 100);"""
    desktop = await open_page(reacting(more=film))
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert await desktop.try_input(timeout_s=1) is RESTLESS
    assert await desktop.try_input(timeout_s=1) is RESTLESS


@pytest.mark.parametrize(
    "style",
    ["width: 800px; height: 700px; object-fit: contain", "width: 700px; height: 300px; object-fit: fill"],
    ids=["contain", "fill"],
)
async def test_a_scaled_picture_is_hit_where_it_is(open_page: OpenPage, style: str) -> None:
    """With bars around the picture, or squeezed, the spot that is watched is the one under the pointer."""
    desktop = await open_page(reacting("{delay: 100}", style=style))
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert await desktop.try_input(timeout_s=3) is not None


async def test_a_picture_in_an_iframe_is_hit_where_it_is(site: Site, open_page: OpenPage) -> None:
    """The pointer's place in the page and the picture's place in its frame are brought together."""
    inner = site.page(reacting("{delay: 100}", style="width: 640px; height: 360px"))
    body = f"<iframe src={inner} width=700 height=400 style='margin: 150px 0 0 300px'></iframe>"
    desktop = await open_page(body)
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert await desktop.try_input(timeout_s=3) is not None


async def test_without_a_picture_there_is_nothing_to_try(open_page: OpenPage) -> None:
    """A page without a video is a miss at once."""
    desktop = await open_page("<h1>Maintenance</h1>")
    assert await desktop.try_input(timeout_s=3) is None


async def test_the_stimulus_moves_the_pointer_over_the_picture(open_page: OpenPage) -> None:
    """Several pointer movements reach the page, near the picture's middle, quickly."""
    body = reacting(more="v.onpointermove = ({x, y}) => (window.moves ??= []).push([x, y]);")
    desktop = await open_page(body)
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    page = desktop._page  # type: ignore[attr-defined]  # only the page itself can tell

    async def moved() -> list[tuple[float, float]]:
        # A browser that has no time for a frame tells its page of the latest of several movements only.
        await desktop.stimulate(Stimulus.POINTER)
        found: list[tuple[float, float]] = await page.evaluate("window.moves ?? []")
        return found

    moves = await eventually(moved, lambda moves: len(moves) >= 4)
    assert all(abs(x - 640) < 100 and abs(y - 360) < 100 for x, y in moves)
