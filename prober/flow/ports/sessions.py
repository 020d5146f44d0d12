"""The port for VDISessions of one cluster."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, Self

from prober.domain.errors import Fault
from prober.domain.ids import RunId
from prober.domain.session import Children, SessionRef, SessionRequest, SessionView


class SessionStates(Protocol):
    """The states of one session: the present one first, then each change once.

    `None` means that it is gone (or that another object has its name by now) and is the last item.
    """

    @property
    def outage(self) -> Fault | None:
        """Why the API server does not answer (`api_unreachable`, its latest sign), `None` while it does.

        Meanwhile no state comes, so who waited in vain must not blame what it saw last. An outage is known once a
        request met it: some seconds after its beginning where the API server only falls silent.
        """

    def __aiter__(self) -> Self:
        """Returns itself."""
        return self

    async def __anext__(self) -> SessionView | None:
        """Waits for the next state, which may be cancelled and begun anew.

        Raises:
            TargetFailed: When the API server refuses; one that does not answer is waited for.
        """


class Sessions(Protocol):
    """What a run does with the Kubernetes API of one cluster.

    Faults come as `TargetFailed` with a reason of the control plane (`api_unreachable`, `rbac_denied`,
    `quota_exceeded`, `admission_rejected`, `crd_missing`) or `delete_rejected`.
    """

    async def create(self, request: SessionRequest) -> SessionView:
        """Creates one session, in one request that is never repeated."""

    def watch(self, ref: SessionRef) -> AbstractAsyncContextManager[SessionStates]:
        """Opens a stream of a session's states.

        The stream outlives expired and cut watches, outages too: it resumes, or lists anew. It ends only when the
        session is gone or the context is left.
        """

    async def delete(self, ref: SessionRef) -> None:
        """Asks for a session's deletion, by uid; one that is gone already is no fault."""

    async def get(self, ref: SessionRef) -> SessionView | None:
        """Returns the session's present state, or `None` when it is gone."""

    async def children(self, ref: SessionRef) -> Children:
        """Finds the objects that belong to a session: by ownerReference uid, then by exact name, then by label.

        Kinds that we may not list are gaps of the answer, not faults.
        """

    async def ours(self, namespace: str, *, run_id: RunId | None = None) -> Sequence[SessionView]:
        """Lists the sessions that bear our managed-by label, of one run or of all."""
