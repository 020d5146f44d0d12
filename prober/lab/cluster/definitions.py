"""The platform's kinds, made known to a cluster.

A definition that is there already belongs to somebody else: it is left alone, but must serve the version
that the lab's operator speaks.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from prober.lab.cluster.belongings import claim, give_back
from prober.lab.cluster.errors import PermissionMissingError, UnfitDefinitionError
from prober.lab.kube.server import load_definitions
from prober.lab.operator.client import ApiError, Forbidden, KubeClient, NotFound

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

SERVED_LIMIT_S = 30.0
"""How long the API server may take to serve a new kind, in seconds; measured below 1 s."""

SERVED_CHECK_S = 0.1
"""How often that is looked at, in seconds."""

_PREPARING = (HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""What an API server answers while the storage of a new kind is being prepared."""


async def install_crds(
    api: KubeClient, *, tenant: str | None = None, definitions: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Makes the platform's kinds known where they are missing, returns once all of them are served.

    Args:
        api: The cluster.
        tenant: The namespace of the lab that wants them; `None` where nobody takes them away again.
        definitions: The CustomResourceDefinitions; `None` for the platform's.

    Raises:
        UnfitDefinitionError: A kind is there without the version that we speak, or was not served in time.
        PermissionMissingError: A kind is missing, and we may not make it known.
        ApiError: The API server refused otherwise, or could not be reached.
    """
    wanted = await _wanted(definitions)
    for definition in wanted:
        await _define(api, definition, tenant=tenant)
    for definition in wanted:
        if not await _until_served(api, definition):
            name = definition["metadata"]["name"]
            raise UnfitDefinitionError(
                f"the cluster does not serve {name} within {SERVED_LIMIT_S:.0f} s; see kubectl describe crd {name}"
            )


async def remove_crds(api: KubeClient, *, tenant: str, definitions: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Takes away the kinds that labs made known, where no other lab uses them and no object of theirs is left.

    Args:
        api: The cluster.
        tenant: The namespace of the lab that leaves.
        definitions: The CustomResourceDefinitions; `None` for the platform's.

    Raises:
        ApiError: The API server refused, or could not be reached.
    """
    for definition in await _wanted(definitions):
        path = _path(definition)
        await give_back(api, path, tenant=tenant, needed=partial(_has_objects, api, definition))


async def _wanted(definitions: Sequence[Mapping[str, Any]] | None) -> Sequence[Mapping[str, Any]]:
    return await asyncio.to_thread(load_definitions) if definitions is None else definitions


async def _has_objects(api: KubeClient, definition: Mapping[str, Any]) -> bool:
    await _until_served(api, definition)
    return bool(await api.list(_collection(definition)))


async def _define(api: KubeClient, definition: Mapping[str, Any], *, tenant: str | None) -> None:
    try:
        found = await claim(api, DEFINITIONS, definition, tenant=tenant)
    except Forbidden as error:
        if await _is_known(api, definition):
            return  # whoever may not read the definition may still use the kind
        raise PermissionMissingError(
            f"the cluster does not know {definition['metadata']['name']}, and the kubeconfig's user may not change "
            f"that: {error}; let an administrator start the lab once, or apply prober/lab/kube/crds"
        ) from error
    _check(found, definition)


def _path(definition: Mapping[str, Any]) -> str:
    return f"{DEFINITIONS}/{definition['metadata']['name']}"


def _check(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    version = wanted["spec"]["versions"][0]
    served: Sequence[Mapping[str, Any]] = [entry for entry in found["spec"]["versions"] if entry.get("served")]
    match = next((entry for entry in served if entry["name"] == version["name"]), None)
    name = wanted["metadata"]["name"]
    if match is None:
        names = ", ".join(entry["name"] for entry in served) or "none"
        raise UnfitDefinitionError(
            f"the cluster defines {name} without the version {version['name']} that the lab speaks; it serves: {names}"
        )
    if "status" in version.get("subresources", {}) and "status" not in match.get("subresources", {}):
        raise UnfitDefinitionError(f"the cluster defines {name} without the subresource status, which the lab writes")
    if found["spec"]["scope"] != wanted["spec"]["scope"]:
        raise UnfitDefinitionError(f"the cluster defines {name} with scope {found['spec']['scope']}")


async def _until_served(api: KubeClient, definition: Mapping[str, Any]) -> bool:
    """Waits until a kind is served; returns False when the limit came first."""
    try:
        async with asyncio.timeout(SERVED_LIMIT_S):
            while not await _serves(api, definition):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(SERVED_CHECK_S)
    except TimeoutError:
        return False
    return True


async def _serves(api: KubeClient, definition: Mapping[str, Any]) -> bool:
    """Whether a kind can be listed, which a new one can some time after its definition is established."""
    try:
        await api.get(f"{_collection(definition)}?limit=1")
    except Forbidden:
        return await _is_known(api, definition)
    except ApiError as error:
        if error.status not in _PREPARING:
            raise
        return False
    return True


async def _is_known(api: KubeClient, definition: Mapping[str, Any]) -> bool:
    """Whether the API server's discovery has a kind, which everybody may ask."""
    spec = definition["spec"]
    try:
        listed = await api.get(f"/apis/{spec['group']}/{spec['versions'][0]['name']}")
    except NotFound:
        return False
    return any(entry["name"] == spec["names"]["plural"] for entry in listed["resources"])


def _collection(definition: Mapping[str, Any]) -> str:
    """The path of all objects of a kind, in the version that the lab speaks."""
    spec = definition["spec"]
    return f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
