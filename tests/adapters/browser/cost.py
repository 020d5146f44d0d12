"""What the scripts cost the page: `python -m tests.adapters.browser.cost` measures and prints it.

The lab's desktop is shown by turns without the scripts, with an empty callback for every frame, with the scripts, and
with a sample taken as often as in a run's observation window. The callback alone wakes the page's main thread for each
frame, which decoding and showing a video does not: whoever wants to know what was rendered pays that. CPU time is that
of the browser's processes as the kernel counts it, for each frame that was shown: it depends less than a share of the
time on what else the machine does.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from statistics import median

import psutil
from playwright.async_api import Browser, Page, async_playwright

from prober.adapters.browser import find_executable
from prober.adapters.browser.collector import ask_pictures, init_script
from prober.domain.transport import NetworkPolicy
from prober.lab.desktop import Credentials, DesktopHost
from tests.adapters.browser.family import children

SAMPLE_EVERY_S = 0.5
"""As a run takes them by default."""

SETTLE_S = 2.0
"""Until the stream runs and the page's own start is over."""

_CREDENTIALS = Credentials(username="probe", password="lab-secret")  # the lab's own, on loopback
_CALLBACK = """new MutationObserver((_, observer) => {
  const video = document.querySelector("video");
  if (video === null) return;
  observer.disconnect();
  const onFrame = () => video.requestVideoFrameCallback(onFrame);
  onFrame();
}).observe(document, {childList: true, subtree: true});"""
_SHOWN = """() => {
  const {totalVideoFrames, droppedVideoFrames} = document.querySelector("video").getVideoPlaybackQuality();
  return totalVideoFrames - droppedVideoFrames;
}"""
_PLAYING = "() => (document.querySelector('video')?.currentTime ?? 0) > 0"


class Way(StrEnum):
    """How a page is watched."""

    BARE = "without scripts"
    """Not at all."""
    COUNTED = "an empty frame callback"
    """By a callback that does nothing."""
    WATCHED = "with scripts"
    """The scripts are there, and nobody asks them."""
    SAMPLED = "with scripts and samples"
    """As during the observation window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU time of the renderers, and of all processes of the browser, in milliseconds a frame; frames a second."""

    renderer_ms: float
    browser_ms: float
    frames_per_second: float


async def measure(*, executable: Path, rounds: int, window_s: float) -> dict[Way, list[Cost]]:
    """Measures each way once a round, in a page and a context of its own."""
    costs: dict[Way, list[Cost]] = {way: [] for way in Way}
    async with (
        DesktopHost(credentials=_CREDENTIALS, size=(1280, 720)) as host,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for index in range(rounds):
            for way in Way:
                session = f"{way.name.lower()}-{index}"
                host.open(session, session)
                async with _page(browser, way, url=host.url_of(session)) as page:
                    costs[way].append(await _observe(page, way, window_s=window_s))
                await host.close(session)
        await browser.close()
    return costs


@asynccontextmanager
async def _page(browser: Browser, way: Way, *, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 720},
        http_credentials={"username": _CREDENTIALS.username, "password": _CREDENTIALS.password},
    )
    await context.add_init_script(_script(way))
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_function(_PLAYING)
    yield page
    await context.close()


def _script(way: Way) -> str:
    if way is Way.BARE:
        return ""
    return _CALLBACK if way is Way.COUNTED else init_script(blank_luma=20.0, network=NetworkPolicy.ANY)


async def _observe(page: Page, way: Way, *, window_s: float) -> Cost:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(SETTLE_S)  # encoders ramp up
    begin_s, begin, shown = loop.time(), await asyncio.to_thread(_cpu_s), await _frames(page)
    while (elapsed_s := loop.time() - begin_s) < window_s:
        if way is Way.SAMPLED:
            await ask_pictures(page, "sample")
        await asyncio.sleep(min(SAMPLE_EVERY_S, window_s - elapsed_s))
    end, frames = await asyncio.to_thread(_cpu_s), await _frames(page)
    count = max(1, frames - shown)
    return Cost(
        renderer_ms=1000 * (end[0] - begin[0]) / count,
        browser_ms=1000 * (end[1] - begin[1]) / count,
        frames_per_second=count / (loop.time() - begin_s),
    )


async def _frames(page: Page) -> int:
    shown: int = await page.evaluate(_SHOWN)
    return shown


def _cpu_s() -> tuple[float, float]:
    """Returns the CPU time so far of the renderers, and of all processes of the browser."""
    renderers = 0.0
    everything = 0.0
    for process in children():
        try:
            words, times = process.cmdline(), process.cpu_times()
        except psutil.Error:
            continue  # It ended meanwhile.
        if "run-driver" in words:
            continue
        renderers += (times.user + times.system) if "--type=renderer" in words else 0.0
        everything += times.user + times.system
    return renderers, everything


def _table(costs: dict[Way, list[Cost]]) -> str:
    bare = _typical(costs[Way.BARE])
    heads = f"{'renderer':>10}{'ratio':>7}{'least':>7}{'most':>6}{'browser':>10}{'ratio':>7}{'frames/s':>10}"
    lines = [f"{'CPU ms a frame':26}{heads}"]
    for way, seen in costs.items():
        cost = _typical(seen)
        ratios = [one.renderer_ms / other.renderer_ms for one, other in zip(seen, costs[Way.BARE], strict=True)]
        lines.append(
            f"{way:26}{cost.renderer_ms:>10.2f}{cost.renderer_ms / bare.renderer_ms:>7.2f}"
            f"{min(ratios):>7.2f}{max(ratios):>6.2f}"
            f"{cost.browser_ms:>10.2f}{cost.browser_ms / bare.browser_ms:>7.2f}{cost.frames_per_second:>10.1f}"
        )
    return "\n".join(lines)


def _typical(costs: list[Cost]) -> Cost:
    return Cost(
        renderer_ms=median(cost.renderer_ms for cost in costs),
        browser_ms=median(cost.browser_ms for cost in costs),
        frames_per_second=median(cost.frames_per_second for cost in costs),
    )


def main() -> None:
    """Measures and prints the medians over the rounds, with the least and the greatest ratio of a single round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--window", type=float, default=10.0, help="seconds of each measurement")
    arguments = parser.parse_args()
    executable = find_executable(os.environ)
    if executable is None:
        sys.exit("no Chromium on this machine: make test installs it")
    costs = asyncio.run(measure(executable=executable, rounds=arguments.rounds, window_s=arguments.window))
    sys.stdout.write(_table(costs) + "\n")


if __name__ == "__main__":
    main()
