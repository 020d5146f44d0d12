"""A session's objects in the cluster: made, brought up, removed.

Nothing in the lab runs a container or binds a volume, so their status is written here as well, as a
kubelet would (see `kubelet`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from prober.lab.operator import kubelet
from prober.lab.operator.ailments import KUBELET, Note, accepted, symptoms
from prober.lab.operator.client import KubeClient
from prober.lab.operator.journal import Journal
from prober.lab.operator.manifests import children
from prober.lab.operator.session import Session
from prober.lab.plan import Ailment, ChildKind, Plan

DEFAULT_IMAGE = "vdi.example.com/desktop:latest"
"""What a template without an image stands for."""


class Workload:
    """The objects of one session."""

    def __init__(
        self, session: Session, *, template: Mapping[str, Any], plan: Plan, api: KubeClient, journal: Journal
    ) -> None:
        self._session = session
        self._image: str = template.get("spec", {}).get("image", DEFAULT_IMAGE)
        self._plan = plan
        self._api = api
        self._journal = journal
        self._made: dict[ChildKind, Mapping[str, Any]] = {}
        self._paths: dict[ChildKind, str] = {}

    async def make(self) -> None:
        """Makes what is missing of the objects.

        Raises:
            ApiError: The API server refused, or could not be reached.
        """
        for child in children(self._session, image=self._image, plan=self._plan):
            self._made[child.kind] = await self._api.ensure(child.collection, child.manifest)
            self._paths[child.kind] = child.path

    async def schedule(self) -> None:
        """Lets a node accept the Pod, which then waits for its image.

        Raises:
            ApiError: The API server refused, or could not be reached.
        """
        await self._set_status(ChildKind.POD, kubelet.scheduled(image=self._image, at=datetime.now(UTC)))
        await self._write(accepted(self._session))

    async def ail(self, ailment: Ailment) -> None:
        """Lets the Pod fall ill instead of running.

        Raises:
            ApiError: The API server refused, or could not be reached.
        """
        uid = self._made[ChildKind.POD]["metadata"]["uid"]
        shown = symptoms(ailment, session=self._session, uid=uid, image=self._image, at=datetime.now(UTC))
        if shown.claim is not None:
            await self._set_status(ChildKind.VOLUME_CLAIM, shown.claim)
        await self._set_status(ChildKind.POD, shown.pod)
        for note in shown.notes:
            await self._write(note)

    async def start(self) -> None:
        """Lets the Pod run, its volume bound.

        Raises:
            ApiError: The API server refused, or could not be reached.
        """
        if self._session.volume_size is not None:
            await self._set_status(ChildKind.VOLUME_CLAIM, kubelet.bound(size=self._session.volume_size))
        await self._set_status(ChildKind.POD, kubelet.running(image=self._image, at=datetime.now(UTC)))
        for word in ("Created", "Started"):
            message = f"{word} container {kubelet.CONTAINER}"
            await self._write(Note(reason=word, message=message, component=KUBELET, warning=False))

    async def _set_status(self, kind: ChildKind, status: Mapping[str, Any]) -> None:
        await self._api.patch(f"{self._paths[kind]}/status", {"status": status})

    async def _write(self, note: Note) -> None:
        await self._journal.note(
            self._made[note.about],
            reason=note.reason,
            message=note.message,
            warning=note.warning,
            component=note.component,
            count=note.count,
        )


def doomed(session: Session, *, plan: Plan) -> list[str]:
    """Returns the paths of the objects that go with a session, in the reverse order of their making."""
    made = children(session, image=DEFAULT_IMAGE, plan=plan)
    return [child.path for child in reversed(made) if child.kind not in plan.left_behind]
