"""A cluster that cannot be spoken to, as the flow sees it."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NoReturn

from prober.domain.errors import Fault, failed
from prober.domain.evidence import Evidence, EvidencePlan
from prober.domain.ids import RunId
from prober.domain.session import Children, SessionRef, SessionRequest, SessionView
from prober.flow.ports import Sessions, Templates
from prober.flow.ports.sessions import SessionStates


class UnavailableSessions(Sessions):
    """Meets every request with the fault for which the cluster could not be opened."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    async def create(self, request: SessionRequest) -> SessionView:  # noqa: ARG002 - the port's signature
        """Raises the fault."""
        self._refuse()

    def watch(self, ref: SessionRef) -> AbstractAsyncContextManager[SessionStates]:  # noqa: ARG002 - as above
        """Raises the fault."""
        self._refuse()

    async def delete(self, ref: SessionRef) -> None:  # noqa: ARG002 - as above
        """Raises the fault."""
        self._refuse()

    async def get(self, ref: SessionRef) -> SessionView | None:  # noqa: ARG002 - as above
        """Raises the fault."""
        self._refuse()

    async def children(self, ref: SessionRef) -> Children:  # noqa: ARG002 - as above
        """Raises the fault."""
        self._refuse()

    async def evidence(self, session: SessionView, *, plan: EvidencePlan) -> Evidence:  # noqa: ARG002 - as above
        """Raises the fault."""
        self._refuse()

    async def ours(
        self,
        namespace: str,  # noqa: ARG002 - as above
        *,
        run_id: RunId | None = None,  # noqa: ARG002 - as above
    ) -> Sequence[SessionView]:
        """Raises the fault."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise failed(self._fault)


class UnavailableTemplates(Templates):
    """Meets every request with the fault for which the cluster could not be opened."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    async def names(self, *, selector: str = "") -> Sequence[str]:  # noqa: ARG002 - the port's signature
        """Raises the fault."""
        raise failed(self._fault)
