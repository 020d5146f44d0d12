"""The adapter before the lab's desktop, whose ground truth the figures are held against."""

import logging
import time
from collections.abc import AsyncIterator
from statistics import median

import pytest
import pytest_asyncio

from prober.adapters.browser import WarmBrowser
from prober.flow.ports import Desktop, Login, Secret
from prober.lab.desktop import Behaviour, Credentials, DesktopHost, Media, Picture
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

_log = logging.getLogger(__name__)

LOGIN = Login(username="probe", password=Secret("lab-secret"))
TOLERANCE_S = 0.3
"""How far figures may be from the truth at the median, on a machine that is busy with other tests; alone it is a
tenth of that."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host() -> AsyncIterator[DesktopHost]:
    """The lab's desktops."""
    async with DesktopHost(credentials=Credentials(username="probe", password="lab-secret")) as host:
        yield host


async def _shown(desktop: Desktop, url: str) -> float:
    assert await desktop.open(url) == 200
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.visible_s is not None
    return seen.visible_s


@pytest.mark.parametrize(
    ("login", "status"),
    [
        (Login(), 401),
        (Login(username="probe", password=Secret("wrong")), 401),
        (LOGIN, 200),
    ],
    ids=["no credentials", "wrong credentials", "good credentials"],
)
async def test_basic_access_is_answered_by_the_context(
    host: DesktopHost, browser: WarmBrowser, login: Login, status: int, request: pytest.FixtureRequest
) -> None:
    """Credentials go out when asked for; refused ones are an answer, not an exception."""
    host.open(request.node.name, "basic")
    async with seat(browser, login=login) as desktop:
        assert await desktop.open(host.url_of("basic")) == status
    await host.close(request.node.name)


async def test_the_lab_s_desktop_is_seen_through(host: DesktopHost, browser: WarmBrowser) -> None:
    """The signalling socket passes under Basic, the peer connects, path and codec are told."""
    host.open("whole", "whole")
    async with seat(browser, login=LOGIN) as desktop:
        await _shown(desktop, host.url_of("whole"))
        seen = await desktop.connections()
        assert seen.connected()
        assert [socket.opened_s is not None for socket in seen.sockets] == [True]
        path, codec = await desktop.describe_path()
        assert path is not None
        assert path.protocol == "udp"
        assert codec in {"VP8", "H264"}
    await host.close("whole")


async def test_media_that_never_comes_is_not_connected(host: DesktopHost, browser: WarmBrowser) -> None:
    """With no way for the media the peer has a description and no connection."""
    host.open("deaf", "deaf", Behaviour(media=Media.NEVER))
    async with seat(browser, login=LOGIN) as desktop:
        assert await desktop.open(host.url_of("deaf")) == 200

        async def described() -> bool:
            peer = (await desktop.connections()).media()
            return peer is not None and peer.remote_description_s is not None

        await eventually(described, bool)
        assert not (await desktop.connections()).connected()
        assert (await desktop.first_frame()).rendered_s is None
    await host.close("deaf")


async def test_the_first_visible_frame_agrees_with_the_truth(host: DesktopHost, browser: WarmBrowser) -> None:
    """Time to first frame differs little from when the desktop sent it."""
    errors = []
    for index in range(5):
        session = f"first-{index}"
        host.open(session, session)
        async with seat(browser, login=LOGIN) as desktop:
            visible_s = await _shown(desktop, host.url_of(session))
            page = desktop._page  # type: ignore[attr-defined]  # only the page knows when its navigation began
            began = await page.evaluate("performance.timeOrigin") / 1000 - time.time() + time.monotonic()
            sent = host.truth(session).peers[0].first_frame_sent
            assert sent is not None
            errors.append(began + visible_s - sent)
        await host.close(session)
    _log.info("first frame, errors in seconds: %s", errors)
    assert abs(median(errors)) < TOLERANCE_S, errors


async def test_input_latencies_agree_with_the_truth(host: DesktopHost, browser: WarmBrowser) -> None:
    """Input to pixel is little more than the desktop's own time from the input to its frame."""
    host.open("input", "input")
    async with seat(browser, login=LOGIN) as desktop:
        await _shown(desktop, host.url_of("input"))
        measured = [await desktop.try_input(timeout_s=3) for _ in range(10)]
    latencies = [latency for latency in measured if isinstance(latency, float)]
    presses = [event for event in host.truth("input").inputs if event.kind == "pointerdown"]
    truths = [event.frame_sent - event.received for event in presses if event.frame_sent is not None]
    await host.close("input")
    _log.info("input, seconds measured: %s; truth: %s", latencies, truths)
    assert len(latencies) == len(truths) == 10
    assert -0.01 < median(latencies) - median(truths) < TOLERANCE_S, (latencies, truths)


@pytest.mark.parametrize("picture", [Picture.BLACK, Picture.FROZEN], ids=str)
async def test_a_bad_picture_is_seen_as_what_it_is(host: DesktopHost, browser: WarmBrowser, picture: Picture) -> None:
    """Black frames are rendered and blank; a frozen picture does not change."""
    host.open(picture, picture, Behaviour(picture=picture))
    async with seat(browser, login=LOGIN) as desktop:
        assert await desktop.open(host.url_of(picture)) == 200
        if picture is Picture.BLACK:
            seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_rendered or 0) > 10)
            assert seen.visible_s is None
            assert seen.luma is not None
            assert seen.luma < 20
        else:
            await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
            await eventually(desktop.sample, lambda sample: sample.changed is False)
            assert await desktop.try_input(timeout_s=1) is None
    await host.close(picture)
