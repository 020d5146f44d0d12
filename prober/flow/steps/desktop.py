"""The steps in the browser that a user sees: log in, see a picture."""

import asyncio

from prober.domain.client import Stimulus
from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.exposure import login_fault
from prober.domain.picture import FirstFrame, explain_no_picture
from prober.domain.reasons import Reason
from prober.domain.target import Target
from prober.flow.ports import Desktop
from prober.flow.ports.desktop import PageIdentity
from prober.flow.steps.looking import LOOK_EVERY_S, look_until, silent


async def log_in(desktop: Desktop, url: str, *, target: Target) -> dict[str, float]:
    """Loads the page with the target's credentials, and waits until it is the client's.

    Returns:
        What loading took, in seconds by name.

    Raises:
        TargetFailed: `auth_rejected` where the desktop refuses us, `auth_form_changed` where another page stands in
            front of it, else the reason for which no page came.
        ProberFailed: `deadline_exceeded` when our own browser never said what it loaded.
    """
    budget_s = target.budgets.login
    loaded = False
    page: PageIdentity | None = None
    try:
        async with asyncio.timeout(budget_s):
            status = await desktop.open(url)
            loaded = True
            fault = login_fault(status)
            if fault is not None:
                raise failed(fault)
            timings = await desktop.load_timings()
            while True:
                page = await desktop.identity()
                if page.recognised:
                    return timings
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        if not loaded:
            summary = f"the page did not load within {budget_s:g} s"
            raise TargetFailed.because(Reason.FALSE_RUNNING, summary) from None
        fault = silent(budget_s) if page is None else stranger(page, client=target.client.name)
        raise failed(fault) from None


def stranger(page: PageIdentity, *, client: str) -> Fault:
    """Returns the fault of a page that is not the client's."""
    title = f"a page titled {page.title!r}" if page.title else "a page without a title"
    return Fault(
        reason=Reason.AUTH_FORM_CHANGED,
        summary=f"{title} stands in front of the desktop: nothing of client {client} is on it",
    )


async def wait_first_frame(desktop: Desktop, *, target: Target) -> FirstFrame:
    """Waits until a frame that is not blank was rendered, and returns what there was to see at the end.

    Raises:
        ProberFailed: `deadline_exceeded` when our own browser never said.
    """

    async def look() -> FirstFrame:
        seen = await desktop.first_frame()
        if seen.rendered_s is None and seen.frames_decoded and target.stream.stimulated:
            # An idle desktop may send a single frame, which browsers keep until the next one comes.
            await desktop.stimulate(Stimulus.POINTER)
        return seen

    budget_s = target.budgets.first_frame
    return await look_until(look, done=lambda seen: seen.visible_s is not None, budget_s=budget_s)


def check_first_frame(look: FirstFrame, *, budget_s: float) -> None:
    """Sees that there is a picture.

    Raises:
        TargetFailed: `playback_blocked`, `black_frames` or `no_first_frame`.
    """
    if look.visible_s is None:
        raise failed(explain_no_picture(look, budget_s=budget_s))
