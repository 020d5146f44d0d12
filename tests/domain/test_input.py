import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.finding import Grade, Rule
from prober.domain.input import RESTLESS, InputTry, judge_input, summarise_input
from prober.domain.reasons import Reason
from prober.domain.thresholds import Limit

LIMIT = Limit(warn=0.150, fail=0.300)
LATENCIES = st.lists(st.none() | st.floats(min_value=0, max_value=10), min_size=1, max_size=20)
GRADES = list(Grade)


@pytest.mark.parametrize(
    ("latencies", "grade", "reason"),
    [
        ([0.04] * 10, Grade.GOOD, None),
        ([0.150] * 10, Grade.GOOD, None),
        ([0.2] * 10, Grade.DEGRADED, Reason.INPUT_SLOW),
        ([0.4] * 10, Grade.BAD, Reason.INPUT_SLOW),
        ([None] * 10, Grade.BAD, Reason.INPUT_DEAD),
        ([None] * 6 + [0.04] * 4, Grade.BAD, Reason.INPUT_DEAD),
        ([None] * 5 + [0.04] * 5, Grade.BAD, Reason.INPUT_DEAD),
        ([None] + [0.04] * 9, Grade.DEGRADED, Reason.INPUT_DEAD),
        ([RESTLESS] * 9 + [0.04], Grade.GOOD, None),
        ([RESTLESS] * 10, Grade.GOOD, None),
        ([None, RESTLESS, None, None], Grade.BAD, Reason.INPUT_DEAD),
        ([], Grade.GOOD, None),
    ],
    ids=[
        "quick",
        "at the limit",
        "slow",
        "too slow",
        "dead",
        "mostly dead",
        "half dead",
        "one miss",
        "mostly unmeasured",
        "all unmeasured",
        "dead where it was measured",
        "nothing tried",
    ],
)
def test_input_is_judged_by_misses_then_by_the_median(
    latencies: list[InputTry], grade: Grade, reason: Reason | None
) -> None:
    """Half of the inputs missing is dead, one is a warning; the median of the hits is held against its limit."""
    verdict = judge_input(summarise_input(latencies), LIMIT)
    assert verdict.grade is grade
    assert [finding.reason for finding in verdict.findings] == ([] if reason is None else [reason])


@pytest.mark.parametrize(
    ("tries", "planned", "grade"),
    [
        ([None, None], 10, Grade.DEGRADED),
        ([None, None, None], 10, Grade.BAD),
        ([None, RESTLESS, RESTLESS, None], 10, Grade.DEGRADED),
        ([None], 1, Grade.BAD),
        ([None, None], 2, Grade.BAD),
        ([None, None], None, Grade.BAD),
    ],
    ids=["two of ten", "three of ten", "two measured", "the only one", "both", "all there were"],
)
def test_a_dead_input_takes_several_tries(tries: list[InputTry], planned: int | None, grade: Grade) -> None:
    """A budget that leaves room for one or two tries degrades; they prove nothing, unless no more were planned."""
    assert judge_input(summarise_input(tries, planned=planned), LIMIT).grade is grade


def test_a_summary_counts_hits_apart_from_misses() -> None:
    """Quantiles are those of the hits; misses only count, and what cannot be measured is neither."""
    summary = summarise_input([0.1, None, RESTLESS, 0.3, 0.2])
    assert (summary.repetitions, summary.misses, summary.unmeasured) == (4, 1, 1)
    assert (summary.p50_s, summary.p95_s) == (0.2, 0.3)


@given(latencies=LATENCIES, slower=st.floats(min_value=0, max_value=10))
def test_slower_input_never_improves_the_verdict(latencies: list[float | None], slower: float) -> None:
    """Adding time to every hit leaves the verdict as it is or makes it worse."""
    before = judge_input(summarise_input(latencies), LIMIT).grade
    worse = [None if latency is None else latency + slower for latency in latencies]
    assert GRADES.index(judge_input(summarise_input(worse), LIMIT).grade) >= GRADES.index(before)


def test_findings_name_share_and_limit() -> None:
    """Misses are told as a share of the inputs, latency as the median, each beside the edge that it passed."""
    missed, slow = judge_input(summarise_input([None, None, 0.4, 0.4, 0.2]), LIMIT).findings
    assert (missed.rule, missed.value, missed.limit, missed.bad) == (Rule.INPUT_MISSES, 0.4, 0.0, False)
    assert (slow.rule, slow.value, slow.limit, slow.unit) == (Rule.INPUT_LATENCY, 0.4, 0.3, "seconds")
    (dead,) = judge_input(summarise_input([None] * 5), LIMIT).findings
    assert (dead.value, dead.limit, dead.bad) == (1.0, 0.5, True)
