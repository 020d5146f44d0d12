"""Whether a session is an orphan: ours, with its run dead.

A run writes its deadline onto the session that it creates. A session that bears all our marks and whose deadline is
past has nobody left who would end it. Whatever lacks one of the marks, or has one that cannot be read, is not ours to
remove, however old it is: of a session that we did not mark to the end we do not know what it is for, and the
platform's own `timeout` ends it anyway.
"""

from datetime import datetime, timedelta

from prober.domain.session import (
    DEADLINE_ANNOTATION,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    OWNER_LABEL,
    RUN_ID_LABEL,
    TARGET_LABEL,
    SessionView,
)

GRACE = timedelta(seconds=30)
"""What clocks of two machines may differ by before a live run's session would be taken for an orphan."""


def is_ours(session: SessionView) -> bool:
    """Tells whether a session bears all the marks that only we set."""
    labels = session.labels
    return labels.get(MANAGED_BY_LABEL) == MANAGED_BY and {RUN_ID_LABEL, TARGET_LABEL, OWNER_LABEL} <= labels.keys()


def deadline_of(session: SessionView) -> datetime | None:
    """Returns the deadline of the session's run, or `None` where it cannot be read."""
    try:
        deadline = datetime.fromisoformat(session.annotations[DEADLINE_ANNOTATION])
    except (KeyError, ValueError):
        return None
    return deadline if deadline.tzinfo else None


def is_orphan(session: SessionView, *, now: datetime, grace: timedelta = GRACE) -> bool:
    """Tells whether a session is ours and its run's deadline, with some grace, is past."""
    deadline = deadline_of(session)
    return is_ours(session) and deadline is not None and now - grace > deadline
