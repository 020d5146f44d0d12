"""How well the prober's own event loop keeps time.

All that is measured here is measured through one event loop: what blocks it makes the platform look slow.
"""

import asyncio
from collections.abc import Callable

SAMPLE_EVERY_S = 0.5
"""Distance of the samples, in seconds: short enough to meet a stall of a second, too rare to cost anything."""


class LoopLag:
    """Measures by how much later than asked the event loop wakes a timer.

    Args:
        report: Is told each lag, in seconds.
        every_s: Distance of the samples, in seconds.
    """

    def __init__(self, *, report: Callable[[float], None], every_s: float = SAMPLE_EVERY_S) -> None:
        self._report = report
        self._every_s = every_s

    async def run(self) -> None:
        """Measures until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time() + self._every_s
            await asyncio.sleep(self._every_s)
            self._report(max(0.0, loop.time() - asked))
