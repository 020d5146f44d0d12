"""What a run needs before it may create anything: the target's credentials with a page to use them in.

Both are ours, so a run that gets neither is an error. Nothing here may hang: a browser that neither starts nor goes
away must not keep a target from being probed again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.reasons import Reason
from prober.domain.steps import PAGE_END_S
from prober.domain.target import BasicAccess, Target
from prober.flow.ports import Browser, Desktop, Login, Secrets

PREPARE_S = 45.0
"""How long reading the credentials and opening a page may take, in seconds: past a browser's own limit for starting,
which can say more of the cause."""

LEAVE_S = PAGE_END_S / 2
"""How long giving the page back may take, in seconds."""


@asynccontextmanager
async def prepared(target: Target, *, browser: Browser, secrets: Secrets) -> AsyncIterator[Desktop]:
    """Opens a page that knows the target's credentials; leaving the block gives it back.

    Raises:
        ProberFailed: What secrets or browser met, or `deadline_exceeded` when they took too long.
    """
    stack = AsyncExitStack()
    try:
        async with asyncio.timeout(PREPARE_S):
            login = await _credentials(target, secrets)
            page = browser.desktop(client=target.client, login=login, verify_tls=target.url.verify_tls)
            desktop = await stack.enter_async_context(page)
    except TimeoutError:
        summary = f"the browser gave no page within {PREPARE_S:g} s"
        raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary) from None
    try:
        yield desktop
    finally:
        # The teardown has closed the page, or reported that it could not: what is met here is no news.
        with suppress(ProbeError, TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await stack.aclose()


async def _credentials(target: Target, secrets: Secrets) -> Login:
    access = target.access
    if not isinstance(access, BasicAccess):
        return Login()
    return Login(username=access.username, password=await secrets.read(access.password, target.session))
