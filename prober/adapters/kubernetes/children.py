"""Finds what belongs to a session.

Documents of the platform differ about labels, so there are three ways, surest first: the ownerReference's uid, the
exact name, the label. What another session owns is never taken for ours.

An owner cannot be selected by, so that every object of a kind in the namespace is listed: in pages, and only its
metadata, since a namespace may hold thousands of Pods.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from prober.adapters.kubernetes.api import METADATA_LIST, ApiServer
from prober.adapters.kubernetes.discovery import Discovery
from prober.adapters.kubernetes.paging import read_list
from prober.adapters.kubernetes.refusals import Refusal, gap_of, refused
from prober.adapters.kubernetes.resources import Platform, Resource, ResourceName
from prober.adapters.kubernetes.views import child_view, labels_of, metadata_of
from prober.domain.session import Child, Children, SessionRef, Tie

_ELSEWHERE = "its objects live in no namespace and so belong to no session; take it out of platform.children"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """What was found of one kind."""

    found: tuple[Child, ...] = ()
    gap: str | None = None


async def find_children(api: ApiServer, ref: SessionRef, *, platform: Platform, discovery: Discovery) -> Children:
    """Lists all kinds at once, and returns what belongs to the session.

    Raises:
        TargetFailed: When a kind could not be listed for another cause than a missing permission or resource.
    """
    search = _Search(api, ref, platform=platform, discovery=discovery)
    # All are awaited before the first fault is raised: none may go on behind the caller's back.
    results = await asyncio.gather(*map(search.list, platform.children), return_exceptions=True)
    listings: list[_Listing] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        listings.append(result)
    return Children(
        found=tuple(child for listing in listings for child in listing.found),
        gaps=tuple(listing.gap for listing in listings if listing.gap is not None),
    )


def tie_of(metadata: Mapping[str, Any], ref: SessionRef, *, platform: Platform) -> Tie | None:
    """Tells by what an object belongs to a session, `None` where it does not."""
    owners = [owner for owner in metadata.get("ownerReferences") or () if isinstance(owner, dict)]
    if any(owner.get("uid") == ref.uid for owner in owners):
        return Tie.OWNER
    if any(_is_session(owner, platform=platform) for owner in owners):
        return None
    if metadata.get("name") in {pattern.replace("{session}", ref.name) for pattern in platform.child_names}:
        return Tie.NAME
    return Tie.LABEL if labels_of(metadata).get(platform.session_label) == ref.name else None


def _is_session(owner: Mapping[str, Any], *, platform: Platform) -> bool:
    """Tells whether an owner is a session, whatever version of the API its reference names."""
    group, _, _ = str(owner.get("apiVersion", "")).rpartition("/")
    return (owner.get("kind"), group) == (platform.sessions.kind, platform.sessions.group)


class _Search:
    """One look for one session's objects."""

    def __init__(self, api: ApiServer, ref: SessionRef, *, platform: Platform, discovery: Discovery) -> None:
        self._api = api
        self._ref = ref
        self._platform = platform
        self._discovery = discovery

    async def list(self, name: ResourceName) -> _Listing:
        """Looks at one kind."""
        stale: Resource | None = None
        while True:
            kind = await self._discovery.find(name, stale=stale)
            if isinstance(kind, Refusal):
                return _missing(name, kind, needs="get on the API server's discovery documents")
            if not kind.namespaced:
                return _Listing(gap=f"{name}: not looked at, {_ELSEWHERE}")
            found = await self._select(kind)
            if not isinstance(found, Refusal):
                return _Listing(found=tuple(found))
            if found.code != HTTPStatus.NOT_FOUND or stale is not None:
                return _missing(name, found, needs=f"list on {name} in namespace {self._ref.namespace}")
            stale = kind

    async def _select(self, kind: Resource) -> Sequence[Child] | Refusal:
        def ours(raw: Mapping[str, Any]) -> Child | None:
            tie = tie_of(metadata_of(raw), self._ref, platform=self._platform)
            return None if tie is None else child_view(raw, kind=kind.kind, tie=tie)

        return await read_list(self._api, kind.path(self._ref.namespace), keep=ours, accept=METADATA_LIST)


def _missing(name: ResourceName, refusal: Refusal, *, needs: str) -> _Listing:
    """Returns a kind's stated gap.

    Raises:
        TargetFailed: The refusal is a fault rather than a gap.
    """
    gap = gap_of(refusal)
    if gap is None:
        raise refused(refusal, doing=f"listing {name}")
    return _Listing(gap=f"{name}: {gap} (needs {needs})" if refusal.forbidden else f"{name}: {gap}")
