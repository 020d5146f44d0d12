"""Desktops seen by Chromium, and how far its measurements are from the truth."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from playwright.async_api import Browser, Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from prober.lab.desktop import Behaviour, Codec, Credentials, DesktopHost
from prober.lab.desktop.behaviour import Input, Media, Picture

pytestmark = pytest.mark.browser

HARNESS = Path(__file__).with_name("harness.js")
MENU = "500, 210, 140, 120"
"""Left, top, width, height of what the context menu covers after a right click at 480, 200."""
ENCODER_NOISE = 10
"""Mean luma. On an unchanging picture VP8 was measured to move it by 3, between a coarse key frame
and its refinement; the menu moves it by more than 100."""
FLOWING = 5
"""Frames per second: so many flow even where the machine has little time for them."""
CLICKS = 33
ALLOWED_MS = 150
"""Between measurement and truth at the median. The project's acceptance is 50, which tests/e2e/test_truth.py holds the
prober to; here it is a bound that a busy machine keeps, too."""


async def watch(page: Page, url: str) -> None:
    """Open a desktop and wait for presented frames.

    A canvas gets nothing from a video at its first presented frame, so a few more are awaited.
    """
    await page.add_init_script(path=HARNESS)
    await page.goto(url)
    await page.wait_for_function("harness.frames.length > 3")


async def frames_in(page: Page, *, seconds: float) -> float:
    """Frames presented and decoded per second, whichever is lower, over a while."""
    script = """async (ms) => {
        const video = document.querySelector("video");
        const decoded = () => video.getVideoPlaybackQuality().totalVideoFrames;
        const started = performance.now();
        const before = [harness.frames.length, decoded()];
        await new Promise((resolve) => setTimeout(resolve, ms));
        const after = [harness.frames.length, decoded()];
        const elapsed = (performance.now() - started) / 1000;
        return Math.min(...after.map((count, i) => (count - before[i]) / elapsed));
    }"""
    return float(await page.evaluate(script, seconds * 1000))


async def right_click(page: Page) -> dict[str, float]:
    """Right-click, and wait for the menu's picture: Unix times of both, milliseconds."""
    await page.mouse.move(480, 200)
    change = await page.evaluate_handle(f"({{promise: harness.changeAfterPress({MENU})}})")
    await page.mouse.click(480, 200, button="right")
    times: dict[str, float] = await change.evaluate("(held) => held.promise")
    return times


@pytest.mark.parametrize("codec", list(Codec), ids=lambda codec: codec.name)
async def test_the_picture_plays_fast_enough(
    credentials: Credentials, page: Page, codec: Codec, tell: Callable[[str], None]
) -> None:
    """The video starts by itself, at full size, and more than 15 frames per second are seen."""
    async with DesktopHost(credentials=credentials, codec=codec) as host:
        host.open("session-1", "ann")
        await watch(page, host.url_of("ann"))
        rate = await frames_in(page, seconds=3)
        tell(f"{codec.name}: {rate:.1f} frames per second presented")
        size = "(({videoWidth, videoHeight}) => [videoWidth, videoHeight])"
        assert await page.evaluate(f"{size}(document.querySelector('video'))") == [960, 540]
        assert rate > 15


async def test_right_click_opens_the_menu_and_escape_closes_it(host: DesktopHost, page: Page) -> None:
    """Presented pixels change there and back."""
    host.open("session-1", "ann")
    await watch(page, host.url_of("ann"))
    before = await page.evaluate(f"harness.luma({MENU})")
    await right_click(page)
    await page.keyboard.press("Escape")
    await page.wait_for_function(f"Math.abs(harness.luma({MENU}) - {before}) < {ENCODER_NOISE}")
    kinds = [entry.kind for entry in host.truth("session-1").inputs]
    assert kinds[-2:] == ["keydown", "keyup"]
    assert "pointerdown" in kinds


async def test_positions_are_those_of_the_remote_picture(host: DesktopHost, page: Page) -> None:
    """In a window of another shape the page scales, and knows about the black bars."""
    await page.set_viewport_size({"width": 640, "height": 460})
    host.open("session-1", "ann")
    await watch(page, host.url_of("ann"))
    await page.mouse.click(320, 230, button="right")
    await page.wait_for_function("harness.luma(500, 280, 100, 100) > 150")
    details = [e.detail for e in host.truth("session-1").inputs if e.kind == "pointerdown"]
    assert details == ["button 2 at 480,270"]


