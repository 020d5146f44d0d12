"""A browser and a web site, kept for the tests of one module."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from prober.adapters.browser import WarmBrowser, find_executable
from prober.flow.ports import Desktop
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site

OpenPage = Callable[[str], Awaitable[Desktop]]
"""Makes a desktop page of a script and opens it."""


@pytest.fixture(scope="session")
def executable() -> Path:
    """The browser that the tests use."""
    found = find_executable(os.environ)
    if found is None:
        pytest.fail("no Chromium on this machine: make test installs it")
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """A web site on loopback."""
    async with Site() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stranger() -> AsyncIterator[Site]:
    """A web site of another origin."""
    async with Site() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(executable: Path) -> AsyncIterator[WarmBrowser]:
    """A warm browser."""
    browser = WarmBrowser(executable=executable)
    yield browser
    await browser.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def desktop(browser: WarmBrowser) -> AsyncIterator[Desktop]:
    """An empty page."""
    async with seat(browser) as desktop:
        yield desktop


@pytest_asyncio.fixture(loop_scope="module")
async def selkies(browser: WarmBrowser) -> AsyncIterator[Desktop]:
    """An empty page of the client that has a play button."""
    async with seat(browser, client="selkies") as desktop:
        yield desktop


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(site: Site, desktop: Desktop) -> OpenPage:
    """Opens a page whose body is given, with the loopback desktop's script loaded."""

    async def open_page(body: str) -> Desktop:
        assert await desktop.open(site.page(body)) == 200
        return desktop

    return open_page
