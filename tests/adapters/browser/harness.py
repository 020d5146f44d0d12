"""Pages for the scripts alone: no desktop, no flow, and stand-ins where a test wants them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from prober.adapters.browser.collector import ask_frames, init_script
from prober.adapters.browser.connections import read_connections
from prober.adapters.browser.stats import parse_sample
from prober.domain.connection import Connections, Peer
from prober.domain.stream import StreamSample
from prober.domain.transport import NetworkPolicy
from tests.adapters.browser.site import Site

SCRIPTED = Path(__file__).parent / "pages" / "scripted.js"
"""The stand-ins."""

_ARGUMENTS = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A page with the scripts in it."""

    page: Page

    async def run(self, script: str) -> Any:
        """Runs the body of an async function in the page."""
        return await self.page.evaluate(f"async () => {{ {script} }}")

    async def connections(self) -> Connections:
        """Reads what the scripts kept."""
        return await read_connections(self.page)

    async def peer(self) -> Peer:
        """Reads what they kept of the page's only peer connection."""
        (peer,) = (await self.connections()).peers
        return peer

    async def sample(self) -> StreamSample:
        """Takes a sample."""
        return parse_sample(await ask_frames(self.page, "sample"))

    async def words(self) -> str:
        """Returns all that the scripts tell, as one text."""
        return str(
            [
                (await ask_frames(self.page, what))[0].value
                for what in ("connections", "statistics", "sample", "firstFrame")
                if await ask_frames(self.page, what)
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Harness:
    """A browser that opens pages with the scripts in them."""

    browser: Browser
    site: Site

    @asynccontextmanager
    async def page(
        self, body: str = "", *, scripted: bool = False, network: NetworkPolicy | None = NetworkPolicy.ANY
    ) -> AsyncIterator[Watched]:
        """Opens a page with this body.

        Args:
            body: As `Site.page` takes it.
            scripted: Whether peer connections are stand-ins.
            network: As `init_script` takes it; `None` for a page without the scripts.
        """
        context = await self.browser.new_context()
        if scripted:
            await context.add_init_script(await asyncio.to_thread(SCRIPTED.read_text, encoding="utf-8"))
        if network is not None:
            await context.add_init_script(await asyncio.to_thread(init_script, blank_luma=20.0, network=network))
        page = await context.new_page()
        await page.goto(self.site.page(body))
        yield Watched(page=page)
        await context.close()


@asynccontextmanager
async def harness(executable: Path, site: Site) -> AsyncIterator[Harness]:
    """Launches a browser for the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        yield Harness(browser=browser, site=site)
        await browser.close()
