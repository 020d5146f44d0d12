import asyncio

import pytest

from prober.adapters.health import LoopLag


@pytest.mark.looptime
async def test_an_idle_loop_has_no_lag() -> None:
    """Lags are told once per interval until the meter is cancelled."""
    lags: list[float] = []
    meter = asyncio.create_task(LoopLag(report=lags.append, every_s=1.0).run(), name="meter")
    await asyncio.sleep(10.5)
    meter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await meter
    assert lags == pytest.approx([0.0] * 10)


async def test_a_stall_is_seen() -> None:
    """What keeps the loop busy shows as lag."""
    lags: list[float] = []
    told = asyncio.Event()

    def report(lag: float) -> None:
        lags.append(lag)
        told.set()

    loop = asyncio.get_running_loop()
    meter = asyncio.create_task(LoopLag(report=report, every_s=0.05).run(), name="meter")
    await told.wait()
    told.clear()
    # Busy without sleeping: a blocking call is what the tests forbid.
    busy_until = loop.time() + 0.3
    while loop.time() < busy_until:
        pass
    await told.wait()
    meter.cancel()
    await asyncio.wait([meter])
    assert max(lags) >= 0.2
