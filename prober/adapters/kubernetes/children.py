"""Finds what belongs to a session.

Documents of the platform differ about labels, so there are three ways, surest first: the ownerReference's uid, the
exact name, the label. What another session owns is never taken for ours.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.refusals import fault_of, gap_of
from prober.adapters.kubernetes.resources import Platform, Resource
from prober.adapters.kubernetes.views import child_view, items_of, labels_of, metadata_of
from prober.domain.errors import failed
from prober.domain.session import Child, Children, SessionRef


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """What was found of one kind."""

    found: tuple[Child, ...] = ()
    gap: str | None = None


async def find_children(api: ApiServer, ref: SessionRef, *, platform: Platform) -> Children:
    """Lists all kinds at once, and returns what belongs to the session.

    Raises:
        TargetFailed: When a kind could not be listed for another cause than a missing permission or resource.
    """
    lookups = [_list(api, ref, kind=kind, platform=platform) for kind in platform.children]
    # All are awaited before the first fault is raised: none may go on behind the caller's back.
    results = await asyncio.gather(*lookups, return_exceptions=True)
    listings: list[_Listing] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        listings.append(result)
    return Children(
        found=tuple(child for listing in listings for child in listing.found),
        gaps=tuple(listing.gap for listing in listings if listing.gap is not None),
    )


def belongs(metadata: Mapping[str, Any], ref: SessionRef, *, platform: Platform) -> bool:
    """Tells whether an object belongs to a session."""
    owners = [
        owner.get("uid")
        for owner in metadata.get("ownerReferences") or ()
        if isinstance(owner, dict) and owner.get("kind") == platform.sessions.kind
    ]
    if owners:
        return ref.uid in owners
    names = {pattern.format(session=ref.name) for pattern in platform.child_names}
    return metadata.get("name") in names or labels_of(metadata).get(platform.session_label) == ref.name


async def _list(api: ApiServer, ref: SessionRef, *, kind: Resource, platform: Platform) -> _Listing:
    reply = await api.send("GET", kind.path(ref.namespace))
    if reply.refusal is not None:
        gap = gap_of(reply.refusal)
        if gap is None:
            raise failed(fault_of(reply.refusal, doing=f"listing {kind.plural}"))
        return _Listing(gap=f"{kind.kind}: {gap}")
    found = (raw for raw in items_of(reply.body) if belongs(metadata_of(raw), ref, platform=platform))
    return _Listing(found=tuple(child_view(raw, kind=kind.kind) for raw in found))
