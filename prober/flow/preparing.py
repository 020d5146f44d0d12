"""What a run needs before it may create anything: the target's credentials with a browser to use them in.

Both are ours, so a run that gets neither is an error. Nothing here may hang: a browser that neither starts nor goes
away must not keep a target from being probed again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.reasons import Reason
from prober.domain.steps import PAGE_END_S
from prober.domain.target import BasicAccess, Target
from prober.flow.ports import Browser, Desktop, Login, Secrets

CREDENTIALS_S = 15.0
"""How long reading the credentials may take, in seconds: an API server that answers at all does within a few."""

BROWSER_S = 45.0
"""How long getting a browser may take, in seconds: past a browser's own limits for starting and answering, which can
say more of the cause."""

LEAVE_S = PAGE_END_S / 2
"""How long giving the desktop back may take, in seconds."""


@asynccontextmanager
async def prepared(
    target: Target, *, browser: Browser, secrets: Secrets, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Desktop]:
    """Holds a desktop that knows the target's credentials; leaving the block gives it back.

    Raises:
        ProberFailed: What secrets or browser met, or `deadline_exceeded` when one of them took too long.
    """
    async with _within(CREDENTIALS_S, otherwise="the credentials could not be read"):
        login = await _credentials(target, secrets)
    page = browser.desktop(
        client=target.client,
        login=login,
        verify_tls=target.url.verify_tls,
        blank_luma=target.thresholds.blank_luma,
        network=target.network,
        outages=target.checks.needs_outages,
        headers=headers,
    )
    stack = AsyncExitStack()
    async with _within(BROWSER_S, otherwise="the browser was not ready"):
        desktop = await stack.enter_async_context(page)
    try:
        yield desktop
    finally:
        # The teardown has closed the page, or reported that it could not: what is met here is no news.
        with suppress(ProbeError, TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await stack.aclose()


@asynccontextmanager
async def _within(limit_s: float, *, otherwise: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError:
        raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, f"{otherwise} within {limit_s:g} s") from None


async def _credentials(target: Target, secrets: Secrets) -> Login:
    access = target.access
    if not isinstance(access, BasicAccess):
        return Login()
    return Login(username=access.username, password=await secrets.read(access.password, target.session))
