"""The port for VDISessions of one cluster."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, Self

from prober.domain.errors import Fault, TargetFailed
from prober.domain.evidence import Evidence, EvidencePlan
from prober.domain.ids import RunId
from prober.domain.session import Children, SessionRef, SessionRequest, SessionView


class NotExecuted(TargetFailed):
    """The API server refused, and surely did not execute the request: it may be repeated without a thought.

    Attributes:
        retry_after_s: When, in seconds from now; it may be any number.
    """

    def __init__(self, fault: Fault, *, retry_after_s: float) -> None:
        super().__init__(fault)
        self.retry_after_s = retry_after_s


class Throttled(NotExecuted):
    """The API server has too much to do (`api_unreachable`)."""


class Denied(NotExecuted):
    """We may not (`rbac_denied`, `delete_rejected`), if that is true.

    An API server that has just started says so for some milliseconds of what is permitted, since it has not yet read
    the roles. So it is to be believed when it says so again.
    """


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

    @property
    def timings(self) -> Mapping[str, float]:
        """What waiting cost beside the platform's own time so far, in seconds.

        `listing` is what was spent on lists, `outage` how long the API server did not answer, where there was one.
        """

    @property
    def gaps(self) -> Sequence[str]:
        """What waiting had to do without so far, and what it did instead: a permission to watch that is missing."""

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
    `quota_exceeded`, `admission_rejected`, `crd_missing`) or `delete_rejected`. After `NotExecuted` a request may
    be repeated without a thought; after any other `api_unreachable` it may have been executed.
    """

    async def create(self, request: SessionRequest) -> SessionView:
        """Creates one session, in one request that is never repeated here."""

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

    async def evidence(self, session: SessionView, *, plan: EvidencePlan) -> Evidence:
        """Returns what the cluster shows of a session, and of what belongs to it.

        All sources are asked at once; together they take no longer than the plan's limit. What is not permitted, not
        served, not there or not answered in time is a gap of the answer, not a fault.
        """

    async def ours(self, namespace: str, *, run_id: RunId | None = None) -> Sequence[SessionView]:
        """Lists the sessions that bear our managed-by label, of one run or of all."""