async def test_black_frames_flow(host: DesktopHost, page: Page) -> None:
    """One after the other, as black as a browser can show."""
    host.open("session-1", "ann", Behaviour(picture=Picture.BLACK))
    await watch(page, host.url_of("ann"))
    assert await frames_in(page, seconds=1) > FLOWING
    assert await page.evaluate("harness.luma(0, 0, 960, 540)") < 2


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour(picture=Picture.FROZEN), Behaviour(input=Input.DEAD)],
    ids=["frozen", "dead"],
)
async def test_input_without_effect(host: DesktopHost, page: Page, behaviour: Behaviour) -> None:
    """Frames flow, the click arrives, and its place on the screen stays as it was."""
    host.open("session-1", "ann", behaviour)
    await watch(page, host.url_of("ann"))
    before = await page.evaluate(f"harness.luma({MENU})")
    await page.mouse.click(480, 200, button="right")
    assert await frames_in(page, seconds=1) > FLOWING
    assert abs(await page.evaluate(f"harness.luma({MENU})") - before) < ENCODER_NOISE
    inputs = host.truth("session-1").inputs
    assert [e.frame_sent for e in inputs if e.kind == "pointerdown"] == [None]


async def test_media_never_connects(host: DesktopHost, page: Page) -> None:
    """The browser's checks go unanswered: ICE stays in checking, and no frame comes."""
    host.open("session-1", "ann", Behaviour(media=Media.NEVER))
    await page.add_init_script(path=HARNESS)
    await page.add_init_script(
        """{
        const Real = RTCPeerConnection;
        window.RTCPeerConnection = function (...args) {
            return (window.connection = new Real(...args));
        };
        }"""
    )
    await page.goto(host.url_of("ann"))
    await page.wait_for_function("window.connection?.iceConnectionState === 'checking'")
    with pytest.raises(PlaywrightTimeoutError):
        await page.wait_for_function("connection.iceConnectionState === 'connected'", timeout=3000)
    assert await page.evaluate("harness.frames.length") == 0
    assert host.truth("session-1").peers[0].ice_connected is None


async def test_the_first_frame_is_seen_when_the_truth_says(
    host: DesktopHost, browser: Browser, credentials: Credentials, tell: Callable[[str], None]
) -> None:
    """From sending the first frame to presenting it: within the bound, at the median."""
    delays = []
    totals = []
    for number in range(7):
        context = await browser.new_context(
            http_credentials={"username": credentials.username, "password": credentials.password}
        )
        page = await context.new_page()
        host.open(f"session-{number}", "ann")
        await watch(page, host.url_of("ann"))
        first = await page.evaluate("harness.frames[0]")
        await host.close(f"session-{number}")
        await context.close()
        truth = host.truth(f"session-{number}")
        assert truth.first_frame_sent is not None
        assert truth.page_served is not None
        delays.append(first - (truth.first_frame_sent + truth.wall_offset) * 1000)
        totals.append((truth.first_frame_sent - truth.page_served) * 1000)
    tell(f"page served to first frame sent: {median(totals):.1f} ms at the median")
    tell(f"sent to presented: {median(delays):.1f} ms, {[round(delay) for delay in delays]}")
    assert abs(median(delays)) <= ALLOWED_MS


async def test_input_is_seen_when_the_truth_says(host: DesktopHost, page: Page, tell: Callable[[str], None]) -> None:
    """Pointer pressed to menu presented, against received to sent: within the bound, at the median of all clicks."""
    host.open("session-1", "ann")
    await watch(page, host.url_of("ann"))
    measured, truths = await measure_clicks(host, page)
    difference = median(seen - truth for seen, truth in zip(measured, truths, strict=True))
    tell(f"pressed to presented: {median(measured):.1f} ms, {[round(m) for m in measured]}")
    tell(f"received to sent: {median(truths):.1f} ms, {[round(truth) for truth in truths]}")
    tell(f"difference: {difference:.1f} ms at the median")
    assert abs(difference) <= ALLOWED_MS


async def measure_clicks(host: DesktopHost, page: Page) -> tuple[list[float], list[float]]:
    """Open and close the menu again and again: what the page saw, what the truth is; milliseconds."""
    before = await page.evaluate(f"harness.luma({MENU})")
    measured = []
    truths = []
    for _ in range(CLICKS):
        times = await right_click(page)
        measured.append(times["presented"] - times["pressed"])
        press = [e for e in host.truth("session-1").inputs if e.kind == "pointerdown"][-1]
        assert press.frame_sent is not None
        truths.append((press.frame_sent - press.received) * 1000)
        await page.keyboard.press("Escape")
        await page.wait_for_function(f"Math.abs(harness.luma({MENU}) - {before}) < {ENCODER_NOISE}")
    return measured, truths
