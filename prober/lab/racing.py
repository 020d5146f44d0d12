"""Waiting for whatever comes first."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_of(**calls: Coroutine[Any, Any, object]) -> None:
    """Returns when the first of some calls is done, or raises what it raised; the others are cancelled.

    Args:
        calls: The calls, by the names that their tasks get.
    """
    tasks = [asyncio.create_task(call, name=name) for name, call in calls.items()]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
