"""What a run with several attempts comes to.

A failure of the target is visited again, to tell one that lasts from one that passes. Only an attempt that says
something of the target can tell: one that succeeds (the run is a success, marked flaky), or one that fails (the run's
failure). One that we ourselves spoil, or are told to stop, confirms nothing and acquits nobody. The failure was seen,
so it stands, as the run's; the spoilt attempt stands beside it, after it.
"""

from collections.abc import Sequence
from dataclasses import replace

from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport

UNTELLING = frozenset({Outcome.ERROR, Outcome.CANCELLED})
"""Outcomes of attempts that say nothing of the target."""


def concluded(report: RunReport) -> RunReport:
    """Returns the run's report, given that of its last attempt with those before it.

    It is the attempt's that decides, the others with it: the last one's, or, where that says nothing of the target, the
    last failure's. It says of itself then that nothing has confirmed it.
    """
    attempts = (*report.earlier, replace(report, earlier=()))
    failures = [place for place, attempt in enumerate(attempts) if attempt.outcome is Outcome.FAILURE]
    if report.outcome not in UNTELLING or not failures:
        return report
    place = failures[-1]
    return _unconfirmed(replace(attempts[place], earlier=attempts[:place], later=attempts[place + 1 :]))


def _unconfirmed(report: RunReport) -> RunReport:
    """Says in its fault what became of the attempts after it."""
    fault = report.fault
    if fault is None:
        return report
    told = [
        f"a fault that passes: not known, attempt {number} tells nothing of the target: {_words(attempt)}"
        for number, attempt in numbered(report)[len(report.earlier) :]
    ]
    return replace(report, fault=replace(fault, considered=(*fault.considered, *told)))


def _words(attempt: RunReport) -> str:
    if attempt.fault is None:
        return attempt.outcome.value
    return f"{attempt.outcome}, {attempt.fault.reason}: {attempt.fault.summary}"


def numbered(report: RunReport) -> Sequence[tuple[int, RunReport]]:
    """Returns the attempts beside the one that decided, each with its number; the first of a run is 1."""
    return (*enumerate(report.earlier, 1), *enumerate(report.later, len(report.earlier) + 2))
