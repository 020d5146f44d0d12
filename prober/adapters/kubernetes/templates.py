"""VDITemplates of one cluster, by name.

They live in no namespace, so that listing them takes a ClusterRole: `list` is enough, nothing is watched and no single
template is read.
"""

from collections.abc import Sequence

from prober.adapters.kubernetes.api import ApiServer, RawObject
from prober.adapters.kubernetes.paging import PAGE, read_list
from prober.adapters.kubernetes.permissions import Feature, permissions
from prober.adapters.kubernetes.refusals import Refusal, fault_of
from prober.adapters.kubernetes.resources import KASM, Platform
from prober.adapters.kubernetes.views import metadata_of
from prober.domain.errors import Fault, failed
from prober.domain.reasons import Reason
from prober.flow.ports.templates import Templates


class KubernetesTemplates(Templates):
    """The port `Templates` over one API server."""

    def __init__(self, api: ApiServer, *, platform: Platform = KASM, page: int = PAGE) -> None:
        self._api = api
        self._platform = platform
        self._page = page

    async def names(self, *, selector: str = "") -> Sequence[str]:
        """Lists the names, page by page; a list that breaks off is a fault as a whole."""
        query = {"labelSelector": selector} if selector else {}
        path = self._platform.templates.path("")
        found = await read_list(self._api, path, keep=_name, query=query, page=self._page)
        if isinstance(found, Refusal):
            raise failed(self._fault(found))
        return found

    def _fault(self, refusal: Refusal) -> Fault:
        fault = fault_of(refusal, doing=f"listing {self._platform.templates.plural}")
        if fault.reason is not Reason.RBAC_DENIED:
            return fault
        row = next(row for row in permissions(self._platform) if row.feature is Feature.TEMPLATES)
        return Fault(reason=fault.reason, summary=f"{fault.summary} (discovery needs {row.needed()})")


def _name(raw: RawObject) -> str | None:
    """Returns a template's name; one that is being deleted takes no more sessions."""
    metadata = metadata_of(raw)
    return None if metadata.get("deletionTimestamp") else metadata.get("name")
