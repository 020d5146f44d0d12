import asyncio

import pytest

from prober.adapters.health import HealthSampler
from tests.contracts.health import HealthContract


class TestSampler(HealthContract):
    """The sampler of the machine that the tests run on."""

    @pytest.fixture
    async def health(self) -> HealthSampler:
        """A sampler that took some samples."""
        sampler = HealthSampler(every_s=0.01)
        task = asyncio.create_task(sampler.run(), name="sampler")
        while len(sampler.samples(since_s=0.0)) < 4:  # noqa: ASYNC110 - nobody tells when a sample was taken
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        return sampler


async def test_a_stall_is_seen() -> None:
    """What keeps the loop busy shows as lag, in the report and in the samples."""
    lags: list[float] = []
    told = asyncio.Event()

    def report(lag: float) -> None:
        lags.append(lag)
        told.set()

    loop = asyncio.get_running_loop()
    sampler = HealthSampler(report_lag=report, every_s=0.05)
    task = asyncio.create_task(sampler.run(), name="sampler")
    await told.wait()
    known = len(lags)
    # Busy without sleeping: a blocking call is what the tests forbid. Twice, since one may meet a reading.
    while len(lags) < known + 3:
        busy_until = loop.time() + 0.3
        while loop.time() < busy_until:
            pass
        await asyncio.sleep(0.06)
    task.cancel()
    await asyncio.wait([task])
    assert max(lags) >= 0.2
    assert max(sample.loop_lag_s for sample in sampler.samples(since_s=0.0)) >= 0.2


async def test_only_the_last_quarter_of_an_hour_is_kept() -> None:
    """A sampler that lives for weeks does not grow."""
    assert HealthSampler()._samples.maxlen == 1800
