"""Room for sessions: how many of ours may live in a namespace at once.

The cap is what keeps a leak small. Within one process it is never overshot, however many runs begin at the same time:
each announces its creation before it lists what lives, and counts whoever announced before. Between processes it is
best effort, since the API server knows no such condition: each may overshoot by what the others are creating.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.ids import ClusterName, RunId
from prober.domain.reasons import Reason
from prober.domain.session import RUN_ID_LABEL, SessionView
from prober.domain.waiting import is_held

Place = tuple[ClusterName, str]
"""A cluster and a namespace in it."""

HELD_AFTER_S = 30.0
"""After how long in deletion a session is one that does not go, in seconds: the platform's own limit for a cleanup."""


class Creations:
    """The creations under way in this process."""

    def __init__(self) -> None:
        self._under_way: defaultdict[Place, list[RunId]] = defaultdict(list)

    @contextmanager
    def announced(self, place: Place, run_id: RunId) -> Iterator[tuple[RunId, ...]]:
        """Announces a run's creation for the length of the block, and gives the runs that came before.

        Those count to the block's end, whatever becomes of them: a list that was made in between may have missed them.
        """
        under_way = self._under_way[place]
        before = tuple(under_way)
        under_way.append(run_id)
        try:
            yield before
        finally:
            under_way.remove(run_id)


def check_cap(
    own: Sequence[SessionView], *, before: Collection[RunId], namespace: str, cap: int, now: datetime
) -> None:
    """Sees that there is room for one more session.

    Args:
        own: The sessions of ours that live.
        before: The runs of this process that are creating theirs.
        namespace: Where.
        cap: How many may live.
        now: The present, by the wall clock.

    Raises:
        ProberFailed: `leak_cap_reached`.
        TargetFailed: `finalizer_stuck`, when it is sessions that do not go which fill the cap.
    """
    coming = set(before) - {session.labels.get(RUN_ID_LABEL) for session in own}
    if len(own) + len(coming) < cap:
        return
    held = [session for session in own if is_held(session, now=now, after_s=HELD_AFTER_S)]
    if len(own) + len(coming) - len(held) < cap:
        summary = f"{len(held)} sessions of ours are being deleted in namespace {namespace} and do not go (cap {cap})"
        raise TargetFailed.because(Reason.FINALIZER_STUCK, summary)
    created = f", {len(coming)} more are being created" if coming else ""
    summary = f"{len(own)} sessions of ours live in namespace {namespace}{created} (cap {cap}): run a sweep"
    raise ProberFailed.because(Reason.LEAK_CAP_REACHED, summary)
