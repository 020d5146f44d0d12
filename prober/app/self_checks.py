"""When the browser checks itself beside its runs: at the start, and after each launch of another one.

What a failed check means for a run is the run's to ask (`prober.flow.steps.own_health`); here it is told to people,
before a target is blamed.
"""

import asyncio
from collections.abc import Callable

from prober.adapters.logs import event_log
from prober.domain.errors import ProberFailed
from prober.domain.outcomes import Outcome
from prober.domain.selfcheck import fault_of
from prober.flow.ports import Browser


class SelfChecks:
    """Checks a browser that is due for it, once for each launch.

    Args:
        on_checked: Is told the outcome of each check.
    """

    def __init__(self, *, on_checked: Callable[[str], None] = lambda _: None) -> None:
        self._on_checked = on_checked
        self._due = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def launched(self, outcome: str) -> None:
        """Hears of a launch; a browser that was launched is due for a check."""
        if outcome == Outcome.SUCCESS.value:
            self._due.set()

    async def check(self, browser: Browser) -> None:
        """Checks a browser that is due for it, and tells the log what came of it; waits for a check under way."""
        async with self._one_at_a_time:
            if self._due.is_set():
                # First: a browser that is launched during the check is not the one that is checked.
                self._due.clear()
                sound = await _is_sound(browser)
                self._on_checked((Outcome.SUCCESS if sound else Outcome.ERROR).value)

    async def follow(self, browser: Browser) -> None:
        """Checks the browser after each launch, until it is cancelled."""
        while True:
            await self._due.wait()
            await self.check(browser)


async def _is_sound(browser: Browser) -> bool:
    """Checks the browser, tells the log what came of it, and returns whether it can do what the prober is for."""
    try:
        # Without a launch of its own, which would make the next check due: a browser that hangs in each would never
        # come to an end.
        check = await browser.self_check(launch=False)
    except ProberFailed as error:
        event_log().error("self_check_failed", reason=error.fault.reason.value, summary=error.fault.summary)
        return False
    fault = fault_of(check)
    if fault is None:
        event_log().info("self_check_passed", took_s=round(check.took_s, 3), codecs=list(check.codecs))
    else:
        event_log().error(
            "self_check_failed", reason=fault.reason.value, summary=fault.summary, facts=list(fault.facts)
        )
    return fault is None
