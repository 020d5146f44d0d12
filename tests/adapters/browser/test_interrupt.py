"""A connection that is broken on purpose: the page loaded anew, and its network gone for a while."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from prober.adapters.browser import WarmBrowser
from prober.domain.checks import Interruption
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from prober.domain.stream import StreamSample
from prober.flow.ports import Desktop, Login, Secret
from prober.lab.desktop import Credentials, DesktopHost
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOGIN = Login(username="probe", password=Secret("lab-secret"))
AGED_S = 1.0
"""An age that no frame reaches while the stream runs."""
TALK = """url => new Promise((resolve) => {
  window.heard = [];
  window.talk = new WebSocket(url);
  talk.onopen = resolve;
  talk.onmessage = ({data}) => heard.push(data);
  talk.onclose = () => heard.push("closed");
  for (const kind of ["offline", "online"]) window.addEventListener(kind, () => heard.push(kind));
})"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host() -> AsyncIterator[DesktopHost]:
    """The lab's desktops."""
    async with DesktopHost(credentials=Credentials(username="probe", password="lab-secret")) as host:
        yield host


@pytest_asyncio.fixture(loop_scope="module")
async def shown(host: DesktopHost, browser: WarmBrowser, request: pytest.FixtureRequest) -> AsyncIterator[Desktop]:
    """A desktop of the lab that shows its picture, in a page whose network may be taken away."""
    host.open(request.node.name, "desk")
    async with seat(browser, login=LOGIN, outages=True) as desktop:
        assert await desktop.open(host.url_of("desk")) == 200
        await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
        yield desktop
    await host.close(request.node.name)


def _page(desktop: Desktop) -> Any:
    return desktop._page  # type: ignore[attr-defined]  # only the page itself can tell


async def _flows(desktop: Desktop) -> None:
    first = (await desktop.sample()).frames_rendered or 0
    await eventually(desktop.sample, lambda seen: (seen.frames_rendered or 0) > first)


async def test_a_reload_keeps_the_credentials_and_begins_anew(shown: Desktop) -> None:
    """The same tab loads the page again, logs in by itself, connects and shows its picture; input works there."""
    assert await shown.try_input(timeout_s=3) is not None
    await shown.interrupt(Interruption.RELOAD, outage_s=0)
    seen = await eventually(shown.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.visible_s is not None
    assert seen.visible_s < 5
    assert (await shown.connections()).connected()
    assert await shown.try_input(timeout_s=3) is not None


async def test_a_reload_that_meets_another_answer_is_the_target_s(site: Site, desktop: Desktop) -> None:
    """What the page answers the second time is judged as the first time."""
    url = site.page("<h1>desk</h1>")
    assert await desktop.open(url) == 200
    site.remove(url)
    with pytest.raises(TargetFailed) as caught:
        await desktop.interrupt(Interruption.RELOAD, outage_s=0)
    assert caught.value.fault.reason is Reason.HTTP_404_ROUTE


async def test_an_outage_cuts_the_media_and_holds_up_the_sockets(site: Site, shown: Desktop) -> None:
    """No frame and no message comes while the network is gone; afterwards both do, and the page was told."""
    page = _page(shown)
    await page.evaluate(TALK, f"{site.origin.replace('http', 'ws')}/echo")
    await _flows(shown)
    # Longer than anybody waits: it is given up once it was seen to cut.
    outage = asyncio.create_task(shown.interrupt(Interruption.NETWORK, outage_s=60), name="outage")
    await eventually(lambda: page.evaluate("heard.includes('offline')"), bool)
    await page.evaluate("talk.send('hello')")
    assert await page.evaluate("fetch(location).then(() => true, () => false)") is False
    await eventually(shown.sample, lambda seen: (seen.last_frame_age_s or 0) > AGED_S)
    assert await page.evaluate("heard") == ["offline"]
    outage.cancel()
    await asyncio.wait([outage])
    await eventually(lambda: page.evaluate("heard"), lambda heard: {*heard} == {"offline", "online", "hello"})
    await _flows(shown)
    assert await page.evaluate("fetch(location).then(({status}) => status)") == 200


async def test_an_outage_that_is_given_up_is_over(shown: Desktop) -> None:
    """Whoever stops waiting for the network's return gets it at once."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.7):
            await shown.interrupt(Interruption.NETWORK, outage_s=60)
    assert await _page(shown).evaluate("navigator.onLine") is True
    await _flows(shown)


async def test_a_network_that_does_not_go_is_ours(
    site: Site, browser: WarmBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Media that goes on, as over a TURN server's TCP, is told: whether the desktop comes back was not tried then."""
    counts = count()

    async def growing() -> StreamSample:
        return StreamSample(at_s=0, bytes_received=next(counts))

    async with seat(browser, outages=True) as desktop:
        await desktop.open(site.page("<h1>desk</h1>"))
        monkeypatch.setattr(desktop, "sample", growing)
        with pytest.raises(ProberFailed) as caught:
            await desktop.interrupt(Interruption.NETWORK, outage_s=0.1)
        assert caught.value.fault.reason is Reason.DRIVER_ERROR
        assert await _page(desktop).evaluate("navigator.onLine") is True
