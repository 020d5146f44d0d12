"""The contract of the ports Browser and Desktop, held by the real adapter and by the fake."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from prober.adapters.browser import WarmBrowser
from prober.domain.checks import Interruption
from prober.domain.client import Stimulus
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.flow.ports import Browser, Desktop
from tests.adapters.browser.family import browsers
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually
from tests.fakes.browser import HANG, FakeBrowser, FakeDesktop

pytestmark = pytest.mark.asyncio(loop_scope="module")

DESKTOP = """<video id=v width=1280 height=720 muted autoplay></video>
  <script>document.title = "desktop"; showDesktop(v).then((shown) => openMenus(v, shown))</script>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A browser with a desktop to open in it, and a way to let it crash."""

    browser: Browser
    url: str
    slow_url: str
    crash: Callable[[], Awaitable[None]]


@pytest.fixture
def fake_world(request: pytest.FixtureRequest) -> World:
    """The fake; its page hangs where a test speaks of a slow one."""
    fake = FakeBrowser(FakeDesktop(status=HANG) if "slow" in request.node.name else FakeDesktop())

    async def crash() -> None:
        fake.desktops[-1].crash()

    return World(browser=fake, url="http://desk.test/", slow_url="http://desk.test/", crash=crash)


@pytest.fixture
def real_world(browser: WarmBrowser, site: Site) -> World:
    """The real browser with a page on loopback."""

    async def crash() -> None:
        for process in await asyncio.to_thread(browsers):
            process.kill()

    return World(browser=browser, url=site.page(DESKTOP), slow_url=f"{site.origin}/slow", crash=crash)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.browser)])
def world(request: pytest.FixtureRequest) -> World:
    """One of both."""
    world: World = request.getfixturevalue(f"{request.param}_world")
    return world


@pytest_asyncio.fixture(loop_scope="module")
async def desktop(world: World) -> AsyncIterator[Desktop]:
    """An empty page of it."""
    async with seat(world.browser) as desktop:
        yield desktop


async def test_before_a_page_is_open_nothing_is_known(desktop: Desktop) -> None:
    """An empty page has no connections and no picture."""
    assert (await desktop.connections()).peers == ()
    assert (await desktop.first_frame()).visible_s is None


async def test_a_healthy_desktop_goes_through_every_stage(world: World, desktop: Desktop) -> None:
    """The page answers, connects, shows a picture, streams, and reacts."""
    assert await desktop.open(world.url) == 200
    timings = await desktop.load_timings()
    assert 0 < timings["first_byte"] <= timings["loaded"]
    await eventually(desktop.connections, lambda seen: seen.connected())
    picture = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert picture.videos == 1
    assert picture.paused is False
    first = await desktop.sample()
    await desktop.stimulate(Stimulus.POINTER)
    later = await eventually(desktop.sample, lambda seen: (seen.frames_rendered or 0) > (first.frames_rendered or 0))
    assert later.at_s > first.at_s
    path, codec = await desktop.describe_path()
    assert path is not None
    assert path.protocol == "udp"
    assert codec == "VP8"
    latency = await desktop.try_input(timeout_s=3)
    assert isinstance(latency, float)
    assert 0 < latency < 1


async def test_a_desktop_tells_what_it_is_and_looks_like(world: World, desktop: Desktop) -> None:
    """A client that takes every page recognises it, buttons that it has not are not clicked, a look has its cells."""
    await desktop.open(world.url)
    identity = await desktop.identity()
    assert identity.recognised
    assert identity.title == "desktop"
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.clicked == ()
    look = await desktop.look()
    assert look is not None
    assert len(look.cells) == look.columns * look.rows > 0
    assert all(0 <= luma <= 255 for luma in look.cells)


@pytest.mark.parametrize("stimulus", list(Stimulus), ids=str)
async def test_every_stimulus_is_over_in_a_moment(world: World, desktop: Desktop, stimulus: Stimulus) -> None:
    """Whatever keeps the desktop busy leaves time for the next sample, and can be done again."""
    await desktop.open(world.url)
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    async with asyncio.timeout(5):
        await desktop.stimulate(stimulus)
        await desktop.stimulate(stimulus)


@pytest.mark.parametrize("by", list(Interruption), ids=str)
async def test_a_desktop_comes_back_after_an_interruption(world: World, by: Interruption) -> None:
    """Loaded anew, or without its network for a while, the same desktop shows again."""
    async with seat(world.browser, outages=True) as desktop:
        assert await desktop.open(world.url) == 200
        await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
        begin = asyncio.get_running_loop().time()
        await desktop.interrupt(by, outage_s=0.6)
        if by is Interruption.NETWORK:
            assert asyncio.get_running_loop().time() - begin >= 0.6
        await eventually(desktop.connections, lambda seen: seen.connected())
        await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
        first = await desktop.sample()
        await eventually(desktop.sample, lambda seen: (seen.frames_rendered or 0) > (first.frames_rendered or 0))


async def test_an_outage_must_be_announced(world: World, desktop: Desktop) -> None:
    """A page that was not opened for it keeps its network, and to ask is our mistake."""
    await desktop.open(world.url)
    with pytest.raises(ProberFailed) as caught:
        await desktop.interrupt(Interruption.NETWORK, outage_s=0.1)
    assert caught.value.fault.reason is Reason.DRIVER_ERROR


async def test_of_no_page_nothing_is_kept(desktop: Desktop) -> None:
    """Before a page is open there is nothing to keep and nothing to take a picture of."""
    assert list(await desktop.artefacts()) == []
    with pytest.raises(ProberFailed):
        await desktop.snapshot("login")


async def test_what_the_browser_saw_is_kept(world: World, desktop: Desktop) -> None:
    """Pictures are there under their names, one for each, also when the page is closed, which is stated then."""
    await desktop.open(world.url)
    for name in ("login", "window-1", "login"):
        await desktop.snapshot(name, small=name != "login")
    artefacts = {artefact.name: artefact for artefact in await desktop.artefacts()}
    assert artefacts["login.jpeg"].content.startswith(b"\xff\xd8")
    assert artefacts["login.jpeg"].media_type == "image/jpeg"
    assert sorted(name for name in artefacts if name.endswith(".jpeg")) == ["login.jpeg", "window-1.jpeg"]
    assert json.loads(artefacts["browser.json"].content)["gaps"] == []
    await desktop.close()
    artefacts = {artefact.name: artefact for artefact in await desktop.artefacts()}
    assert "login.jpeg" in artefacts
    assert json.loads(artefacts["browser.json"].content)["gaps"]
    with pytest.raises(ProberFailed):
        await desktop.snapshot("last")


async def test_what_a_dead_browser_saw_is_kept(world: World) -> None:
    """A crash takes away only what nobody had read by then."""
    async with seat(world.browser) as desktop:
        await desktop.open(world.url)
        await desktop.snapshot("login")
        await world.crash()
        with pytest.raises(ProberFailed):
            await eventually(desktop.connections, lambda _: False)
        with pytest.raises(ProberFailed):
            await desktop.snapshot("last")
        artefacts = {artefact.name: artefact for artefact in await desktop.artefacts()}
        assert "login.jpeg" in artefacts
        assert json.loads(artefacts["browser.json"].content)["gaps"]


async def test_closing_twice_is_closing_once(world: World, desktop: Desktop) -> None:
    """A second close does nothing."""
    await desktop.open(world.url)
    await desktop.close()
    await desktop.close()


async def test_a_crash_is_ours_and_the_next_desktop_works(world: World) -> None:
    """A browser that dies is `browser_crashed`; leaving the block is no fault, and the next desktop is fine."""
    async with seat(world.browser) as desktop:
        await desktop.open(world.url)
        await world.crash()
        with pytest.raises(ProberFailed) as caught:
            await eventually(desktop.connections, lambda _: False)
        assert caught.value.fault.reason is Reason.BROWSER_CRASHED
    async with seat(world.browser) as desktop:
        assert await desktop.open(world.url) == 200


async def test_the_browser_checks_itself_beside_a_desktop(world: World, desktop: Desktop) -> None:
    """A sound browser passes its check, says what it decodes, and its desktop goes on."""
    assert await desktop.open(world.url) == 200
    check = await world.browser.self_check()
    assert check.passed
    assert "VP8" in check.codecs
    await eventually(desktop.connections, lambda seen: seen.connected())


async def test_a_desktop_has_its_own_browser_checked(world: World, desktop: Desktop) -> None:
    """A sound browser passes, and its desktop goes on."""
    assert await desktop.open(world.url) == 200
    check = await desktop.self_check()
    assert check.passed
    assert "VP8" in check.codecs
    await eventually(desktop.connections, lambda seen: seen.connected())


async def test_a_desktop_whose_browser_crashed_says_so(world: World, desktop: Desktop) -> None:
    """Its check finds that browser dead, whatever newcomers would get."""
    assert await desktop.open(world.url) == 200
    await world.crash()
    with pytest.raises(ProberFailed) as caught:
        await desktop.self_check()
    assert caught.value.fault.reason is Reason.BROWSER_CRASHED


async def test_a_slow_page_can_be_given_up(world: World, desktop: Desktop) -> None:
    """A navigation that never ends is cancelled by the caller's own deadline, and the page can still be closed."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await desktop.open(world.slow_url)
    await desktop.close()
