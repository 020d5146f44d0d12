"""The optional checks of step `stream`, each a sub-result of it."""

from collections.abc import Iterable

from prober.domain.checks import CheckPlan, CheckResult, judge_audio, judge_resolution
from prober.domain.errors import failed
from prober.domain.stream import StreamSummary
from prober.domain.target import Target
from prober.flow.ports import Clock, Desktop
from prober.flow.steps.reconnecting import check_reconnecting


def judge_checks(stream: StreamSummary, *, plan: CheckPlan) -> list[CheckResult]:
    """Returns the results of those checks that the observation window answers."""
    results = []
    if plan.audio:
        results.append(judge_audio(stream))
    if plan.least_width is not None or plan.least_height is not None:
        results.append(judge_resolution(stream, plan))
    return results


async def complete_checks(results: list[CheckResult], *, desktop: Desktop, target: Target, clock: Clock) -> None:
    """Sees that the checks so far were passed, then makes the one that interrupts the desktop.

    Args:
        results: Those so far; the last one's result is added.
        desktop: The desktop, which shows.
        target: What is asked of it.
        clock: For the check's duration.

    Raises:
        TargetFailed: The reason of the first that was not passed.
        ProberFailed: What the browser met.
    """
    _accept(results)
    plan = target.checks.reconnect
    if plan is not None:
        results.append(await check_reconnecting(desktop, target=target, plan=plan, clock=clock))
        _accept(results)


def _accept(results: Iterable[CheckResult]) -> None:
    for result in results:
        if result.fault is not None:
            raise failed(result.fault)
