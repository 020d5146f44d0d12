"""Which runs' evidence is kept: failures and our own errors, and a share of the successes to hold them against."""

import hashlib
from dataclasses import dataclass

from prober.domain.ids import RunId
from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport

EXPLAINED = frozenset({Outcome.FAILURE, Outcome.ERROR})
"""Outcomes that somebody will want to have explained; a cancelled run says nothing of anybody."""

_HASH_BYTES = 8
_HASHES = 256.0**_HASH_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPlan:
    """What is kept.

    Attributes:
        failures: Whether failures of targets and errors of ours are.
        successes: Which share of the successes is, 0 to 1.
    """

    failures: bool = True
    successes: float = 0.01

    def keeps(self, report: RunReport) -> bool:
        """Tells whether a run's evidence is kept; a success that failed at first is to be explained as a failure is."""
        if report.outcome is Outcome.CANCELLED:
            return False
        if self.failures and any(attempt.outcome in EXPLAINED for attempt in (report, *report.earlier)):
            return True
        return report.outcome is Outcome.SUCCESS and is_sampled(report.run_id, ratio=self.successes)


def is_sampled(run_id: RunId, *, ratio: float) -> bool:
    """Tells whether a run belongs to a sample: always the same answer, and at a higher ratio never a different yes.

    By the hash of the id, since the ids themselves begin with the time.

    Args:
        run_id: The run.
        ratio: The share of all runs that the sample has, 0 to 1.
    """
    digest = hashlib.sha256(run_id.encode()).digest()
    return int.from_bytes(digest[:_HASH_BYTES], "big") < ratio * _HASHES
