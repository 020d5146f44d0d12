"""Each way of being broken or unusual, as Chromium itself reports it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from math import inf
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Frame, Page, async_playwright

from prober.lab.desktop import Behaviour, Credentials, DesktopHost, PeerTruth
from prober.lab.desktop.behaviour import Carrier, Offer, Place, Sound, Weather
from prober.lab.desktop.spell import Spell
from prober.lab.stream_faults import FLAPPING, SMALL

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SCRIPT = Path(__file__).with_name("peers.js")
SESSION = "session-1"
VIDEO = "statistics('inbound-rtp', {kind: 'video'})"
AUDIO = "statistics('inbound-rtp', {kind: 'audio'})"

STANDING = ("framesDecoded", "freezeCount")
"""What a browser counts no further while no frame comes."""

PATIENCE_S = 15
"""How long what has to come may take, in seconds, on a busy machine."""

Open = Callable[[Behaviour], Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium(executable: Path | None) -> AsyncIterator[Browser]:
    """One browser for all: each test has a context of its own."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hosting(credentials: Credentials) -> AsyncIterator[DesktopHost]:
    """One host for all."""
    async with DesktopHost(credentials=credentials) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def visit(chromium: Browser, hosting: DesktopHost, credentials: Credentials) -> AsyncIterator[Open]:
    """Opens a desktop, then its page."""
    context = await chromium.new_context(
        http_credentials={"username": credentials.username, "password": credentials.password},
        viewport={"width": 960, "height": 540},
    )
    await context.add_init_script(path=SCRIPT)

    async def open_page(behaviour: Behaviour) -> Page:
        hosting.open(SESSION, "ann", behaviour)
        page = await context.new_page()
        await page.goto(hosting.url_of("ann"))
        return page

    yield open_page
    await hosting.close(SESSION)
    await context.close()


def truth_of(hosting: DesktopHost) -> PeerTruth:
    """What really happened to the page's only connection with a picture."""
    (peer,) = hosting.truth(SESSION).peers
    return peer


async def decoded(page: Page | Frame, *, frames: int = 15) -> None:
    """Wait until so many frames are decoded."""
    await page.evaluate(f"until(async () => (await {VIDEO})?.framesDecoded >= {frames})")


async def menu_shows(page: Page | Frame, *, on: str = "document.querySelector('video')") -> None:
    """Wait until a picture is bright where the menu is after a right click at 480, 200."""
    await page.evaluate(f"until(() => menuArea({on}) > 150)")


async def eventually(check: Callable[[], bool]) -> None:
    """Wait until something is so in the truth, which announces nothing."""
    async with asyncio.timeout(PATIENCE_S):
        while not check():  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.02)  # as above


async def frames_in(hosting: DesktopHost, *, seconds: float) -> float:
    """Returns how many frames a second were sent over a while, by the truth."""
    before, since = truth_of(hosting).frames_sent, time.monotonic()
    await asyncio.sleep(seconds)  # the while that is measured
    return (truth_of(hosting).frames_sent - before) / (time.monotonic() - since)


async def test_signalling_without_an_offer(visit: Open, hosting: DesktopHost) -> None:
    """The page's socket is open, its peer connection waits."""
    page = await visit(Behaviour(offer=Offer.NONE))
    await page.wait_for_function("globalThis.peers?.length === 1")
    await eventually(lambda: truth_of(hosting).opened is not None)
    assert await frames_in(hosting, seconds=0.5) == 0
    assert await page.evaluate("peers[0].signalingState") == "stable"
    assert await page.evaluate("peers[0].remoteDescription") is None
    assert truth_of(hosting).offer is None


async def test_a_codec_that_nobody_decodes(visit: Open, hosting: DesktopHost) -> None:
    """The browser answers, and rejects the video; no track is ever fed."""
    page = await visit(Behaviour(offer=Offer.FOREIGN_CODEC))
    await page.wait_for_function("peers[0]?.localDescription")
    assert "m=video 0 " in await page.evaluate("peers[0].localDescription.sdp")
    assert await page.evaluate(VIDEO) is None
    assert truth_of(hosting).first_frame_sent is None


async def test_a_certificate_that_was_not_announced(visit: Open) -> None:
    """ICE connects, the handshake fails."""
    page = await visit(Behaviour(offer=Offer.FOREIGN_FINGERPRINT))
    await page.wait_for_function("peers[0]?.connectionState === 'failed'")
    assert await page.evaluate("iceStates") == ["checking", "connected"]
    assert (await page.evaluate("statistics('transport')"))["dtlsState"] == "failed"


