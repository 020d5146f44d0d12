"""The check that the same desktop comes back after an interruption.

It tells what is missing by looking in the order in which a user gets it back: the client's page, the connection, a
picture, fresh frames in it, and that it is the picture of before. What was missing last explains a desktop that does
not come back.
"""

import asyncio
from dataclasses import replace

from prober.domain.carried import is_established
from prober.domain.checks import CheckResult, Interruption, ReconnectPlan, not_reconnected, reconnected
from prober.domain.connecting import explain_unconnected
from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.picture import explain_no_picture
from prober.domain.reasons import Reason
from prober.domain.stream import StreamSample
from prober.domain.target import Target
from prober.flow.ports import Clock, Desktop
from prober.flow.steps.desktop import stranger
from prober.flow.steps.looking import silent
from prober.flow.steps.remembering import Memory, remember

LOOK_EVERY_S = 0.25
"""Distance of looks at the page that comes back, in seconds: each reads the picture too."""

_AFTER = {Interruption.RELOAD: "after a reload", Interruption.NETWORK: "after a network outage"}


async def check_reconnecting(desktop: Desktop, *, target: Target, plan: ReconnectPlan, clock: Clock) -> CheckResult:
    """Interrupts the page's connection, and waits until the same desktop shows again.

    Args:
        desktop: The desktop, which shows.
        target: What is asked of it.
        plan: How it is interrupted, and how soon it must be back.
        clock: For the check's duration.

    Raises:
        ProberFailed: What the browser met, or `deadline_exceeded` when it never said.
    """
    memory = await remember(desktop)
    begin = clock.monotonic()
    reconnection = _Reconnection(desktop, target=target, plan=plan, memory=memory)
    fault = await reconnection.fault()
    duration_s = clock.monotonic() - begin
    if fault is None:
        return reconnected(duration_s=duration_s, not_compared=reconnection.not_compared)
    return not_reconnected(replace(fault, summary=f"{_AFTER[plan.by]}: {fault.summary}"), duration_s=duration_s)


class _Reconnection:
    """One interruption with the wait for what it took away.

    Attributes:
        not_compared: Why nobody can tell whether the desktop that came back is that of before; `None` where it is.
    """

    def __init__(self, desktop: Desktop, *, target: Target, plan: ReconnectPlan, memory: Memory) -> None:
        self.not_compared: str | None = None
        self._desktop = desktop
        self._target = target
        self._plan = plan
        self._memory = memory
        self._since: StreamSample | None = None
        self._missing: Fault | None = None

    async def fault(self) -> Fault | None:
        """Interrupts, waits, and returns why the desktop is not back; `None` where it is."""
        longest_s = self._plan.longest_s()
        try:
            async with asyncio.timeout(longest_s):
                await self._interrupt()
                while (missing := await self._what_is_missing()) is not None:
                    self._missing = missing
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            if self._missing is None:
                raise failed(silent(longest_s)) from None
            return self._missing
        except TargetFailed as error:
            return error.fault
        return None

    async def _interrupt(self) -> None:
        plan = self._plan
        if plan.by is Interruption.RELOAD:
            summary = f"the page did not load within {plan.within_s:g} s"
            self._missing = Fault(reason=Reason.FALSE_RUNNING, summary=summary)
        await self._desktop.interrupt(plan.by, outage_s=plan.outage_s)
        self._missing = None
        if plan.by is Interruption.NETWORK:
            self._since = await self._desktop.sample()

    async def _what_is_missing(self) -> Fault | None:
        # Some pages connect on a click only.
        await self._desktop.press_buttons()
        return (
            await self._missing_page()
            or await self._missing_connection()
            or await self._missing_frames()
            or await self._missing_likeness()
        )

    async def _missing_page(self) -> Fault | None:
        if self._plan.by is not Interruption.RELOAD:
            return None
        page = await self._desktop.identity()
        return None if page.recognised else stranger(page, client=self._target.client.name)

    async def _missing_connection(self) -> Fault | None:
        connections, expected = await self._desktop.connections(), self._target.transport
        if is_established(connections, expected):
            return None
        return explain_unconnected(connections, expected=expected, network=self._target.network)

    async def _missing_frames(self) -> Fault | None:
        first = await self._desktop.first_frame()
        if first.visible_s is None:
            return explain_no_picture(first, budget_s=self._plan.within_s)
        await self._desktop.stimulate(self._target.stream.stimulus)
        if self._since is not None and not _is_fresh(await self._desktop.sample(), since=self._since):
            return Fault(reason=Reason.FROZEN, summary="connected, and no further frame was rendered")
        return None

    async def _missing_likeness(self) -> Fault | None:
        again = await self._memory.recognise(self._desktop, blank_luma=self._target.thresholds.blank_luma)
        self.not_compared = again.not_compared
        return again.fault


def _is_fresh(sample: StreamSample, *, since: StreamSample) -> bool:
    """Tells whether a frame was rendered between two samples; the page's counter may have begun anew."""
    if sample.frames_rendered is None or since.frames_rendered is None:
        return bool(sample.changed)
    return sample.frames_rendered != since.frames_rendered
