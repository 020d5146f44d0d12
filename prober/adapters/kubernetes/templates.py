"""VDITemplates of one cluster, by name.

They live in no namespace, so that listing them takes a ClusterRole: `list` is enough, nothing is watched and no single
template is read.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from prober.adapters.kubernetes.api import ApiServer, RawObject
from prober.adapters.kubernetes.permissions import Feature, permissions
from prober.adapters.kubernetes.refusals import Refusal, fault_of
from prober.adapters.kubernetes.resources import KASM, Platform
from prober.adapters.kubernetes.views import items_of, metadata_of
from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.reasons import Reason
from prober.flow.ports.templates import Templates

PAGE = 500
"""How many templates are asked for at once: what kubectl asks for."""

PAGES = 20
"""How many pages there may be at most, since a list that goes on for ever is no answer."""


class KubernetesTemplates(Templates):
    """The port `Templates` over one API server."""

    def __init__(self, api: ApiServer, *, platform: Platform = KASM, page: int = PAGE) -> None:
        self._api = api
        self._platform = platform
        self._page = page

    async def names(self, *, selector: str = "") -> Sequence[str]:
        """Lists the names, page by page; a list that breaks off is a fault as a whole."""
        return [name async for raw in self._pages(selector) for name in _names(raw)]

    async def _pages(self, selector: str) -> AsyncIterator[RawObject]:
        query = {"limit": str(self._page)} | ({"labelSelector": selector} if selector else {})
        position: dict[str, str] = {}
        for _ in range(PAGES):
            reply = await self._api.send("GET", self._platform.templates.path(""), query=query | position)
            if reply.refusal is not None:
                raise failed(self._fault(reply.refusal))
            if not isinstance(reply.body.get("items"), list):
                raise TargetFailed.because(Reason.API_UNREACHABLE, "what answers for the API server gave no list")
            yield reply.body
            following = metadata_of(reply.body).get("continue")
            if not (isinstance(following, str) and following):
                return
            position = {"continue": following}
        raise TargetFailed.because(Reason.API_UNREACHABLE, f"the list of templates has more than {PAGES} pages")

    def _fault(self, refusal: Refusal) -> Fault:
        fault = fault_of(refusal, doing=f"listing {self._platform.templates.plural}")
        if fault.reason is not Reason.RBAC_DENIED:
            return fault
        row = next(row for row in permissions(self._platform) if row.feature is Feature.TEMPLATES)
        return Fault(reason=fault.reason, summary=f"{fault.summary} (discovery needs {row.needed()})")


def _names(body: Mapping[str, Any]) -> list[str]:
    """Returns the names of a page's objects; one that is being deleted takes no more sessions."""
    objects = (metadata_of(raw) for raw in items_of(body))
    return [str(found["name"]) for found in objects if found.get("name") and not found.get("deletionTimestamp")]
