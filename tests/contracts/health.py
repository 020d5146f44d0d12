"""What the flow relies on in the port `Health`.

A subclass gives the fixture `health`: an implementation that has taken three samples at least.
"""

from prober.flow.ports.health import Health


class HealthContract:
    """Behaviour of every implementation."""

    def test_samples_stand_in_their_order(self, health: Health) -> None:
        """The oldest comes first, and lags are never negative."""
        times = [sample.at_s for sample in health.samples(since_s=0.0)]
        assert len(times) >= 3
        assert times == sorted(set(times))
        assert all(sample.loop_lag_s >= 0 for sample in health.samples(since_s=0.0))

    def test_a_beginning_cuts_off_what_was_before(self, health: Health) -> None:
        """Those before it are left out, one of that very time is not."""
        known = health.samples(since_s=0.0)
        assert list(health.samples(since_s=known[1].at_s)) == list(known[1:])

    def test_the_future_has_no_samples(self, health: Health) -> None:
        """None is no fault."""
        assert list(health.samples(since_s=health.samples(since_s=0.0)[-1].at_s + 1.0)) == []
