"""The scripts that watch from inside a page, with the way to ask them.

They run in every frame before any code of the page. An answer comes per frame: frames that are being loaded, left or
removed have none.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.async_api import ElementHandle, Frame, Page
from playwright.async_api import Error as PlaywrightError

from prober.adapters.browser.faults import is_leaving, translated
from prober.domain.transport import NetworkPolicy

KEY = "vdi-prober.collector"
"""The description of the symbol under which the scripts are found."""

_PARTS = (
    "wraps",
    "ledger",
    "descriptions",
    "policy",
    "channels",
    "carriers",
    "stories",
    "peers",
    "sockets",
    "decoders",
    "statistics",
    "pixels",
    "visibility",
    "elements",
    "frames",
    "film",
    "canvases",
    "picture",
    "regions",
    "input",
    "focus",
)
_FOUND = f"window[Symbol.for({json.dumps(KEY)})]"
_SEEN = "element => element.checkVisibility({opacityProperty: true, visibilityProperty: true})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one frame's scripts answered, or one worker's.

    Attributes:
        frame: Which frame; `None` for a worker.
        since_s: The beginning of the frame's or worker's time, in seconds since the page's navigation began.
        value: The answer, as JSON has it.
        shown: Whether the frame's own element can be seen, and those of all frames around it; only `ask_pictures`
            looks.
    """

    frame: Frame | None
    since_s: float
    value: Any
    shown: bool = True

    def seconds(self, time_ms: float | None) -> float | None:
        """Turns a time of the frame, in milliseconds, into the page's, in seconds."""
        return None if time_ms is None else self.since_s + time_ms / 1000


def init_script(*, blank_luma: float, network: NetworkPolicy, element: str | None = None) -> str:
    """Returns the one script to inject into every frame.

    Args:
        blank_luma: Mean luma at or below which a picture shows nothing yet.
        network: Which candidates the peer connections may gather.
        element: CSS selector of the element that is the picture, or that contains it; `None` takes any.
    """
    settings = {"key": KEY, "blankLuma": blank_luma, "network": network.value, "element": element}
    values = {name: json.dumps(value) for name, value in settings.items()}
    values |= {f"make{part.capitalize()}": f"(\n{source(part)}\n)" for part in _PARTS}
    arguments = ",\n".join(f"{name}: {value}" for name, value in values.items())
    return f"(\n{source('collector')}\n)({{\n{arguments}\n}});"


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


async def ask_origin(frame: Frame) -> float | None:
    """Returns when the frame's time began, in milliseconds of the Unix epoch; `None` where it cannot answer.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    origin: float | None = await _evaluate(frame, "() => performance.timeOrigin", None)
    return origin


async def ask_pictures(page: Page, what: str) -> Sequence[Answer]:
    """Asks the scripts of all frames for their pictures, which a frame that is hidden by others does not show.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    answers = await ask_frames(page, what)
    return [answer if await _is_shown(answer.frame) else replace(answer, shown=False) for answer in answers]


async def find_picture(page: Page) -> Frame | None:
    """Returns the frame that shows the picture, or `None` while there is none."""
    answers = await ask_pictures(page, "size")
    best = max(answers, key=lambda answer: (answer.shown, answer.value["standing"]), default=None)
    return None if best is None else best.frame


@asynccontextmanager
async def picture_element(frame: Frame) -> AsyncIterator[ElementHandle | None]:
    """Holds the element that is the frame's picture; `None` where there is none."""
    with translated("looking at the picture"):
        handle = await frame.evaluate_handle(f"() => {_FOUND}?.element() ?? null")
        try:
            yield handle.as_element()
        finally:
            await handle.dispose()


async def _is_shown(frame: Frame | None) -> bool:
    """Tells what no script inside the frame can: whether pages around it hide it."""
    while frame is not None and frame.parent_frame is not None:
        with translated("looking at a frame"):
            try:
                element = await frame.frame_element()
                seen = await element.evaluate(_SEEN)
                await element.dispose()
            except PlaywrightError as error:
                if is_leaving(error):
                    return False
                raise
        if not seen:
            return False
        frame = frame.parent_frame
    return True


async def _evaluate(frame: Frame, expression: str, argument: object) -> Any:
    with translated("asking the page"):
        try:
            return await frame.evaluate(expression, argument)
        except PlaywrightError as error:
            if is_leaving(error):
                return None
            raise


@cache
def source(name: str) -> str:
    """Returns the source of one of the scripts: one expression."""
    return files("prober.adapters.browser").joinpath("scripts", f"{name}.js").read_text(encoding="utf-8").strip()
