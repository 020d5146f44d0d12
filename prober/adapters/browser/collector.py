"""The scripts that watch from inside a page, with the way to ask them.

They run in every frame before any code of the page. An answer comes per frame: frames that are being loaded, left or
removed have none.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from playwright.async_api import ElementHandle, Frame, Page
from playwright.async_api import Error as PlaywrightError

from prober.adapters.browser.faults import is_leaving, translated
from prober.domain.transport import NetworkPolicy

_KEY = "vdi-prober.collector"
_PARTS = ("connections", "pixels", "picture", "input")
_FOUND = f"window[Symbol.for({json.dumps(_KEY)})]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one frame's scripts answered.

    Attributes:
        frame: Which frame.
        since_s: The beginning of the frame's time, in seconds since the page's navigation began.
        value: The answer, as JSON has it.
    """

    frame: Frame
    since_s: float
    value: Any

    def seconds(self, time_ms: float | None) -> float | None:
        """Turns a time of the frame, in milliseconds, into the page's, in seconds."""
        return None if time_ms is None else self.since_s + time_ms / 1000


def init_script(*, blank_luma: float, network: NetworkPolicy) -> str:
    """Returns the one script to inject into every frame.

    Args:
        blank_luma: Mean luma at or below which a picture shows nothing yet.
        network: Which candidates the peer connections may gather.
    """
    values = {"key": json.dumps(_KEY), "blankLuma": json.dumps(blank_luma), "network": json.dumps(network.value)}
    values |= {f"make{part.capitalize()}": f"(\n{_source(part)}\n)" for part in _PARTS}
    arguments = ",\n".join(f"{name}: {value}" for name, value in values.items())
    return f"(\n{_source('collector')}\n)({{\n{arguments}\n}});"


async def ask_frames(page: Page, what: str) -> Sequence[Answer]:
    """Asks the scripts of all frames, the top one first.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    question = f"async () => ({{origin: performance.timeOrigin, value: (await {_FOUND}?.{what}()) ?? null}})"
    answers: list[Answer] = []
    top: float | None = None
    for frame in page.frames:
        raw = await _evaluate(frame, question, None)
        if raw is None:
            continue
        top = raw["origin"] if top is None else top
        if raw["value"] is not None:
            answers.append(Answer(frame=frame, since_s=(raw["origin"] - top) / 1000, value=raw["value"]))
    return answers


async def ask(frame: Frame, what: str, argument: object = None) -> Any:
    """Asks the scripts of one frame; `None` where they cannot answer.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    return await _evaluate(frame, f"async (argument) => (await {_FOUND}?.{what}(argument)) ?? null", argument)


async def find_picture(page: Page) -> Frame | None:
    """Returns the frame that shows the largest visible video, or `None` while there is no video."""
    answers = await ask_frames(page, "size")
    best = max(answers, key=lambda answer: (answer.value["area"], answer.value["frames"]), default=None)
    return None if best is None else best.frame


@asynccontextmanager
async def picture_element(frame: Frame) -> AsyncIterator[ElementHandle | None]:
    """Holds the frame's main video element; `None` where there is none."""
    with translated("looking at the video"):
        handle = await frame.evaluate_handle(f"() => {_FOUND}?.element() ?? null")
        try:
            yield handle.as_element()
        finally:
            await handle.dispose()


async def _evaluate(frame: Frame, expression: str, argument: object) -> Any:
    with translated("asking the page"):
        try:
            return await frame.evaluate(expression, argument)
        except PlaywrightError as error:
            if is_leaving(error):
                return None
            raise


def _source(name: str) -> str:
    return files("prober.adapters.browser").joinpath("scripts", f"{name}.js").read_text(encoding="utf-8").strip()
