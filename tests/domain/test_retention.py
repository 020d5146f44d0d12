"""Which kept evidence has to go."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome
from prober.domain.retention import KeptRun, Limits, Room, shortage, surplus

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOUR_S = 3600.0
AMPLE = Limits(age_s=1000 * HOUR_S, size=10**9, count=10**6, free=0.0)


def kept(
    age_h: float, outcome: Outcome | None = Outcome.SUCCESS, *, target: str = "ubuntu", size: int = 100
) -> KeptRun:
    """Returns a run that was kept so many hours ago; its id is its age."""
    return KeptRun(
        target=TargetName(target),
        run_id=RunId(f"run-{age_h:g}"),
        kept_at=NOW - timedelta(hours=age_h),
        outcome=outcome,
        size=size,
    )


def ages(runs: Sequence[KeptRun]) -> list[float]:
    """Returns the ages of runs in hours."""
    return [(NOW - run.kept_at).total_seconds() / HOUR_S for run in runs]


def test_nothing_goes_within_the_limits() -> None:
    """Evidence at its limits, not beyond them, stays."""
    runs = [kept(1), kept(2)]
    assert surplus(runs, limits=Limits(age_s=2 * HOUR_S, size=200, count=2, free=0.0), now=NOW) == ()
    assert surplus([], limits=AMPLE, now=NOW) == ()


def test_age() -> None:
    """What is older than the limit goes, the oldest first, cut-off folders too."""
    runs = [kept(1), kept(3, None), kept(4)]
    assert ages(surplus(runs, limits=replace(AMPLE, age_s=2 * HOUR_S), now=NOW)) == [4, 3]


def test_count_is_each_target_s_own() -> None:
    """A target with many runs takes no place from one with few."""
    runs = [kept(1), kept(2), kept(3), kept(9, target="debian"), kept(8, target="debian")]
    assert ages(surplus(runs, limits=replace(AMPLE, count=2), now=NOW)) == [3]


@pytest.mark.parametrize(
    ("size", "coming", "gone"),
    [
        pytest.param(300, 0, [], id="fits"),
        pytest.param(299, 0, [3], id="a byte too much"),
        pytest.param(150, 0, [3, 2], id="two too much"),
        pytest.param(300, 1, [3], id="with what is coming"),
        pytest.param(0, 0, [3, 2, 1], id="nothing may stay"),
    ],
)
def test_size(size: int, coming: int, gone: list[float]) -> None:
    """As many of the oldest go as make the rest fit."""
    runs = [kept(2), kept(1), kept(3)]
    assert ages(surplus(runs, limits=replace(AMPLE, size=size), now=NOW, coming=coming)) == gone


@pytest.mark.parametrize(
    ("room", "coming", "gone"),
    [
        pytest.param(None, 10**6, [], id="no disk"),
        pytest.param(Room(free=200, total=1000), 0, [], id="enough"),
        pytest.param(Room(free=199, total=1000), 0, [3], id="a byte too few"),
        pytest.param(Room(free=200, total=1000), 150, [3, 2], id="with what is coming"),
        pytest.param(Room(free=0, total=1000), 0, [3, 2], id="full"),
    ],
)
def test_the_disk(room: Room | None, coming: int, gone: list[float]) -> None:
    """The oldest go until the disk has its free share again."""
    runs = [kept(2), kept(1), kept(3)]
    assert ages(surplus(runs, limits=replace(AMPLE, free=0.2), now=NOW, room=room, coming=coming)) == gone


def test_what_is_too_old_makes_room() -> None:
    """What goes by its age counts towards the disk's room: no more goes than has to."""
    runs = [kept(1), kept(2), kept(5)]
    limits = replace(AMPLE, age_s=4 * HOUR_S, free=0.2)
    assert ages(surplus(runs, limits=limits, now=NOW, room=Room(free=100, total=1000))) == [5]


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(replace(AMPLE, age_s=HOUR_S), id="age"),
        pytest.param(replace(AMPLE, count=1), id="count"),
        pytest.param(replace(AMPLE, size=0), id="size"),
    ],
)
def test_the_newest_failure_and_the_newest_error_stay(limits: Limits) -> None:
    """Only a newer one of its own kind takes such a place: an error of ours explains no failure of the target."""
    runs = [
        kept(2),
        kept(3, Outcome.ERROR),
        kept(4, Outcome.FAILURE),
        kept(5, Outcome.ERROR),
        kept(6, Outcome.FAILURE),
        kept(7, Outcome.FAILURE, target="debian"),
    ]
    assert set(ages(surplus(runs, limits=limits, now=NOW))) - {2} == {5, 6}


