"""Which kinds of object the API server serves, found by what kubectl calls them.

Kinds are remembered for as long as the connection lives. One that is not served is asked for again after a while, for
its CRD may be installed later; one whose version is served no more, as soon as somebody finds that out. Every
authenticated user may read the discovery documents, unless a cluster's administrator took that away.
"""

import asyncio
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from prober.adapters.kubernetes.api import ApiServer, RawObject
from prober.adapters.kubernetes.refusals import Refusal
from prober.adapters.kubernetes.resources import WELL_KNOWN, Resource, ResourceName

ASK_AGAIN_S = 10.0
"""How long a kind that is not served is taken for that, in seconds: looks for what is left come in quick succession."""

_CORE_VERSIONS = ("v1",)


class Discovery:
    """What one API server serves."""

    def __init__(self, api: ApiServer) -> None:
        self._api = api
        self._known: dict[ResourceName, Resource] = dict(WELL_KNOWN)
        self._missing: dict[ResourceName, float] = {}

    async def find(self, name: ResourceName, *, stale: Resource | None = None) -> Resource | Refusal:
        """Returns a kind as it is served: in the group's preferred version, where that has it.

        Args:
            name: Which kind.
            stale: What was found before and turned out not to be served.

        Returns:
            The kind, or why it is not known; status 404 when no such kind with lists is served.

        Raises:
            TargetFailed: `api_unreachable`.
        """
        known = self._known.get(name)
        if known is not None and known != stale:
            return known
        if _now() < self._missing.get(name, 0.0):
            return _not_served(name)
        found = await self._ask(name)
        if isinstance(found, Resource):
            self._known[name] = found
            return found
        if found.code != HTTPStatus.NOT_FOUND:
            return found
        self._missing[name] = _now() + ASK_AGAIN_S
        return _not_served(name)

    async def _ask(self, name: ResourceName) -> Resource | Refusal:
        versions = await self._versions(name.group)
        if isinstance(versions, Refusal):
            return versions
        for version in versions:
            path = f"/apis/{name.group}/{version}" if name.group else f"/api/{version}"
            reply = await self._api.send("GET", path)
            if reply.refusal is not None and reply.refusal.code != HTTPStatus.NOT_FOUND:
                return reply.refusal
            for raw in _entries(reply.body, "resources"):
                if raw.get("name") == name.plural and "list" in (raw.get("verbs") or ()):
                    return _resource(raw, name=name, version=version)
        return _not_served(name)

    async def _versions(self, group: str) -> tuple[str, ...] | Refusal:
        """Returns the versions of a group, the preferred one first."""
        if not group:
            return _CORE_VERSIONS
        reply = await self._api.send("GET", f"/apis/{group}")
        if reply.refusal is not None:
            return reply.refusal
        preferred = reply.body.get("preferredVersion")
        listed = [preferred] if isinstance(preferred, dict) else []
        entries = [*listed, *_entries(reply.body, "versions")]
        return tuple(dict.fromkeys(str(entry["version"]) for entry in entries if "version" in entry))


def _entries(body: RawObject, key: str) -> Iterator[Mapping[str, Any]]:
    listed = body.get(key)
    return (entry for entry in (listed if isinstance(listed, list) else ()) if isinstance(entry, dict))


def _resource(raw: Mapping[str, Any], *, name: ResourceName, version: str) -> Resource:
    return Resource(
        kind=str(raw.get("kind") or name.plural),
        plural=name.plural,
        group=name.group,
        version=version,
        namespaced=raw.get("namespaced") is not False,
    )


def _not_served(name: ResourceName) -> Refusal:
    return Refusal(code=HTTPStatus.NOT_FOUND, message=f"the API server serves no {name}")


def _now() -> float:
    return asyncio.get_running_loop().time()
