"""The port for asking a URL whether it serves."""

from collections.abc import Mapping
from typing import Protocol

from prober.domain.exposure import Answer


class Exposure(Protocol):
    """One plain request from the outside, without credentials."""

    async def ask(
        self, url: str, *, verify_tls: bool, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Requests the URL once and times its stages; redirects are not followed.

        Args:
            url: Which.
            verify_tls: Whether certificates must be trusted.
            timeout_s: How long it may take, in seconds.
            headers: Sent beside our own.

        Raises:
            TargetFailed: `dns`, `tcp_refused` (also: no connection in time), `tls`, or `false_running` when a
            connection was accepted and no valid HTTP answer came in time.
        """
