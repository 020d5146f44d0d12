"""The port for the VDITemplates of one cluster."""

from collections.abc import Sequence
from typing import Protocol


class Templates(Protocol):
    """What a cluster offers to make sessions of."""

    async def names(self, *, selector: str = "") -> Sequence[str]:
        """Lists the names of the templates, those that are being deleted left out.

        No template at all is an answer. Whatever is not one is a fault: an outage must never look like an empty list.

        Args:
            selector: A label selector as Kubernetes spells it, `tier=gold,stage in (beta, live)`; empty picks all.

        Raises:
            TargetFailed: `api_unreachable`, `rbac_denied` (the words name the permission), `crd_missing`, or
            `admission_rejected` for a selector that cannot be read.
        """
