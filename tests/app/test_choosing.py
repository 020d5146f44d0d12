"""What a name on the command line leads to."""

import pytest

from prober.app.choosing import Sought, UnknownTargetError, choose, resolve
from prober.domain.errors import Fault
from prober.domain.ids import ClusterName, TargetName
from prober.domain.reasons import Reason
from tests.app.discovering import PRODUCTION, STAGING, discovering, fixed, settings
from tests.fakes.templates import FakeTemplates

GOLD = discovering("gold", selector="tier=gold", limit=2)
EACH = discovering("gold-and", cluster=PRODUCTION)
SETTINGS = settings(fixed("own"), GOLD, EACH)


@pytest.fixture
def clusters() -> dict[ClusterName, FakeTemplates]:
    """One cluster with four templates, one with one."""
    gold = {name: {"tier": "gold"} for name in ("a", "b", "c")}
    return {STAGING: FakeTemplates({**gold, "d": {}}), PRODUCTION: FakeTemplates({"more": {}})}


def test_names_of_the_file() -> None:
    """A fixed target is itself, a discovering one all that it finds, each once."""
    own, gold = choose(SETTINGS, ["own", "gold", "own"])
    assert own == SETTINGS.targets[0].target
    assert gold == Sought(name=TargetName("gold"), among=(GOLD,), every=True)


def test_names_that_only_a_cluster_knows() -> None:
    """What begins with a discovering target's name may be one of its targets, or of several'."""
    one, two = choose(SETTINGS, ["gold-a", "gold-and-more"])
    assert one == Sought(name=TargetName("gold-a"), among=(GOLD,), every=False)
    assert two == Sought(name=TargetName("gold-and-more"), among=(GOLD, EACH), every=False)


@pytest.mark.parametrize("name", ["nobody", "golda", "own-a", "{template}"], ids=str)
def test_a_name_that_nobody_can_have(name: str) -> None:
    """It is refused before anything is connected to, with the names that there are."""
    with pytest.raises(UnknownTargetError, match="there are: own, gold, gold-and"):
        choose(SETTINGS, ["own", name])


async def test_nothing_is_asked_without_need(clusters: dict[ClusterName, FakeTemplates]) -> None:
    """Fixed targets need no list of templates, and the permission for it neither."""
    resolved = await resolve(choose(SETTINGS, ["own"]), settings=SETTINGS, templates=clusters)
    assert [target.name for target in resolved.targets] == ["own"]
    assert [cluster.asked for cluster in clusters.values()] == [[], []]


async def test_all_that_is_found(clusters: dict[ClusterName, FakeTemplates]) -> None:
    """A discovering target stands for its targets up to its limit; what is left out is said."""
    resolved = await resolve(choose(SETTINGS, ["gold", "own"]), settings=SETTINGS, templates=clusters)
    assert [target.name for target in resolved.targets] == ["gold-a", "gold-b", "own"]
    assert resolved.notes == ("gold: template c is not probed: limit",)
    assert resolved.faults == ()
    assert clusters[PRODUCTION].asked == []


async def test_one_that_is_found(clusters: dict[ClusterName, FakeTemplates]) -> None:
    """One of them is looked for in all that may have it; all and one of them is each once."""
    names = ["gold-and-more", "gold-b", "gold"]
    resolved = await resolve(choose(SETTINGS, names), settings=SETTINGS, templates=clusters)
    assert [target.name for target in resolved.targets] == ["gold-and-more", "gold-b", "gold-a"]
    assert resolved.faults == ()


async def test_one_that_is_not_found(clusters: dict[ClusterName, FakeTemplates]) -> None:
    """It is a fault with the names that are found; the other names are not affected."""
    resolved = await resolve(choose(SETTINGS, ["gold-z", "own"]), settings=SETTINGS, templates=clusters)
    assert [target.name for target in resolved.targets] == ["own"]
    [fault] = resolved.faults
    assert fault.reason is Reason.TEMPLATE_NOT_FOUND
    assert fault.summary == "gold-z: no template gives this target; found: gold-a, gold-b"


async def test_nothing_is_found(clusters: dict[ClusterName, FakeTemplates]) -> None:
    """No template at all is a fault: nothing was probed, so nothing is green."""
    for name in "abc":
        clusters[STAGING].withdraw(name)
    resolved = await resolve(choose(SETTINGS, ["gold", "gold-a"]), settings=SETTINGS, templates=clusters)
    assert resolved.targets == ()
    assert [fault.reason for fault in resolved.faults] == [Reason.TEMPLATE_NOT_FOUND] * 2
    assert resolved.faults[1].summary.endswith("found: none")


async def test_a_cluster_that_does_not_answer(clusters: dict[ClusterName, FakeTemplates]) -> None:
    """Its fault says for which name; what another cluster has is found all the same."""
    clusters[STAGING].fault = Fault(reason=Reason.API_UNREACHABLE, summary="no answer")
    names = ["gold", "gold-and-more", "gold-and-less"]
    resolved = await resolve(choose(SETTINGS, names), settings=SETTINGS, templates=clusters)
    assert [target.name for target in resolved.targets] == ["gold-and-more"]
    assert [fault.summary for fault in resolved.faults] == ["gold: no answer", "gold-and-less: no answer"]
    assert {fault.reason for fault in resolved.faults} == {Reason.API_UNREACHABLE}
