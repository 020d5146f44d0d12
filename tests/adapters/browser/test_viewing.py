"""The file for Playwright's trace viewer: whole, small, scrubbed, and shown by the real viewer."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import playwright
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import async_playwright, expect

from prober.adapters.browser import WarmBrowser
from prober.adapters.browser.doings import Doing, Doings
from prober.adapters.browser.viewing import MOST_PICTURE_BYTES, Frame, trace_of
from prober.domain.checks import Interruption
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from prober.flow.ports import Desktop, Login, Secret
from prober.flow.ports.desktop import ARTEFACT_BYTES
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

VIEWER = Path(playwright.__file__).parent / "driver/package/lib/vite/traceViewer"
PASSWORD = "pa55w-marker"
QUERY = "query-marker"
BEGAN = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)

PAGE = f"""<video id=v width=640 height=360 muted autoplay></video><script>
  showDesktop(v).then(() => {{ window.ready = true; }});
  console.error("the turn server was lost", "password={PASSWORD}");
  fetch("/status/503?token={QUERY}", {{ headers: {{ Authorization: "Bearer {QUERY}" }} }});
  document.cookie = "session={QUERY}";
</script>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def masking(executable: Path) -> AsyncIterator[WarmBrowser]:
    """A warm browser that knows the password."""
    browser = WarmBrowser(executable=executable, mask=lambda text: text.replace(PASSWORD, "***"))
    yield browser
    await browser.stop()


async def visited(desktop: Desktop, site: Site) -> bytes:
    """Returns the trace of a visit with a picture, two samples and a reload."""
    await desktop.open(f"{site.page(PAGE)}?token={QUERY}")
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    await desktop.snapshot("first_frame")

    async def luma() -> float | None:
        return (await desktop.sample()).luma

    await eventually(luma, lambda luma: luma is not None)
    await desktop.interrupt(Interruption.RELOAD, outage_s=0)
    return {artefact.name: artefact.content for artefact in await desktop.artefacts()}["trace.zip"]


def read(content: bytes) -> dict[str, bytes]:
    """Returns the file's members."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def events(content: bytes) -> list[dict[str, Any]]:
    """Reads lines of JSON."""
    return [json.loads(line) for line in content.splitlines()]


async def test_it_tells_what_was_done(masking: WarmBrowser, site: Site) -> None:
    """What we did in order, what the page wrote, what it asked for, what was seen; and no secret of any of it."""
    async with seat(masking, login=Login(username="probe", password=Secret(PASSWORD))) as desktop:
        members = read(await visited(desktop, site))
    trace = events(members["trace.trace"])
    assert [event["title"] for event in trace if event["type"] == "before"] == [
        "open the session's URL",
        "look for a picture",
        "watch the stream",
        "load the page anew",
    ]
    assert any("the turn server was lost" in event["text"] for event in trace if event["type"] == "console")
    assert [event["sha1"] for event in trace if event["type"] == "screencast-frame"] == [
        "first_frame.jpeg",
        "window-01.png",
    ]
    network = [event["snapshot"] for event in events(members["trace.network"])]
    assert any(entry["request"]["url"].endswith("/status/503") for entry in network)
    everything = b"".join(members.values())
    for secret in (PASSWORD, QUERY, "Bearer"):
        assert secret.encode() not in everything


async def test_the_viewer_shows_it(masking: WarmBrowser, site: Site, executable: Path) -> None:
    """Playwright's own viewer lists the steps, the page's words and the requests, with the pictures above them."""
    async with seat(masking) as desktop:
        content = await visited(desktop, site)
    async with viewer(content) as url, async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(url)
        await expect(page.get_by_text("load the page anew").first).to_be_visible(timeout=20_000)
        await expect(page.get_by_text("open the session's URL").first).to_be_visible()
        await page.get_by_role("tab", name="Console").click()
        await expect(page.get_by_text("the turn server was lost").first).to_be_visible()
        await page.get_by_role("tab", name="Network").click()
        await expect(page.get_by_text("503").first).to_be_visible()
        assert await page.locator(".film-strip-frame").count() > 0
        await browser.close()


@asynccontextmanager
async def viewer(content: bytes) -> AsyncIterator[str]:
    """Serves the viewer with a trace in it; gives the URL that shows it."""

    async def trace(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type="application/zip")

    application = web.Application()
    application.router.add_get("/mine.zip", trace)
    application.router.add_static("/", VIEWER)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield f"{origin}/index.html?trace={origin}/mine.zip"
    finally:
        await runner.cleanup()


async def test_it_stays_small() -> None:
    """However much there was, it is no larger than an artefact may be; of the lines both ends stay."""
    message: Mapping[str, Any] = {"at_s": 1.0, "kind": "log", "text": "x" * 2000}
    request = {"request": {"url": "https://desk/" + "y" * 400}, "response": {}, "_at_s": 1.0, "_resourceType": "fetch"}
    frames = [Frame(at_s=float(number), name=f"{number}.jpeg", content=bytes(200_000)) for number in range(12)]
    content = trace_of(
        began_at=BEGAN,
        doings=[Doing(title="z" * 100, at_s=1.0, ended_s=2.0)] * 180,
        console=[{**message, "text": "first"}, *[message] * 1000, {**message, "text": "last"}],
        requests=[request] * 2000,
        frames=frames,
    )
    members = read(content)
    assert len(content) < ARTEFACT_BYTES
    kept = [name for name in members if name.startswith("resources/")]
    assert kept == ["resources/0.jpeg", "resources/1.jpeg", "resources/2.jpeg"]
    assert sum(len(members[name]) for name in kept) <= MOST_PICTURE_BYTES
    texts = [event["text"] for event in events(members["trace.trace"]) if event["type"] == "console"]
    assert (texts[0], texts[-1]) == ("first", "last")
    assert len(texts) < 1002


async def test_looks_that_follow_one_another_are_one() -> None:
    """Hundreds of looks of a wait are one step, from the first to the last; after a pause it is another one."""
    now_s = 0.0
    doings = Doings(now_s=lambda: now_s)
    for at_s in (1.0, 1.5, 2.0, 9.0):
        now_s = at_s
        with doings.note("look"):
            now_s = at_s + 0.25
    assert [(one.at_s, one.ended_s) for one in doings.noted()] == [(1.0, 2.25), (9.0, 9.25)]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(TargetFailed.because(Reason.DNS, "no such host"), "no such host", id="the target's"),
        pytest.param(ProberFailed.because(Reason.DRIVER_ERROR, "it hangs"), "it hangs", id="ours"),
        pytest.param(asyncio.CancelledError(), "given up", id="its time was up"),
    ],
)
async def test_what_a_step_met_is_told(error: BaseException, words: str) -> None:
    """The fault stands beside the step, and goes on to whoever waits for it."""
    doings = Doings(now_s=lambda: 1.0)

    def fail() -> None:
        with doings.note("open"):
            raise error

    with pytest.raises(type(error)):
        fail()
    assert [one.error for one in doings.noted()] == [words]
    members = read(trace_of(began_at=BEGAN, doings=doings.noted(), console=[], requests=[], frames=[]))
    assert [event["error"]["message"] for event in events(members["trace.trace"]) if event["type"] == "after"] == [
        words
    ]
