from dataclasses import replace

import pytest

from prober.domain.errors import Fault
from prober.domain.health import STANDING, HealthSample, HealthThresholds, excuses, judge_health, taken_until
from prober.domain.reasons import Layer, Reason

SOUND = HealthSample(
    at_s=0.0,
    loop_lag_s=0.002,
    throttled_ratio=0.02,
    cpu_some_ratio=0.35,
    memory_some_ratio=0.0,
    load=1.0,
    disk_free_ratio=0.5,
)
BAD = {
    "throttled_ratio": 0.8,
    "cpu_some_ratio": 0.97,
    "loop_lag_s": 0.4,
    "memory_some_ratio": 0.9,
    "disk_free_ratio": 0.001,
}
STARVED = Fault(reason=Reason.PROBER_STARVED, summary="starved")


@pytest.mark.parametrize("name", BAD)
def test_one_bad_measure_starves(name: str) -> None:
    """Bad for the whole window it is `prober_starved`, with value and limit among the facts."""
    fault = judge_health([replace(SOUND, **{name: BAD[name]})] * 10)
    assert fault is not None
    assert fault.reason is Reason.PROBER_STARVED
    assert len(fault.facts) == 1
    assert "limit" in fault.facts[0]
    assert fault.facts[0].endswith("beyond it in 100% of the window")
    assert fault.facts[0] in fault.summary


@pytest.mark.parametrize("name", BAD)
def test_a_moment_does_not_starve(name: str) -> None:
    """Bad for a third of the window only, it is a browser that launches."""
    bad = replace(SOUND, **{name: BAD[name]})
    assert judge_health([bad, SOUND, SOUND] * 4) is None


def test_a_sound_machine_is_not_starved() -> None:
    """Within all limits there is no fault, nor where nothing was told, nor without samples."""
    assert judge_health([SOUND] * 10) is None
    assert judge_health([HealthSample(at_s=0.0, loop_lag_s=0.0)] * 10) is None
    assert judge_health([]) is None


def test_few_samples_say_nothing() -> None:
    """Three bad ones are no window, and a measure that was told thrice neither."""
    bad = replace(SOUND, cpu_some_ratio=1.0)
    assert judge_health([bad] * 3) is None
    assert judge_health([bad] * 3 + [replace(SOUND, cpu_some_ratio=None)] * 7) is None


def test_load_counts_only_without_pressure() -> None:
    """Where pressure is told, the count of waiting tasks decides nothing."""
    busy = replace(SOUND, load=4.0)
    assert judge_health([busy] * 5) is None
    assert judge_health([replace(busy, cpu_some_ratio=None)] * 5) is not None


def test_the_most_telling_measure_comes_first() -> None:
    """Throttling explains the pressure that it makes."""
    fault = judge_health([replace(SOUND, throttled_ratio=0.8, cpu_some_ratio=1.0)] * 5)
    assert fault is not None
    assert [fact.split(" ", 1)[0] for fact in fault.facts] == ["CPU", "tasks"]


def test_thresholds_are_the_caller_s() -> None:
    """Other limits judge otherwise."""
    assert judge_health([SOUND] * 5, thresholds=HealthThresholds(cpu_some_ratio=0.3)) is not None


@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_a_starved_prober_excuses_what_it_waited_for(reason: Reason) -> None:
    """What somebody else said stands, our own errors keep their names, all else is excused."""
    fault = Fault(reason=reason, summary="failed")
    own = reason.layer is Layer.PROBER and reason is not Reason.DEADLINE_EXCEEDED
    assert excuses(fault, STARVED) == (reason not in STANDING and not own)
    assert not excuses(fault, None)


@pytest.mark.parametrize(
    "reason",
    [Reason.PHASE_FAILED, Reason.QUOTA_EXCEEDED, Reason.HTTP_5XX, Reason.IMAGE_PULL, Reason.AUTH_REJECTED],
    ids=str,
)
def test_facts_stand(reason: Reason) -> None:
    """They do not depend on our speed."""
    assert not excuses(Fault(reason=reason, summary="failed"), STARVED)


@pytest.mark.parametrize("layer", [Layer.MEDIA, Layer.INPUT], ids=str)
def test_all_that_is_measured_is_excused(layer: Layer) -> None:
    """Frames and input are measured by a browser that shares our CPU."""
    reasons = [reason for reason in Reason if reason.layer is layer]
    assert all(excuses(Fault(reason=reason, summary="failed"), STARVED) for reason in reasons)


def test_what_stands_says_why() -> None:
    """Each entry of the table has its reason in words, and none is our own."""
    assert all(STANDING.values())
    assert not [reason for reason in STANDING if reason.layer is Layer.PROBER]


@pytest.mark.parametrize(("end_s", "last"), [(-1.0, 0.0), (1.0, 1.0), (1.2, 2.0), (3.0, 3.0), (9.0, 3.0)], ids=str)
def test_samples_up_to_a_moment(end_s: float, last: float) -> None:
    """The interval in which the moment lies counts, what came after it does not."""
    samples = [replace(SOUND, at_s=float(second)) for second in range(4)]
    assert taken_until(samples, end_s)[-1].at_s == last
    assert list(taken_until([], end_s)) == []
