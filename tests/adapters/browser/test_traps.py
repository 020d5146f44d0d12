"""What was measured on real desktops to deceive a prober."""

import pytest

from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.site import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_hidden_addresses_connect_all_the_same(open_page: OpenPage) -> None:
    """Chromium hides its addresses behind mDNS names, which are candidates like others, and the path is told."""
    body = """<video id=v width=640 height=360 muted autoplay></video>
      <script>showDesktop(v).then((shown) => { window.shown = shown; })</script>"""
    desktop = await open_page(body)
    seen = await eventually(desktop.connections, lambda seen: seen.connected())
    page = desktop._page  # type: ignore[attr-defined]  # only the page itself can tell
    sdp = await page.evaluate("shown.receiver.localDescription.sdp")
    assert ".local " in sdp
    peer = seen.media()
    assert peer is not None
    assert peer.local_candidates > 0
    path, _ = await eventually(desktop.describe_path, lambda told: told[0] is not None)
    assert path is not None
    assert path.local in {"host", "prflx"}


async def test_a_paused_video_decodes_and_input_there_is_a_miss(open_page: OpenPage) -> None:
    """Hundreds of frames may be decoded behind a video that nobody plays: no picture, and no reaction in it."""
    body = """<video id=v width=640 height=360></video>
      <script>showDesktop(v).then((shown) => openMenus(v, shown))</script>"""
    desktop = await open_page(body)
    seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_decoded or 0) > 30)
    assert seen.visible_s is None
    assert await desktop.try_input(timeout_s=0.5) is None
