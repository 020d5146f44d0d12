"""Reads a list in pages, so that no answer is of unbounded size.

A list is whole or it is none: one that expires between two of its pages is begun anew, and one without an end is a
fault. What is not wanted of a page is dropped before the next one is asked for.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeVar

from prober.adapters.kubernetes.api import JSON, ApiServer, RawObject
from prober.adapters.kubernetes.refusals import Refusal
from prober.adapters.kubernetes.views import items_of, metadata_of
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason

PAGE = 500
"""How many objects one answer may hold: kubectl's own choice."""

MOST_PAGES = 100
"""How many pages there may be at most, since a list that goes on for ever is no answer."""

MOST_BEGINNINGS = 3
"""How often a list is begun that expires between two of its pages, which takes the API server minutes by default."""

_Kept = TypeVar("_Kept")


async def read_list(
    api: ApiServer,
    path: str,
    *,
    keep: Callable[[RawObject], _Kept | None],
    query: Mapping[str, str] | None = None,
    accept: str = JSON,
    page: int = PAGE,
) -> list[_Kept] | Refusal:
    """Returns what is kept of all objects of a list, or why they may not be had.

    Args:
        api: Where.
        path: The collection.
        keep: Makes of an object what is wanted of it, `None` for nothing.
        query: What selects the objects.
        accept: In which form they are wanted.
        page: How many are asked for at once.

    Raises:
        TargetFailed: `api_unreachable`; also when the answer is no list, or one without end.
    """
    limited = {**(query or {}), "limit": str(page)}
    for _ in range(MOST_BEGINNINGS):
        found = await _read_once(api, path, keep=keep, query=limited, accept=accept)
        if not isinstance(found, Refusal) or found.code != HTTPStatus.GONE:
            break
    return found


async def _read_once(
    api: ApiServer, path: str, *, keep: Callable[[RawObject], _Kept | None], query: Mapping[str, str], accept: str
) -> list[_Kept] | Refusal:
    found: list[_Kept] = []
    position: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        reply = await api.send("GET", path, query={**query, **position}, accept=accept)
        if reply.refusal is not None:
            return reply.refusal
        # An empty list of metadata has `"items": null`: so Go writes a slice that was never made.
        if not isinstance(reply.body.get("items", 0), list | None):
            raise TargetFailed.because(Reason.API_UNREACHABLE, "what answers for the API server gave no list")
        found.extend(kept for raw in items_of(reply.body) if (kept := keep(raw)) is not None)
        following = metadata_of(reply.body).get("continue")
        if not following:
            return found
        position = {"continue": str(following)}
    raise TargetFailed.because(Reason.API_UNREACHABLE, f"the list at {path} has more than {MOST_PAGES} pages")
