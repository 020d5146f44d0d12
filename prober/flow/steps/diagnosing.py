"""Looks for the cause behind the fault that ended a visit, while session and browser are there to be seen.

Before a target is blamed the prober looks at itself: whether it had the time to judge at all, and whether its browser
could have shown the desktop.
"""

from dataclasses import replace

from prober.domain.aside import Doing
from prober.domain.diagnosis import Observed, diagnose
from prober.domain.errors import Fault
from prober.domain.health import excuses, judge_health, taken_until
from prober.domain.reasons import Reason
from prober.domain.steps import TEARDOWN_STEPS, StepName
from prober.flow.journal import Journal
from prober.flow.ports import Desktop, Health
from prober.flow.steps.own_health import BROWSER_LAYERS, check_browser

_UNCLEAR = frozenset({Reason.BROWSER_CRASHED, Reason.DEADLINE_EXCEEDED})
"""Errors of ours behind which there may be another one: a browser whose driver died looks as if it had crashed, and one
that hangs lets deadlines pass."""

_LOADING = frozenset({StepName.LOGIN, StepName.STREAM})
"""Steps that load a page. That it never came is told by the browser alone, and one that hangs looks the same."""

LEAST_WINDOW_S = 5.0
"""How much of the time before a fault at least is looked at for starvation, in seconds: a step that fails at once has
no samples of its own, and what starved it began before."""


async def diagnose_fault(journal: Journal, desktop: Desktop, *, health: Health | None) -> None:
    """Puts the diagnosis in the place of the journal's fault, where it has one; raises nothing.

    Args:
        journal: The run's.
        desktop: What its browser shows.
        health: Samples of the machine; `None` where nobody takes any.
    """
    fault = journal.report.fault
    if fault is None:
        return
    observed = _observed(journal, fault)
    starved = _starved(journal, health=health)
    cleared: list[str] = []
    if excuses(diagnose(observed), starved):
        observed = replace(observed, ours=starved)
    elif _may_be_the_browser(met := diagnose(observed), step=observed.step):
        opened = observed.webrtc.opened if observed.webrtc else None
        with journal.aside(Doing.SELF_CHECK):
            broken = await check_browser(desktop, reason=met.reason, opened=opened)
        observed = replace(observed, ours=None if broken and broken.reason is fault.reason else broken)
        cleared = [] if broken else ["browser_missing: no, the browser connects to itself and shows what it sent"]
    cleared += _weighed(starved, health=health, observed=observed)
    journal.revise(diagnose(replace(observed, cleared=tuple(cleared))))


def diagnose_beginning(journal: Journal, *, health: Health | None) -> None:
    """Does the same for a fault that kept the visit from beginning, which is always ours; raises nothing.

    No session is there to be looked at, and no browser that could be asked.
    """
    report = journal.report
    if report.fault is None or report.steps:
        return
    starved = _starved(journal, health=health)
    observed = _observed(journal, report.fault)
    if excuses(report.fault, starved):
        observed = replace(observed, ours=starved)
    journal.revise(diagnose(replace(observed, cleared=_weighed(starved, health=health, observed=observed))))


def diagnose_end(journal: Journal, *, health: Health | None) -> None:
    """Does the same for a fault of the teardown, and mentions one that followed upon another; raises nothing."""
    report = journal.report
    if report.fault is None:
        return
    if report.step in TEARDOWN_STEPS:
        starved = _starved(journal, health=health)
        ours = starved if excuses(report.fault, starved) else None
        journal.revise(diagnose(replace(_observed(journal, report.fault), ours=ours)))
    _mention_later(journal, report.fault)


def _may_be_the_browser(met: Fault, *, step: StepName | None) -> bool:
    """Tells whether a browser that is not sound could look like this."""
    never_came = met.reason is Reason.FALSE_RUNNING and step in _LOADING
    return met.layer in BROWSER_LAYERS or met.reason in _UNCLEAR or never_came


def _mention_later(journal: Journal, met: Fault) -> None:
    """Mentions what failed in the teardown besides; the end of a session that does not go only follows from that.

    Args:
        journal: The run.
        met: What decided, before its diagnosis.
    """
    report, fault = journal.report, journal.report.fault
    if fault is None or (report.step in TEARDOWN_STEPS and met.reason is not Reason.CLEANUP_TIMEOUT):
        return
    later = [
        (record.name, record.fault)
        for record in report.steps
        if record.name in TEARDOWN_STEPS and record.fault and record.fault.reason is not met.reason
    ]
    if later:
        summary = "; ".join((fault.summary, *(f"{step} failed too ({other.reason})" for step, other in later)))
        told = (f"step {step} failed too: {other.reason}: {other.summary}" for step, other in later)
        # The run's own fault alone: the step's knows of no later ones.
        journal.report = replace(report, fault=replace(fault, summary=summary, facts=(*fault.facts, *told)))


def _observed(journal: Journal, fault: Fault) -> Observed:
    report = journal.report
    return Observed(
        fault=fault, step=report.step, kubernetes=report.kubernetes, webrtc=report.webrtc, findings=report.findings
    )


def _weighed(starved: Fault | None, *, health: Health | None, observed: Observed) -> tuple[str, ...]:
    """Says what the prober's own health has to do with a fault that it does not excuse."""
    if health is None or (starved is not None and observed.ours is starved):
        return ()
    if starved is None:
        return ("prober_starved: no, CPU, memory, disk and event loop were sound",)
    return (f"{starved.reason}: no reason for this by itself, but so it was: {starved.facts[0]}",)


def _starved(journal: Journal, *, health: Health | None) -> Fault | None:
    """Tells whether the prober was starved up to the fault: what it was like while it looked around is no excuse."""
    if health is None:
        return None
    begin_s, end_s = journal.decided_within_s()
    samples = health.samples(since_s=min(begin_s, end_s - LEAST_WINDOW_S))
    return judge_health(taken_until(samples, end_s))
