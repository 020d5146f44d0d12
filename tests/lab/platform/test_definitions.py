from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from prober.lab.cluster.belongings import until_gone
from prober.lab.cluster.definitions import DEFINITIONS, install_crds, remove_crds
from prober.lab.cluster.errors import UnfitDefinitionError
from prober.lab.kube.server import load_definitions
from prober.lab.operator.client import KubeClient, NotFound


@pytest.fixture
def definitions() -> list[dict[str, Any]]:
    """The platform's kinds, in groups that no cluster has."""
    return [_renamed(definition, group=f"x{uuid4().hex[:8]}.example.com") for definition in load_definitions()]


def _renamed(definition: Mapping[str, Any], *, group: str) -> dict[str, Any]:
    spec = {**definition["spec"], "group": group}
    return {**definition, "metadata": {"name": f"{spec['names']['plural']}.{group}"}, "spec": spec}


def _paths(definitions: list[dict[str, Any]]) -> list[str]:
    return [f"{DEFINITIONS}/{definition['metadata']['name']}" for definition in definitions]


def _collection(definition: Mapping[str, Any]) -> str:
    return f"/apis/{definition['spec']['group']}/v1alpha1/{definition['spec']['names']['plural']}"


def _template(definitions: list[dict[str, Any]]) -> dict[str, Any]:
    return next(definition for definition in definitions if definition["spec"]["names"]["kind"] == "VDITemplate")


async def test_kinds_are_served_at_once(house: KubeClient, definitions: list[dict[str, Any]]) -> None:
    """Whoever installed the kinds can use them without waiting; twice is as good as once."""
    for _ in range(2):
        await install_crds(house, tenant="one", definitions=definitions)
        assert [await house.list(_collection(definition)) for definition in definitions] == [[], [], []]
    await remove_crds(house, tenant="one", definitions=definitions)
    assert all([await until_gone(house, path) for path in _paths(definitions)])


async def test_the_last_lab_takes_the_kinds_away(house: KubeClient, definitions: list[dict[str, Any]]) -> None:
    """A lab that leaves takes nothing from another one."""
    await install_crds(house, tenant="one", definitions=definitions)
    await install_crds(house, tenant="two", definitions=definitions)
    await remove_crds(house, tenant="one", definitions=definitions)
    for path in _paths(definitions):
        assert "deletionTimestamp" not in (await house.get(path))["metadata"]
    await remove_crds(house, tenant="two", definitions=definitions)
    assert all([await until_gone(house, path) for path in _paths(definitions)])


async def test_a_kind_with_objects_stays(house: KubeClient, definitions: list[dict[str, Any]]) -> None:
    """Nobody's objects go with the lab."""
    await install_crds(house, tenant="one", definitions=definitions)
    template = _template(definitions)
    body = {"metadata": {"name": "theirs"}, "spec": {"image": "x"}}
    kind = {"apiVersion": f"{template['spec']['group']}/v1alpha1", "kind": "VDITemplate"}
    await house.create(_collection(template), {**kind, **body})
    await remove_crds(house, tenant="one", definitions=definitions)
    assert await house.get(f"{_collection(template)}/theirs")
    await house.discard(f"{DEFINITIONS}/{template['metadata']['name']}")


async def test_a_kind_of_others_is_left_alone(house: KubeClient, definitions: list[dict[str, Any]]) -> None:
    """What was there before the lab is neither written to nor taken away."""
    template = _template(definitions)
    path = f"{DEFINITIONS}/{template['metadata']['name']}"
    await install_crds(house, definitions=[template])
    before = (await house.get(path))["metadata"]
    await install_crds(house, tenant="one", definitions=[template])
    await remove_crds(house, tenant="one", definitions=[template])
    after = (await house.get(path))["metadata"]
    assert (after["uid"], after.get("labels"), after.get("annotations")) == (
        before["uid"],
        before.get("labels"),
        before.get("annotations"),
    )
    await house.discard(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "v1"}, "without the version v1alpha1 that the lab speaks; it serves: v1"),
        ({"subresources": {}}, "without the subresource status, which the lab writes"),
    ],
    ids=["version", "status"],
)
async def test_an_unfit_kind_is_named(
    house: KubeClient, definitions: list[dict[str, Any]], change: Mapping[str, Any], said: str
) -> None:
    """A kind that the lab's operator could not work with is an error at the start."""
    wanted = next(definition for definition in definitions if definition["spec"]["names"]["kind"] == "VDISession")
    version = {**wanted["spec"]["versions"][0], **change}
    present = {**wanted, "spec": {**wanted["spec"], "versions": [version]}}
    path = f"{DEFINITIONS}/{wanted['metadata']['name']}"
    await house.create(DEFINITIONS, present)
    try:
        with pytest.raises(UnfitDefinitionError, match=said):
            await install_crds(house, tenant="one", definitions=[wanted])
    finally:
        await house.discard(path)


async def test_a_kind_that_goes_is_waited_for(house: KubeClient, definitions: list[dict[str, Any]]) -> None:
    """A lab that starts while another one takes the kinds away makes them anew."""
    template = _template(definitions)
    path = f"{DEFINITIONS}/{template['metadata']['name']}"
    await install_crds(house, tenant="one", definitions=[template])
    uid = (await house.get(path))["metadata"]["uid"]
    await remove_crds(house, tenant="one", definitions=[template])
    await install_crds(house, tenant="two", definitions=[template])
    assert (await house.get(path))["metadata"]["uid"] != uid
    await remove_crds(house, tenant="two", definitions=[template])
    assert await until_gone(house, path)


async def test_removing_twice_is_no_error(house: KubeClient, definitions: list[dict[str, Any]]) -> None:
    """Somebody else may have taken a kind away already."""
    await remove_crds(house, tenant="one", definitions=definitions)
    with pytest.raises(NotFound):
        await house.get(_paths(definitions)[0])
