"""Looks for the cause behind the fault that ended a visit, while the session is there to be seen."""

from dataclasses import replace

from prober.domain.diagnosis import Observed, diagnose
from prober.domain.steps import TEARDOWN_STEPS
from prober.flow.journal import Journal


def diagnose_fault(journal: Journal) -> None:
    """Puts the diagnosis in the place of the journal's fault, where it has one; raises nothing."""
    report = journal.report
    if report.fault is None:
        return
    observed = Observed(
        fault=report.fault,
        step=report.step,
        kubernetes=report.kubernetes,
        webrtc=report.webrtc,
    )
    journal.revise(diagnose(observed))


def diagnose_end(journal: Journal) -> None:
    """Does the same for a fault of the teardown, and mentions one that followed upon another; raises nothing."""
    report = journal.report
    if report.step in TEARDOWN_STEPS:
        diagnose_fault(journal)
    elif report.fault is not None:
        after = [record for record in report.steps if record.name in TEARDOWN_STEPS and record.fault is not None]
        told = tuple(
            f"step {record.name} failed too: {record.fault.reason}: {record.fault.summary}"
            for record in after
            if record.fault is not None
        )
        if told:
            journal.revise(replace(report.fault, facts=(*report.fault.facts, *told)))
