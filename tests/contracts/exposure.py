"""What the flow relies on in the port `Exposure`.

A subclass gives the fixture `place`: URLs of several kinds, with the implementation that asks them.
"""

import asyncio
from typing import Protocol

import pytest

from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.flow.ports.exposure import Exposure


class Place(Protocol):
    """URLs, and the one who asks them."""

    @property
    def exposure(self) -> Exposure:
        """The implementation under test."""

    async def serving(self, status: int) -> str:
        """Returns a URL that answers this status."""

    async def silent(self) -> str:
        """Returns a URL that accepts connections and says nothing."""

    async def refused(self) -> str:
        """Returns a URL where nothing listens."""


class ExposureContract:
    """Behaviour of every implementation."""

    @pytest.mark.parametrize("status", [200, 302, 401, 404, 410, 500, 503], ids=str)
    async def test_any_status_is_an_answer(self, place: Place, status: int) -> None:
        """The status comes back as it is, redirects included, with the stages' times."""
        url = await place.serving(status)
        answer = await place.exposure.ask(url, verify_tls=True, timeout_s=5.0)
        assert answer.status == status
        assert {"dns", "tcp", "first_byte"} <= answer.timings().keys()
        assert all(0.0 <= span < 5.0 for span in answer.timings().values())

    async def test_silence_is_false_running(self, place: Place) -> None:
        """Who accepts a connection and never answers is named so, when the time is up and not later."""
        url = await place.silent()
        loop = asyncio.get_running_loop()
        begin = loop.time()
        with pytest.raises(TargetFailed) as caught:
            await place.exposure.ask(url, verify_tls=True, timeout_s=0.2)
        assert caught.value.fault.reason is Reason.FALSE_RUNNING
        assert 0.15 < loop.time() - begin < 2.0

    async def test_nobody_there(self, place: Place) -> None:
        """A refused connection is `tcp_refused`."""
        url = await place.refused()
        with pytest.raises(TargetFailed) as caught:
            await place.exposure.ask(url, verify_tls=True, timeout_s=5.0)
        assert caught.value.fault.reason is Reason.TCP_REFUSED
