"""Desktops as most tests want them."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from prober.domain.client import CLIENTS, Client
from prober.domain.thresholds import Thresholds
from prober.domain.transport import NetworkPolicy
from prober.flow.ports import Browser, Desktop, Login


def seat(
    browser: Browser,
    *,
    client: str | Client = "generic",
    login: Login | None = None,
    verify_tls: bool = True,
    blank_luma: float = Thresholds().blank_luma,
    outages: bool = False,
    headers: Mapping[str, str] | None = None,
) -> AbstractAsyncContextManager[Desktop]:
    """Asks the browser for a desktop; what is left out is the contract's default."""
    return browser.desktop(
        client=CLIENTS[client] if isinstance(client, str) else client,
        login=login or Login(),
        verify_tls=verify_tls,
        blank_luma=blank_luma,
        network=NetworkPolicy.ANY,
        outages=outages,
        headers=headers,
    )
