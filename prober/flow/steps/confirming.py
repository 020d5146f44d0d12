"""Whether a run that did not succeed is worth another attempt."""

from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport
from prober.domain.steps import TEARDOWN_STEPS


def is_worth_confirming(report: RunReport) -> bool:
    """Tells whether another attempt could confirm a failure.

    Only failures of the target are confirmed: what is our own fault blames nobody. Where the teardown failed, a session
    may be left, whose run id the next attempt would share.
    """
    ended = {record.name for record in report.steps if record.outcome is Outcome.SUCCESS}
    return report.outcome is Outcome.FAILURE and ended.issuperset(TEARDOWN_STEPS)
