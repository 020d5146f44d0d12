from datetime import UTC, datetime, timedelta

from prober.adapters.clock import SystemClock


def test_two_clocks() -> None:
    """One clock never goes back, the other one knows its zone."""
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
