"""The script that watches from inside a page's workers, with the way to ask it.

A page may hold its WebSocket and its decoder in workers, where nothing can be injected beforehand: the script goes in
with the first question. Workers come and go as the page likes, and a busy one is not waited for long.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Worker

from prober.adapters.browser.collector import KEY, Answer, ask_origin, source

_BUSY_S = 0.5
"""How long a worker may take to answer, in seconds: a millisecond is usual."""


async def ask_workers(page: Page) -> Sequence[Answer]:
    """Asks the dedicated workers of all frames what they receive and decode; those that cannot answer have none.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    workers = page.workers
    top = await ask_origin(page.main_frame) if workers else None
    if top is None:
        return []
    question = f"() => (\n{await asyncio.to_thread(source, 'worker')}\n)({json.dumps(KEY)})"
    found = await asyncio.gather(*(_evaluate(worker, question) for worker in workers))
    return [
        Answer(frame=None, since_s=(raw["origin"] - top) / 1000, value=raw["value"])
        for raw in found
        if raw is not None and raw["value"] is not None
    ]


async def _evaluate(worker: Worker, question: str) -> Any:
    try:
        async with asyncio.timeout(_BUSY_S):
            return await worker.evaluate(question)
    except (PlaywrightError, TimeoutError):
        # It ended or is busy; that the browser died shows in the frames.
        return None