def test_what_is_being_kept_stays() -> None:
    """A folder without a manifest is not taken away from under whoever writes it; minutes later it was cut off."""
    minute_h = 1 / 60
    runs = [kept(minute_h, None), kept(6 * minute_h, None)]
    gone = surplus(runs, limits=Limits(age_s=1, size=0, count=1, free=0.0), now=NOW)
    assert gone == (runs[1],)


def test_shortage() -> None:
    """It is what the disk lacks for its free share, with what is about to be written; often that is nothing."""
    limits = Limits(free=0.05)
    assert shortage(None, limits=limits, coming=10**12) == 0
    assert shortage(Room(free=500, total=1000), limits=limits) == 0
    assert shortage(Room(free=60, total=1000), limits=limits, coming=20) == 10


RUNS = st.lists(
    st.builds(
        kept,
        st.integers(0, 2000).map(lambda number: number / 10),
        st.sampled_from([Outcome.SUCCESS, Outcome.FAILURE, Outcome.ERROR, None]),
        target=st.sampled_from(["ubuntu", "debian"]),
        size=st.integers(0, 500),
    ),
    max_size=30,
    unique_by=lambda run: (run.target, run.run_id),
)
LIMITS = st.builds(
    Limits,
    age_s=st.floats(0, 300 * HOUR_S),
    size=st.integers(0, 5000),
    count=st.integers(1, 20),
    free=st.floats(0, 1),
)
ROOMS = st.none() | st.builds(Room, free=st.integers(0, 10_000), total=st.just(10_000))


def newest(runs: Sequence[KeptRun], *, target: str, outcome: Outcome) -> KeptRun | None:
    """Returns a target's newest run with an outcome."""
    found = [run for run in runs if run.target == target and run.outcome is outcome]
    return max(found, key=lambda run: (run.kept_at, run.run_id), default=None)


@given(runs=RUNS, flood=st.integers(0, 50), limits=LIMITS, room=ROOMS)
def test_no_flood_of_successes_removes_the_newest_failure(
    runs: list[KeptRun], flood: int, limits: Limits, room: Room | None
) -> None:
    """Whatever the limits, and however many successes come after it, each target's newest failure is kept."""
    successes = [replace(kept(0, size=400), run_id=RunId(f"flood-{number}")) for number in range(flood)]
    gone = surplus([*runs, *successes], limits=limits, now=NOW, room=room)
    for target in ("ubuntu", "debian"):
        for outcome in (Outcome.FAILURE, Outcome.ERROR):
            assert newest(runs, target=target, outcome=outcome) not in gone


@given(runs=RUNS, limits=LIMITS, room=ROOMS, coming=st.integers(0, 3000))
def test_afterwards_nothing_else_has_to_go(runs: list[KeptRun], limits: Limits, room: Room | None, coming: int) -> None:
    """Once the surplus is gone there is none, and only guarded runs may still be too much."""
    gone = surplus(runs, limits=limits, now=NOW, room=room, coming=coming)
    assert len(set(gone)) == len(gone)
    assert set(gone) <= set(runs)
    rest = [run for run in runs if run not in gone]
    freed = sum(run.size for run in gone)
    room_then = room and Room(free=room.free + freed, total=room.total)
    assert surplus(rest, limits=limits, now=NOW, room=room_then, coming=coming) == ()


@given(runs=RUNS, limits=LIMITS, room=ROOMS)
def test_the_order_of_the_list_says_nothing(runs: list[KeptRun], limits: Limits, room: Room | None) -> None:
    """A store may list in any order."""
    forwards = surplus(runs, limits=limits, now=NOW, room=room)
    backwards = surplus(runs[::-1], limits=limits, now=NOW, room=room)
    assert set(forwards) == set(backwards)
