"""Times that must fit into one another.

A run may use up every budget. That has to fit the target's interval (or runs overlap), the session's own timeout (or
the platform ends the session in the middle of a run) and, its teardown, the service's shutdown (or sessions stay
behind).

What a run does beside its steps, to look around after a failure and to keep what it saw, is bounded too and no part of
any budget. A run that uses up all budgets and then all of that is so rare that it is not refused: it is noted, by
`overlaps`, and makes the next due run a skipped one, which is counted.
"""

from collections.abc import Iterable, Iterator

from prober.app.config.cron import longest_gap_s, shortest_gap_s
from prober.app.config.durations import format_duration, parse_duration
from prober.app.config.problems import Finding, KeyPath
from prober.domain.steps import PAGE_END_S, StepName
from prober.domain.target import Schedule, Target


def check_times(target: Target, *, schedule: Schedule, path: KeyPath) -> list[Finding]:
    """Returns what does not fit in one target.

    Args:
        target: The target.
        schedule: When it is probed.
        path: Where the target stands in the file.
    """
    return [
        *_interval(target, schedule=schedule, path=path),
        *_jitter(schedule, path=path),
        *_timeout(target, path=path),
        *_window(target, path=path),
        *_expectations(target, path=path),
    ]


def overlaps(target: Target, *, schedule: Schedule, keeping_s: float | None) -> str | None:
    """Says by how much a run may outlast its interval by what it does beside its steps; `None` where it may not.

    Args:
        target: The target.
        schedule: When it is probed.
        keeping_s: How long keeping its evidence may take, in seconds; `None` where none is kept.
    """
    beside_s = target.longest_beside_s(kept=keeping_s is not None)
    longest_s, gap_s = target.longest_run_s(beside_s=beside_s) + (keeping_s or 0.0), _gap_s(schedule)
    if longest_s <= gap_s:
        return None
    gap, longest = format_duration(gap_s), format_duration(longest_s)
    return (
        f"a run that uses up all budgets, fails and is looked into may take {longest}, longer than the interval of"
        f" {gap}; the next one is skipped then"
    )


def check_shutdown(targets: Iterable[Target], *, grace_s: float) -> list[Finding]:
    """Returns a finding where the service's shutdown is too short for a target's teardown.

    Args:
        targets: The targets.
        grace_s: How long the service waits for teardowns, in seconds.
    """
    longest_s = max((target.budgets.teardown() for target in targets), default=0.0)
    if grace_s >= longest_s:
        return []
    grace, teardown = format_duration(grace_s), format_duration(longest_s)
    parts = f"budgets create, terminate and cleanup, {format_duration(PAGE_END_S)} for the page"
    problem = f"{grace} is shorter than the {teardown} that a teardown may take ({parts})"
    return [Finding(path=("shutdown_grace",), problem=problem, mend=f"raise it to at least {teardown}")]


def check_no_frame(target: Target, *, path: KeyPath) -> list[Finding]:
    """Returns a finding where the time without a frame that fails a run is longer than what is judged of the window.

    For targets that set this time themselves: the default under a short window is nobody's mistake, and a window
    without any frame fails by itself.

    Args:
        target: The target.
        path: Where the target stands in the file.
    """
    judged_s = round(target.stream.window_s - target.stream.settle_s, 3)  # to the millisecond, as durations are written
    limit_s = target.thresholds.no_frame_s
    if limit_s <= judged_s or judged_s <= 0:  # with nothing left to judge the window itself is a finding
        return []
    limit, judged = format_duration(limit_s), format_duration(judged_s)
    problem = f"{limit} can never pass in the {judged} of the stream that are judged (window less settle)"
    mend = f"lower it to at most {judged}, or raise stream.window"
    return [Finding(path=(*path, "expect", "no_frame"), problem=problem, mend=mend)]


def nominal_interval_s(schedule: Schedule) -> float | None:
    """Returns the time between two due runs, in seconds, for a cron expression the longest one; without the jitter.

    `None` is a cron expression that never has two runs.
    """
    return schedule.every_s if schedule.cron is None else longest_gap_s(schedule.cron)


def _interval(target: Target, *, schedule: Schedule, path: KeyPath) -> Iterator[Finding]:
    longest_s, gap_s = target.longest_run_s(), _gap_s(schedule)
    if longest_s > gap_s:
        kind = "every" if schedule.cron is None else "cron"
        gap, longest = format_duration(gap_s), format_duration(longest_s)
        problem = (
            f"an interval of {gap} is shorter than the {longest} that a run may take ({_parts(target)}{_times(target)})"
        )
        mend = f"raise it to at least {longest}, or lower budgets"
        yield Finding(path=(*path, "schedule", kind), problem=problem, mend=mend)


def _jitter(schedule: Schedule, *, path: KeyPath) -> Iterator[Finding]:
    """Holds the jitter against half the interval.

    Due times stand on a fixed grid, each delayed by itself, so that two starts may be as close as the interval less
    the jitter; closer than half of it they no longer come in the interval that was asked for. The longest run need not
    fit what is left: the rare one that is still under way when the next is due makes that one a skipped run, which is
    counted.
    """
    gap_s = _gap_s(schedule)
    if schedule.jitter_s >= gap_s / 2:
        gap, half = format_duration(gap_s), format_duration(gap_s / 2)
        problem = f"must be shorter than half the interval of {gap}, or starts come too close to one another"
        yield Finding(path=(*path, "schedule", "jitter"), problem=problem, mend=f"lower it below {half}")


def _gap_s(schedule: Schedule) -> float:
    """Returns the time between two due runs, for a cron expression the shortest one, in seconds."""
    return (schedule.every_s or 0.0) if schedule.cron is None else shortest_gap_s(schedule.cron)


def _timeout(target: Target, *, path: KeyPath) -> Iterator[Finding]:
    longest_s = target.longest_s()
    if parse_duration(target.session.timeout) <= longest_s:
        timeout, longest = target.session.timeout, format_duration(longest_s)
        problem = f"{timeout} does not outlive a run, which may take {longest} ({_parts(target)})"
        mend = f"raise it above {longest}, or lower budgets"
        yield Finding(path=(*path, "session", "timeout"), problem=problem, mend=mend)


def _parts(target: Target) -> str:
    checks = target.checks.longest_s()
    extra = f", the window, {format_duration(checks)} for checks.reconnect" if checks else " and the window"
    return f"all budgets{extra}"


def _times(target: Target) -> str:
    return f", {target.attempts} attempts" if target.attempts > 1 else ""


def _window(target: Target, *, path: KeyPath) -> Iterator[Finding]:
    stream = target.stream
    if stream.settle_s + 2 * stream.sample_every_s > stream.window_s:
        window = format_duration(stream.window_s)
        problem = f"{window} leaves no room for two samples after settle"
        mend = "raise window, or lower settle or sample_every"
        yield Finding(path=(*path, "stream", "window"), problem=problem, mend=mend)


def _expectations(target: Target, *, path: KeyPath) -> Iterator[Finding]:
    for step, expected_s in target.expected_s.items():
        beyond_s = target.stream.window_s + target.checks.longest_s() if step is StepName.STREAM else 0.0
        budget_s = target.budgets.of(step) + beyond_s
        if expected_s > budget_s:
            expected, budget = format_duration(expected_s), format_duration(budget_s)
            problem = f"{expected} can never be exceeded: the step's budget is {budget}"
            mend = f"lower it, or raise budgets.{step}"
            yield Finding(path=(*path, "expect", step.value), problem=problem, mend=mend)