async def test_a_flapping_network(visit: Open, hosting: DesktopHost) -> None:
    """ICE is disconnected within the first silence, and connected again after it; our side holds on."""
    page = await visit(Behaviour(weather=Weather(silence=FLAPPING)))
    await page.wait_for_function("iceStates.includes('disconnected')", timeout=15_000)
    await page.wait_for_function("iceStates.at(-1) === 'connected'", timeout=5_000)
    assert truth_of(hosting).closed is None


async def test_a_low_frame_rate_under_a_storm_of_input(visit: Open, hosting: DesktopHost) -> None:
    """However much the pointer moves, the limit holds."""
    page = await visit(Behaviour(frame_limit=5))
    await decoded(page, frames=2)
    before = await page.evaluate(VIDEO)
    for step in range(60):
        await page.mouse.move(300 + 5 * step, 200)
        await page.wait_for_timeout(50)  # the pace of a hand, no synchronisation
    after = await page.evaluate(VIDEO)
    seconds = (after["timestamp"] - before["timestamp"]) / 1000
    # At most the limit, a frame more or less at the window's ends; a busy machine may send fewer.
    assert 2 < after["framesDecoded"] - before["framesDecoded"] <= 5 * seconds + 1
    assert len(hosting.truth(SESSION).inputs) > 20


async def test_a_desktop_that_is_idle(visit: Open, hosting: DesktopHost) -> None:
    """There is a picture, then no frame, however long one waits, until the pointer moves; then one for each change."""
    page = await visit(Behaviour(idle=True))
    await decoded(page, frames=1)
    assert await frames_in(hosting, seconds=1) == 0
    before = await page.evaluate(VIDEO)
    for step in range(20):
        await page.mouse.move(300 + 5 * step, 200)
        await page.wait_for_timeout(50)  # the pace of a hand, no synchronisation
    await page.mouse.click(480, 200, button="right")
    await menu_shows(page)
    assert (await page.evaluate(VIDEO))["framesDecoded"] - before["framesDecoded"] > 5
    assert all(entry.frame_sent for entry in hosting.truth(SESSION).inputs if entry.kind == "pointerdown")
    assert await frames_in(hosting, seconds=0.5) == 0


@pytest.mark.parametrize("lasts_s", [1.5, float("inf")], ids=["for a while", "for good"])
async def test_a_standstill(visit: Open, hosting: DesktopHost, lasts_s: float) -> None:
    """No frame comes, the connection stays; the browser counts a freeze once a frame ends it, and never otherwise."""
    page = await visit(Behaviour(standstill=Spell(after_s=0.7, lasts_s=lasts_s)))
    await decoded(page, frames=10)
    if lasts_s < 10:
        await page.evaluate(f"until(async () => (await {VIDEO}).totalFreezesDuration > 1.2)")
    else:
        await eventually(lambda: time.monotonic() > (truth_of(hosting).first_frame_sent or inf) + 1.5)
        before = await page.evaluate(VIDEO)
        assert await frames_in(hosting, seconds=1) == 0
        after = await page.evaluate(VIDEO)
        assert [after[name] for name in STANDING] == [before[name] for name in STANDING]
    assert await page.evaluate("iceStates") == ["checking", "connected"]


async def test_losses_are_those_of_the_truth(visit: Open, hosting: DesktopHost) -> None:
    """The browser's `packetsLost` is what was lost on purpose, although it is all sent again; the picture goes on."""
    page = await visit(Behaviour(weather=Weather(loss_ratio=0.1)))
    await decoded(page, frames=90)
    video = await page.evaluate(VIDEO)
    truth = truth_of(hosting)
    assert truth.packets_lost > 0
    assert abs(video["packetsLost"] - truth.packets_lost) <= 3
    assert video["nackCount"] > 0
    first_time = video["packetsReceived"] - video["retransmittedPacketsReceived"]
    assert abs(first_time - (truth.packets_sent - truth.packets_lost)) <= 12


async def test_a_long_way(visit: Open) -> None:
    """The browser's own round-trip time is the delay."""
    page = await visit(Behaviour(weather=Weather(delay_s=0.35)))
    await decoded(page)
    pair = await page.evaluate(
        "statistics('transport').then((it) => statistics('candidate-pair', {id: it.selectedCandidatePairId}))"
    )
    # Never less than the delay; what a busy machine adds has no bound, but another delay on top would be a fault.
    assert 0.35 <= pair["currentRoundTripTime"] < 0.7


