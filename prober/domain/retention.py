"""Which kept evidence has to go: what is too old, too many of a target, too much in all, or in the way of a full disk.

The oldest goes first. Two runs of each target are guarded, whatever the limits say: its newest failure, and our newest
error at it. Only a newer one takes such a place, so that no flood of successes, and no quiet year, takes away the
evidence of the last failure. So is what is being kept right now. Nothing here reads a clock or a disk.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prober.domain.ids import RunId, TargetName
from prober.domain.keeping import EXPLAINED
from prober.domain.outcomes import Outcome

UNDER_WAY_S = 300.0
"""How long keeping one run may be under way, in seconds; a folder without a manifest that is older was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """The kept evidence of one run.

    Attributes:
        target: Of which target.
        run_id: Of which run.
        kept_at: When it was kept.
        outcome: How the run ended; `None` where the manifest is missing, since keeping it is under way or was cut off.
        size: How much it takes, in bytes.
    """

    target: TargetName
    run_id: RunId
    kept_at: datetime
    outcome: Outcome | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept.

    Attributes:
        age_s: For how long, in seconds.
        size: How much in all, in bytes.
        count: How many runs of each target.
        free: The share of the disk that stays free, 0 to 1; of what has no disk nothing.
    """

    age_s: float = 14 * 24 * 3600.0
    size: int = 2 * 1024**3
    count: int = 200
    free: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A disk's room, in bytes."""

    free: int
    total: int


def shortage(room: Room | None, *, limits: Limits, coming: int = 0) -> int:
    """Returns how many bytes the disk lacks so that enough of it stays free, 0 where it has them.

    Args:
        room: The disk's room; `None` where there is no disk to fill.
        limits: How much stays free.
        coming: What is about to be written, in bytes.
    """
    if room is None:
        return 0
    return max(0, round(limits.free * room.total) + coming - room.free)


def surplus(
    kept: Iterable[KeptRun], *, limits: Limits, now: datetime, room: Room | None = None, coming: int = 0
) -> tuple[KeptRun, ...]:
    """Returns what has to go, in the order in which to remove it.

    Args:
        kept: All that is kept.
        limits: How much may be.
        now: The time, by which ages are counted.
        room: The disk's room, where there is a disk.
        coming: What is about to be kept, in bytes.
    """
    newest_first = sorted(kept, key=lambda run: (run.kept_at, run.run_id), reverse=True)
    guarded = _guarded(newest_first, now=now)
    going = _outlived(newest_first, guarded=guarded, limits=limits, now=now)
    staying = [run for run in newest_first if run not in going]
    freed = sum(run.size for run in going)
    excess = max(
        sum(run.size for run in staying) + coming - limits.size,
        shortage(room, limits=limits, coming=coming) - freed,
    )
    for run in reversed(staying):
        if excess <= 0:
            break
        if run not in guarded:
            going.append(run)
            excess -= run.size
    return tuple(going)


def _guarded(newest_first: Sequence[KeptRun], *, now: datetime) -> set[KeptRun]:
    begin = now - timedelta(seconds=UNDER_WAY_S)
    under_way = {run for run in newest_first if run.outcome is None and run.kept_at > begin}
    newest: dict[tuple[TargetName, Outcome], KeptRun] = {}
    for run in newest_first:
        if run.outcome in EXPLAINED:
            newest.setdefault((run.target, run.outcome), run)
    return under_way | set(newest.values())


def _outlived(
    newest_first: Sequence[KeptRun], *, guarded: set[KeptRun], limits: Limits, now: datetime
) -> list[KeptRun]:
    """Returns what is too old or beyond its target's count, the oldest first."""
    begin = now - timedelta(seconds=limits.age_s)
    rank: Counter[TargetName] = Counter()
    outlived: list[KeptRun] = []
    for run in newest_first:
        rank[run.target] += 1
        if run not in guarded and (run.kept_at < begin or rank[run.target] > limits.count):
            outlived.append(run)
    return outlived[::-1]
