"""`promtool check metrics` on what is exposed."""

import subprocess
from collections.abc import Callable

import pytest

from prober.adapters.metrics import Metrics
from tests.adapters.metrics.test_series import exhaust

pytestmark = pytest.mark.prometheus


def fed(metrics: Metrics) -> None:
    """Has two targets show all that they can."""
    for name in ("ubuntu", "debian"):
        exhaust(metrics, name)


def fresh(metrics: Metrics) -> None:
    """Leaves the prober as it is at its start."""


ACCEPTED = {
    'vdi_probe_webrtc_bitrate_bits_per_second use base unit "bytes" instead of "bits"': (
        "Bits per second is what WebRTC, encoders and network people count a stream in, W3C's targetBitrate and "
        "availableIncomingBitrate included; the contract has the name."
    ),
}
"""Complaints about what the contract fixes, each with why it stays."""


@pytest.mark.parametrize(("feed", "complaints"), [(fresh, set()), (fed, set(ACCEPTED))], ids=["fresh", "fed"])
def test_promtool_takes_the_exposition(metrics: Metrics, feed: Callable[[Metrics], None], complaints: set[str]) -> None:
    """Prometheus' own linter parses all of it, before the first target and after many, and has no further complaint."""
    feed(metrics)
    done = subprocess.run(
        ["promtool", "check", "metrics"],  # noqa: S607 - the one on the PATH
        input=metrics.render("")[0],
        capture_output=True,
        check=False,
    )
    assert set(done.stderr.decode().splitlines()) == complaints
    assert done.returncode == (3 if complaints else 0)
