"""The browser's check of itself, in sound browsers and in some that lack a part."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from prober.adapters.browser import WarmBrowser
from prober.adapters.browser.selfcheck import check_page
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.domain.selfcheck import SelfCheck, SelfCheckStage
from tests.adapters.browser.family import browsers
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NO_API = "delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection"
NO_CODECS = "RTCRtpReceiver.getCapabilities = () => ({codecs: [{mimeType: 'video/rtx'}], headerExtensions: []})"
NO_OFFER = "RTCPeerConnection.prototype.createOffer = async () => { throw new Error('refused') }"
RELAY_ONLY = """const Real = RTCPeerConnection;
window.RTCPeerConnection = function () { return new Real({iceTransportPolicy: "relay"}) }"""
DEAF = "RTCPeerConnection.prototype.addIceCandidate = async () => {}"
UNDECODED = "RTCPeerConnection.prototype.getStats = async () => new Map()"
UNSEEN = "HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0"
BLACK = "Object.defineProperty(CanvasRenderingContext2D.prototype, 'fillStyle', {set() {}})"


async def _check(browser: WarmBrowser, script: str) -> SelfCheck:
    """Checks a page in which a part was taken away beforehand."""
    await browser.start()
    assert browser._current is not None
    context = await browser._current.browser.new_context()
    try:
        await context.add_init_script(script)
        page = await context.new_page()
        await page.goto("data:text/html,<body></body>")
        return await check_page(page)
    finally:
        await context.close()


@pytest.mark.parametrize(
    ("script", "stage"),
    [
        (NO_API, SelfCheckStage.API),
        (NO_CODECS, SelfCheckStage.CODECS),
        (NO_OFFER, SelfCheckStage.NEGOTIATION),
        (RELAY_ONLY, SelfCheckStage.CANDIDATES),
        (DEAF, SelfCheckStage.ICE),
        (UNDECODED, SelfCheckStage.DECODING),
        (UNSEEN, SelfCheckStage.RENDERING),
        (BLACK, SelfCheckStage.PICTURE),
        ("", SelfCheckStage.PASSED),
    ],
    ids=lambda value: value.value if isinstance(value, SelfCheckStage) else "",
)
async def test_a_part_that_lacks_is_named(browser: WarmBrowser, script: str, stage: SelfCheckStage) -> None:
    """The check ends where the part is needed, and in its own time."""
    check = await _check(browser, script)
    assert check.stage is stage, check
    assert check.took_s < 4.0
    assert check.passed == (script == "")


async def test_a_sound_browser_passes_and_closes_its_page(browser: WarmBrowser) -> None:
    """It lists its codecs, helpers left out, and no context is left."""
    check = await browser.self_check()
    assert check.passed, check
    assert "VP8" in check.codecs
    assert not {"rtx", "red", "ulpfec"} & set(check.codecs)
    assert browser._current is not None
    assert browser._current.browser.contexts == []


async def test_a_check_that_is_given_up_leaves_no_page(browser: WarmBrowser) -> None:
    """At whatever moment it is cancelled, its context is closed soon after."""
    await browser.start()
    generation = browser._current
    assert generation is not None
    for moment_s in (0.0, 0.01, 0.05, 0.1):
        task = asyncio.create_task(browser.self_check())
        await asyncio.wait({task}, timeout=moment_s)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def left() -> int:
        return len(generation.browser.contexts) + len(generation._calls._under_way) + generation.open

    await eventually(left, lambda number: number == 0)


async def test_a_browser_without_addresses_fails(executable: Path) -> None:
    """A flag that takes the network from WebRTC is found out in the real browser."""
    browser = WarmBrowser(
        executable=executable, arguments=("--force-webrtc-ip-handling-policy=disable_non_proxied_udp",)
    )
    try:
        assert (await browser.self_check()).stage is SelfCheckStage.CANDIDATES
    finally:
        await browser.stop()


async def test_a_dead_browser_is_not_replaced_before_it_is_checked(executable: Path) -> None:
    """What is asked is whether the browser that failed is sound, and a dead one is not."""
    browser = WarmBrowser(executable=executable)
    await browser.start()
    try:
        for process in await asyncio.to_thread(browsers):
            process.kill()
        with pytest.raises(ProberFailed) as caught:
            await browser.self_check()
        assert caught.value.fault.reason is Reason.BROWSER_CRASHED
    finally:
        await browser.stop()


async def test_a_missing_browser_is_said() -> None:
    """Without an executable the check fails as a desktop does."""
    browser = WarmBrowser(executable=None)
    with pytest.raises(ProberFailed) as caught:
        await browser.self_check()
    assert caught.value.fault.reason is Reason.BROWSER_MISSING
    await browser.stop()


async def test_a_desktop_is_checked_by_the_browser_that_shows_it(executable: Path, site: Site) -> None:
    """Another browser that newcomers get by now has no part in it: the one without addresses is asked, and fails."""
    browser = WarmBrowser(
        executable=executable,
        desktops_per_browser=1,
        arguments=("--force-webrtc-ip-handling-policy=disable_non_proxied_udp",),
    )
    try:
        async with seat(browser) as first:
            await first.open(site.page("<h1>desk</h1>"))
            browser._launch = replace(browser._launch, arguments=())
            async with seat(browser):
                assert (await browser.self_check()).passed
                assert (await first.self_check()).stage is SelfCheckStage.CANDIDATES
    finally:
        await browser.stop()


async def test_a_check_without_a_launch() -> None:
    """Where none runs, none is launched for it; that is said."""
    launches: list[str] = []
    browser = WarmBrowser(executable=None, on_launch=launches.append)
    with pytest.raises(ProberFailed, match="no browser runs") as caught:
        await browser.self_check(launch=False)
    assert (caught.value.fault.reason, launches) == (Reason.DRIVER_ERROR, [])
    await browser.stop()


async def test_a_check_waits_for_a_launch_under_way(executable: Path) -> None:
    """A browser that is about to come is the one that newcomers get."""
    browser = WarmBrowser(executable=executable)
    try:
        starting = asyncio.create_task(browser.start())
        await asyncio.sleep(0)
        assert (await browser.self_check(launch=False)).passed
        await starting
    finally:
        await browser.stop()
