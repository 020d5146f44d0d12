"""Runs what may ask a credentials plugin, apart from our event loop.

The library reads files between its awaits, waits for a plugin without end, and leaves the plugin running when it is
given up. Here it gets a thread's own event loop, a time, and somebody who cleans up.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar, cast

_T = TypeVar("_T")

PLUGIN_S = 30.0
"""How long a credentials plugin may take, in seconds: it may ask a service, or wait for a person who is not there."""


def run_off_loop(load: Coroutine[Any, Any, _T]) -> _T:
    """Runs what loads an identity in an event loop of this thread's own.

    Raises:
        TimeoutError: It took longer than PLUGIN_S.
    """
    with asyncio.Runner(loop_factory=_PluginLoop) as runner:
        try:
            return runner.run(_bounded(load))
        finally:
            runner.run(cast("_PluginLoop", runner.get_loop()).end_plugins())


async def _bounded(load: Coroutine[Any, Any, _T]) -> _T:
    async with asyncio.timeout(PLUGIN_S):
        return await load


class _PluginLoop(asyncio.SelectorEventLoop):
    """An event loop that knows the processes it started."""

    def __init__(self) -> None:
        super().__init__()
        self._plugins: list[asyncio.subprocess.Process] = []

    async def subprocess_exec(self, *args: Any, **kwargs: Any) -> Any:
        """Starts a process, as every event loop does."""
        transport, protocol = await super().subprocess_exec(*args, **kwargs)
        self._plugins.append(asyncio.subprocess.Process(transport, protocol, self))
        return transport, protocol

    async def end_plugins(self) -> None:
        """Kills those that still run."""
        for plugin in self._plugins:
            with suppress(ProcessLookupError):
                plugin.kill()
            await plugin.wait()
