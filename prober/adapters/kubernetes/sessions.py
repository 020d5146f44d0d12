"""VDISessions of one cluster, as the flow wants them.

Every method is three moves: one request, the refusal translated, the body parsed. It is not a general client, and it
hides nothing: a prober that retries in silence reports a healthier world than users live in. The permissions needed
are in `permissions`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from prober.adapters.kubernetes.api import ApiServer, RawObject
from prober.adapters.kubernetes.children import find_children
from prober.adapters.kubernetes.discovery import Discovery
from prober.adapters.kubernetes.evidence import take_evidence
from prober.adapters.kubernetes.paging import read_list
from prober.adapters.kubernetes.refusals import Refusal, deletion_refused, refused
from prober.adapters.kubernetes.resources import KASM, Platform
from prober.adapters.kubernetes.views import session_view
from prober.adapters.kubernetes.watching import WatchedStates
from prober.domain.evidence import Evidence, EvidencePlan
from prober.domain.ids import RunId
from prober.domain.session import (
    MANAGED_BY,
    MANAGED_BY_LABEL,
    RUN_ID_LABEL,
    Children,
    SessionRef,
    SessionRequest,
    SessionView,
)
from prober.flow.ports.sessions import Sessions


class KubernetesSessions(Sessions):
    """The port `Sessions` over one API server."""

    def __init__(self, api: ApiServer, *, platform: Platform = KASM) -> None:
        self._api = api
        self._platform = platform
        self._discovery = Discovery(api)

    async def create(self, request: SessionRequest) -> SessionView:
        """Creates one session, in one request that is never repeated here."""
        path = self._platform.sessions.path(request.namespace)
        reply = await self._api.send("POST", path, body=self._manifest(request))
        if reply.refusal is not None:
            raise refused(reply.refusal, doing="creating the session")
        return self._view(reply.body)

    @asynccontextmanager
    async def watch(self, ref: SessionRef) -> AsyncIterator[WatchedStates]:
        """Opens a stream of a session's states."""
        states = WatchedStates(self._api, ref, platform=self._platform)
        try:
            yield states
        finally:
            states.close()

    async def delete(self, ref: SessionRef) -> None:
        """Asks for a session's deletion, by uid."""
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": ref.uid}}
        reply = await self._api.send("DELETE", self._platform.sessions.path(ref.namespace, ref.name), body=body)
        if reply.refusal is None or reply.refusal.code == HTTPStatus.NOT_FOUND:
            return
        if reply.refusal.code == HTTPStatus.CONFLICT and await self.get(ref) is None:
            return  # the precondition failed: another session has the name by now
        raise deletion_refused(reply.refusal)

    async def get(self, ref: SessionRef) -> SessionView | None:
        """Returns the session's present state, or `None` when it is gone."""
        reply = await self._api.send("GET", self._platform.sessions.path(ref.namespace, ref.name))
        if reply.refusal is not None:
            if reply.refusal.object_missing:
                return None
            raise refused(reply.refusal, doing="reading the session")
        view = self._view(reply.body)
        return view if view.ref.uid == ref.uid else None

    async def children(self, ref: SessionRef) -> Children:
        """Finds the objects that belong to a session."""
        return await find_children(self._api, ref, platform=self._platform, discovery=self._discovery)

    async def evidence(self, session: SessionView, *, plan: EvidencePlan) -> Evidence:
        """Looks at a session, and at what belongs to it."""
        return await take_evidence(self._api, session, plan=plan, platform=self._platform)

    async def ours(self, namespace: str, *, run_id: RunId | None = None) -> Sequence[SessionView]:
        """Lists the sessions that bear our managed-by label, of one run or of all."""
        labels = {MANAGED_BY_LABEL: MANAGED_BY} | ({} if run_id is None else {RUN_ID_LABEL: run_id})
        query = {"labelSelector": ",".join(f"{name}={value}" for name, value in labels.items())}
        found = await read_list(self._api, self._platform.sessions.path(namespace), keep=self._view, query=query)
        if isinstance(found, Refusal):
            raise refused(found, doing="listing our sessions")
        return found

    def _view(self, raw: RawObject) -> SessionView:
        return session_view(raw, paths=self._platform.status, mask=self._api.mask)

    def _manifest(self, request: SessionRequest) -> dict[str, Any]:
        spec = {
            "user": request.user,
            "template": request.template,
            "persistence": {"enabled": False},
            "timeout": request.timeout,
        }
        return {
            "apiVersion": self._platform.sessions.api_version,
            "kind": self._platform.sessions.kind,
            "metadata": {
                "generateName": request.generate_name,
                "labels": request.labels,
                "annotations": request.annotations,
            },
            "spec": overlaid(spec, request.overlay),
        }


def overlaid(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Lays one mapping over another: mappings merge field by field, everything else is replaced."""
    merged = dict(base)
    for key, value in overlay.items():
        below = merged.get(key)
        merged[key] = overlaid(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
