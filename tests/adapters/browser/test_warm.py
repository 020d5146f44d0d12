"""The browser's life: launched once, kept, replaced, ended with all its processes."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from prober.adapters.browser import WarmBrowser
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.flow.ports import Desktop
from tests.adapters.browser.family import children, drivers
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site

pytestmark = pytest.mark.browser

ORPHANING = """
import asyncio, sys
from pathlib import Path
from prober.adapters.browser import WarmBrowser

async def main() -> None:
    await WarmBrowser(executable=Path(sys.argv[1])).start()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def pages() -> AsyncIterator[Site]:
    """A web site on loopback."""
    async with Site() as site:
        yield site


async def _visit(browser: WarmBrowser, url: str) -> None:
    async with seat(browser) as desktop:
        assert await desktop.open(url) == 200


async def test_one_launch_serves_many_desktops(executable: Path, pages: Site) -> None:
    """Desktops share a warm browser, and after the stop no process is left."""
    before = await asyncio.to_thread(children)
    launches: list[str] = []
    browser = WarmBrowser(executable=executable, on_launch=launches.append)
    await browser.start()
    url = pages.page("<h1>desk</h1>")
    await asyncio.gather(*(_visit(browser, url) for _ in range(3)))
    assert launches == ["success"]
    assert await asyncio.to_thread(browser.process_count) >= 3
    await browser.stop()
    assert await asyncio.to_thread(browser.process_count) == 0
    assert await asyncio.to_thread(children) == before


async def test_a_stopped_browser_serves_nobody(executable: Path) -> None:
    """After the stop no browser is launched behind the caller's back."""
    browser = WarmBrowser(executable=executable)
    await browser.stop()
    with pytest.raises(ProberFailed):
        await _visit(browser, "http://127.0.0.1/")


async def test_a_worn_browser_is_replaced(executable: Path, pages: Site) -> None:
    """After its number of desktops a browser makes room for a new one and ends."""
    launches: list[str] = []
    browser = WarmBrowser(executable=executable, desktops_per_browser=1, on_launch=launches.append)
    url = pages.page("<h1>desk</h1>")
    await _visit(browser, url)
    first = await asyncio.to_thread(children)
    await _visit(browser, url)
    assert launches == ["success", "success"]
    await browser.stop()
    assert not [process for process in first if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


async def test_an_old_browser_ends_with_its_last_desktop(executable: Path, pages: Site) -> None:
    """A browser past its age is replaced for newcomers at once and still serves the desktop that it shows."""
    launches: list[str] = []
    browser = WarmBrowser(executable=executable, browser_age_s=0.0, on_launch=launches.append)
    url = pages.page("<h1>desk</h1>")
    async with seat(browser) as desktop:
        await _visit(browser, url)
        assert launches == ["success", "success"]
        assert await desktop.open(url) == 200
    await browser.stop()


@pytest.mark.parametrize("command", ["/nonexistent/chromium", None], ids=["named and missing", "none found"])
async def test_a_missing_browser_is_ours(command: str | None) -> None:
    """Without an executable a desktop fails with `browser_missing`, and the launch is counted."""
    launches: list[str] = []
    browser = WarmBrowser(executable=None if command is None else Path(command), on_launch=launches.append)
    with pytest.raises(ProberFailed) as caught:
        await browser.start()
    assert caught.value.fault.reason is Reason.BROWSER_MISSING
    assert launches == ["error"]
    await browser.stop()


async def test_a_browser_that_dies_at_once_is_a_crash() -> None:
    """An executable that is no browser fails with `browser_crashed`."""
    browser = WarmBrowser(executable=Path("/bin/false"))
    with pytest.raises(ProberFailed) as caught:
        await browser.start()
    assert caught.value.fault.reason is Reason.BROWSER_CRASHED
    await browser.stop()


async def test_a_launch_that_nobody_waits_for_is_kept(executable: Path, pages: Site) -> None:
    """A run that is cancelled during the launch leaves the browser to the next run."""
    launches: list[str] = []
    browser = WarmBrowser(executable=executable, on_launch=launches.append)
    starting = asyncio.create_task(browser.start())
    await asyncio.sleep(0)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await _visit(browser, pages.page("<h1>desk</h1>"))
    assert launches == ["success"]
    await browser.stop()


async def test_stopping_during_the_launch_leaves_nothing(executable: Path) -> None:
    """A stop that comes while the browser is being launched ends it too."""
    before = await asyncio.to_thread(children)
    browser = WarmBrowser(executable=executable)
    starting = asyncio.create_task(browser.start())
    await asyncio.sleep(0.2)  # somewhere within the launch; wherever that is, nothing may be left
    await browser.stop()
    await asyncio.gather(starting, return_exceptions=True)
    assert await asyncio.to_thread(children) == before


async def test_a_dead_driver_is_replaced(executable: Path, pages: Site) -> None:
    """When the driver is killed the open desktop fails as ours, the self-check says why, and the next one works."""
    browser = WarmBrowser(executable=executable)
    url = pages.page("<h1>desk</h1>")
    async with seat(browser) as desktop:
        await desktop.open(url)
        for process in await asyncio.to_thread(drivers):
            process.kill()
        with pytest.raises(ProberFailed):
            await _ask_until_it_fails(desktop)
        with pytest.raises(ProberFailed, match="driver_error: the browser's driver is gone"):
            await browser.self_check()
    await _visit(browser, url)
    await browser.stop()


async def test_a_stopped_browser_process_is_ended_all_the_same(executable: Path, pages: Site) -> None:
    """A browser that no longer answers is killed within the stop's own time."""
    browser = WarmBrowser(executable=executable)
    await _visit(browser, pages.page("<h1>desk</h1>"))
    for process in await asyncio.to_thread(children) - set(await asyncio.to_thread(drivers)):
        with suppress(psutil.NoSuchProcess):  # a helper of the browser's may have ended since it was listed
            process.suspend()
    async with asyncio.timeout(20):
        await browser.stop()


def test_nothing_survives_a_killed_prober(executable: Path) -> None:
    """After kill -9 of the prober, driver and browser end by themselves."""
    with subprocess.Popen([sys.executable, "-c", ORPHANING, str(executable)], stdout=subprocess.PIPE) as prober:
        assert prober.stdout is not None
        assert prober.stdout.readline() == b"ready\n"
        family = psutil.Process(prober.pid).children(recursive=True)
        assert len(family) >= 3
        os.kill(prober.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


async def _ask_until_it_fails(desktop: Desktop) -> None:
    async with asyncio.timeout(10):
        while True:
            await desktop.connections()
