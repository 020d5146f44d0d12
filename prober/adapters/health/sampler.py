"""Samples of the prober's own health, taken for as long as it lives, the last of them kept."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from prober.adapters.health.kernel import Kernel, Reading
from prober.domain.health import HealthSample
from prober.flow.ports.health import Health

SAMPLE_EVERY_S = 0.5
"""Distance of the samples, in seconds: short enough to meet a stall of a second, too rare to cost anything."""

KEPT_S = 15 * 60.0
"""How long samples are kept, in seconds: longer than any run takes."""


class HealthSampler(Health):
    """Measures by how much later than asked the event loop wakes a timer, and reads what the kernel tells meanwhile.

    Args:
        report_lag: Is told each lag, in seconds.
        kernel: What is read.
        every_s: Distance of the samples, in seconds.
    """

    def __init__(
        self,
        *,
        report_lag: Callable[[float], None] = lambda _: None,
        kernel: Kernel | None = None,
        every_s: float = SAMPLE_EVERY_S,
    ) -> None:
        self._report_lag = report_lag
        self._kernel = kernel or Kernel()
        self._every_s = every_s
        self._samples: deque[HealthSample] = deque(maxlen=max(1, round(KEPT_S / every_s)))

    def samples(self, *, since_s: float) -> Sequence[HealthSample]:
        """Returns the samples taken since then, oldest first; see the port."""
        return [sample for sample in self._samples if sample.at_s >= since_s]

    async def run(self) -> None:
        """Measures until it is cancelled."""
        loop = asyncio.get_running_loop()
        before, read_s = await asyncio.to_thread(self._kernel.read), loop.time()
        while True:
            asked = loop.time() + self._every_s
            await asyncio.sleep(self._every_s)
            lag_s = max(0.0, loop.time() - asked)
            self._report_lag(lag_s)
            after, now = await asyncio.to_thread(self._kernel.read), loop.time()
            self._samples.append(_sample(before, after, over_s=now - read_s, at_s=now, lag_s=lag_s))
            before, read_s = after, now


def _sample(before: Reading, after: Reading, *, over_s: float, at_s: float, lag_s: float) -> HealthSample:
    return HealthSample(
        at_s=at_s,
        loop_lag_s=lag_s,
        throttled_ratio=_ratio(before.throttled_s, after.throttled_s, over_s=over_s),
        cpu_some_ratio=_ratio(before.cpu_some_s, after.cpu_some_s, over_s=over_s),
        memory_some_ratio=_ratio(before.memory_some_s, after.memory_some_s, over_s=over_s),
        load=after.load,
        disk_free_ratio=after.disk_free_ratio,
    )


def _ratio(before: float | None, after: float | None, *, over_s: float) -> float | None:
    if before is None or after is None or over_s <= 0:
        return None
    return max(0.0, after - before) / over_s
