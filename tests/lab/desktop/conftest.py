"""A running host, and those who visit it: an HTTP client, Chromium."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Page, async_playwright

from prober.adapters.browser import find_executable
from prober.lab.desktop import Credentials, DesktopHost


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    """What the hosts under test let in."""
    return Credentials(username="probe", password="correct horse")


@pytest.fixture
async def host(credentials: Credentials) -> AsyncIterator[DesktopHost]:
    """A host with the default picture and codec."""
    async with DesktopHost(credentials=credentials) as running:
        yield running


@pytest.fixture
async def http(credentials: Credentials) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP client with the right credentials."""
    auth = aiohttp.encode_basic_auth(credentials.username, credentials.password)
    async with aiohttp.ClientSession(headers={"Authorization": auth}) as session:
        yield session


@pytest.fixture(scope="session")
def executable() -> Path | None:
    """The browser that the prober would use."""
    return find_executable(os.environ)


@pytest.fixture
async def browser(executable: Path | None) -> AsyncIterator[Browser]:
    """A Chromium of its own, so that nothing is warm from another test."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        await running.close()


@pytest.fixture
async def page(browser: Browser, credentials: Credentials) -> AsyncIterator[Page]:
    """A page that knows the credentials."""
    context = await browser.new_context(
        http_credentials={"username": credentials.username, "password": credentials.password},
        viewport={"width": 960, "height": 540},
    )
    yield await context.new_page()
    await context.close()


@pytest.fixture
def tell(pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Writes a line of figures to the terminal, past pytest's capture."""
    writer = pytestconfig.get_terminal_writer()

    def write(text: str) -> None:
        with capsys.disabled():
            writer.line()
            writer.write(f"  {text}")

    return write
