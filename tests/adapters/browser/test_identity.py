"""What page was loaded, and what its picture looks like."""

import pytest

from prober.adapters.browser import WarmBrowser
from prober.domain.client import CLIENTS, Client
from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CLIENT = Client(name="known", recognise="#desktop[data-client]")
MARKED = "<div id=desktop data-client=known></div>"


@pytest.mark.parametrize(
    ("client", "body", "recognised"),
    [
        (CLIENT, MARKED, True),
        (CLIENT, "<iframe srcdoc='<div id=desktop data-client=known></div>'></iframe>", True),
        (CLIENT, "<form>Log in</form>", False),
        (CLIENTS["generic"], "<form>Log in</form>", True),
    ],
    ids=["its mark", "its mark in a frame", "another page", "a client that takes every page"],
)
async def test_a_page_is_recognised_by_its_mark(
    browser: WarmBrowser, site: Site, client: Client, body: str, *, recognised: bool
) -> None:
    """The mark may be in any frame; a client without one takes every page."""
    async with seat(browser, client=client) as desktop:
        await desktop.open(site.page(body))
        assert (await eventually(desktop.identity, lambda seen: seen.recognised is recognised)).recognised is recognised


async def test_a_page_that_builds_itself_late_is_recognised_then(browser: WarmBrowser, site: Site) -> None:
    """Not recognised at first is not never."""
    body = f"<script>setTimeout(() => {{ document.body.innerHTML = `{MARKED}`; }}, 300)</script>"
    async with seat(browser, client=CLIENT) as desktop:
        await desktop.open(site.page(body))
        await eventually(desktop.identity, lambda seen: seen.recognised)


async def test_a_title_is_shortened(open_page: OpenPage) -> None:
    """A page may call itself what it likes; a report keeps a line of it."""
    desktop = await open_page("<script>document.title = 'My\\n desktop ' + 'x'.repeat(500)</script>")
    title = (await desktop.identity()).title
    assert title == "My desktop... (501 more characters)"


async def test_a_look_shows_where_the_picture_is_bright(open_page: OpenPage) -> None:
    """The cells are the picture's, row by row; a page without a picture has none."""
    body = """<video id=v width=1280 height=720 muted autoplay></video>
      <script>showDesktop(v, {animate: false}).then((shown) => setInterval(() => {
        shown.fillStyle = "#fff";
        shown.fillRect(0, 0, 320, 360);
      }, 50))</script>"""
    desktop = await open_page(body)
    await eventually(desktop.first_frame, lambda seen: (seen.luma or 0) > 150)
    look = await desktop.look()
    assert look is not None
    assert len(look.cells) == look.columns * look.rows
    first_row = look.cells[: look.columns]
    assert min(first_row[: look.columns // 2 - 1]) > 200
    assert max(first_row[look.columns // 2 + 1 :]) < 150
    bare = await open_page("<h1>Maintenance</h1>")
    assert await bare.look() is None