async def test_slow_input(visit: Open, hosting: DesktopHost) -> None:
    """The menu comes, after the time that it was told to take."""
    page = await visit(Behaviour(input_delay_s=0.45))
    await decoded(page)
    await page.mouse.click(480, 200, button="right")
    await menu_shows(page)
    (press,) = [entry for entry in hosting.truth(SESSION).inputs if entry.kind == "pointerdown"]
    assert press.frame_sent is not None
    assert press.frame_sent - press.received >= 0.45


async def test_a_second_peer_connection(visit: Open, hosting: DesktopHost) -> None:
    """Both connect; the truth is about the one with the picture."""
    page = await visit(Behaviour(second_connection=True))
    await page.wait_for_function("peers.length === 2 && peers.every((peer) => peer.connectionState === 'connected')")
    await decoded(page)
    assert truth_of(hosting).frames_sent > 10


async def test_a_picture_in_an_iframe(visit: Open, hosting: DesktopHost) -> None:
    """The page itself has no video; the one within plays, is served once, takes input."""
    page = await visit(Behaviour(place=Place.IFRAME))
    assert await page.locator("video").count() == 0
    inside = page.frames[1]
    await decoded(inside)
    await page.mouse.click(480, 200, button="right")
    await menu_shows(inside)
    assert len(hosting.truth(SESSION).pages_served) == 1


async def test_a_picture_in_a_shadow_root(visit: Open) -> None:
    """The document itself has no video; the one within plays at full size, takes input."""
    page = await visit(Behaviour(place=Place.SHADOW_ROOT))
    await decoded(page)
    find = "document.querySelector('div').shadowRoot.querySelector('video')"
    assert await page.evaluate("document.querySelector('video')") is None
    assert await page.evaluate(f"{find}.getBoundingClientRect().width") == 960
    await page.mouse.click(480, 200, button="right")
    await menu_shows(page, on=find)


async def test_a_picture_that_is_not_displayed(visit: Open) -> None:
    """It is decoded and played all the same."""
    page = await visit(Behaviour(place=Place.NOWHERE))
    await decoded(page)
    assert not await page.locator("video").is_visible()
    assert await page.evaluate("document.querySelector('video').paused") is False


async def test_a_page_that_waits_for_its_play_button(visit: Open) -> None:
    """Frames are decoded, and the video is paused until the button is clicked, which then goes."""
    page = await visit(Behaviour(autoplay=False))
    await decoded(page)
    playing = "(({paused, currentTime}) => !paused && currentTime > 0)(document.querySelector('video'))"
    assert not await page.evaluate(playing)
    await page.click("#playButton")
    await page.wait_for_function(playing)
    assert await page.locator("#playButton").count() == 0


@pytest.mark.parametrize("carrier", [Carrier.DATA_CHANNEL, Carrier.WEBSOCKET], ids=lambda carrier: carrier.value)
async def test_a_picture_on_a_canvas(visit: Open, hosting: DesktopHost, carrier: Carrier) -> None:
    """It moves, takes input, and no statistics know of a video."""
    page = await visit(Behaviour(carrier=carrier))
    await page.wait_for_function("document.querySelector('canvas')?.width === 960")
    await eventually(lambda: truth_of(hosting).frames_sent > 30)
    await page.mouse.click(480, 200, button="right")
    await menu_shows(page, on="document.querySelector('canvas')")
    assert await page.evaluate(VIDEO) is None
    assert await page.evaluate("peers.length") == (1 if carrier is Carrier.DATA_CHANNEL else 0)
    await hosting.close(SESSION)
    assert truth_of(hosting).closed is not None


async def test_a_small_picture(visit: Open) -> None:
    """It has the size that was asked for."""
    page = await visit(Behaviour(size=SMALL))
    await decoded(page)
    video = await page.evaluate(VIDEO)
    assert (video["frameWidth"], video["frameHeight"]) == SMALL


@pytest.mark.parametrize("second", [False, True], ids=["with the picture", "apart"])
@pytest.mark.parametrize("sound", [Sound.TONE, Sound.SILENCE], ids=lambda sound: sound.value)
async def test_what_there_is_to_hear(visit: Open, sound: Sound, *, second: bool) -> None:
    """Packets flow in either case; what the browser plays has energy only where there is a tone.

    It plays after a click, or without one where the driver's looking at the page has passed for a user's gesture.
    """
    page = await visit(Behaviour(sound=sound, second_connection=second))
    await page.evaluate(
        f"""until(async () => {{
            document.querySelector("#playButton")?.click();
            return (await {AUDIO})?.totalSamplesReceived > 48_000;
        }})"""
    )
    audio: dict[str, Any] = await page.evaluate(AUDIO)
    assert (audio["totalAudioEnergy"] > 0.001) is (sound is Sound.TONE)
