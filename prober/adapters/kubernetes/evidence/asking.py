"""Questions about one session, whose answers are objects, text, or a gap.

A question names its source, which has one permission in the table: what is asked and what a gap says is needed cannot
differ.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from prober.adapters.kubernetes.api import METADATA_LIST, ApiServer
from prober.adapters.kubernetes.children import tie_of
from prober.adapters.kubernetes.paging import PAGE, read_list
from prober.adapters.kubernetes.permissions import evidence_permission
from prober.adapters.kubernetes.refusals import Refusal
from prober.adapters.kubernetes.resources import PODS, Platform, Resource
from prober.adapters.kubernetes.views import items_of, metadata_of
from prober.domain.errors import ProbeError
from prober.domain.evidence import Gap, GapCause, Source
from prober.domain.masking import message
from prober.domain.session import SessionRef

MOST_LOG_BYTES = 256 * 1024
"""How much of one log is read: the lines wanted, were they of an unusual length."""

Raw = Mapping[str, Any]

_Answer = TypeVar("_Answer")


class Unseen(Exception):  # noqa: N818 - no error: it carries a gap to where gaps are kept
    """Something could not be seen."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(str(gap))
        self.gap = gap


class Questions:
    """What can be asked about one session until a deadline, on the loop's clock."""

    def __init__(self, api: ApiServer, ref: SessionRef, *, platform: Platform, limit_s: float) -> None:
        self._api = api
        self._ref = ref
        self._platform = platform
        self._limit_s = limit_s
        self._deadline = asyncio.get_running_loop().time() + limit_s

    async def get(self, source: Source, kind: Resource, name: str, *, namespace: str | None = None) -> Raw | None:
        """Returns one object, `None` where there is none of that name.

        Raises:
            Unseen: It could not be seen.
        """
        place = namespace or self._ref.namespace
        answer = await self._ask(source, self._api.send("GET", kind.path(place, name)), namespace=place)
        if answer.refusal is None:
            body: Raw = self._masked(answer.body)
            return body
        if answer.refusal.object_missing:
            return None
        raise self._refused(source, answer.refusal, namespace=place)

    async def select(self, source: Source, kind: Resource, *, selector: str) -> tuple[Sequence[Raw], bool]:
        """Returns the objects that a field selector selects, and whether there are more of them.

        Raises:
            Unseen: They could not be seen.
        """
        place, query = self._ref.namespace, {"limit": str(PAGE), "fieldSelector": selector}
        answer = await self._ask(source, self._api.send("GET", kind.path(place), query=query), namespace=place)
        if answer.refusal is not None:
            raise self._refused(source, answer.refusal, namespace=place)
        return list(map(self._masked, items_of(answer.body))), bool(metadata_of(answer.body).get("continue"))

    async def related(self, source: Source, kind: Resource, *, names: Sequence[str], most: int) -> Sequence[Raw]:
        """Returns the objects of a kind that belong to the session.

        They are looked for by the names that they usually have, and only where none has one by owner and label: that
        takes a list of the whole namespace.

        Raises:
            Unseen: They could not be seen.
        """
        usual = await self._named(source, kind, names)
        if usual:
            return usual[:most]
        return await self._named(source, kind, (await self._search(source, kind))[:most])

    async def others(
        self, source: Source, kind: Resource, *, wanted: Callable[[Raw], bool], most: int
    ) -> Sequence[Raw]:
        """Returns the objects of a kind that are not the session's, as far as they are wanted.

        Raises:
            Unseen: They could not be seen.
        """

        def keep(raw: Raw) -> Raw | None:
            return raw if wanted(raw) and not self._is_related(raw) else None

        place = self._ref.namespace
        answer = await self._ask(source, read_list(self._api, kind.path(place), keep=keep), namespace=place)
        if isinstance(answer, Refusal):
            raise self._refused(source, answer, namespace=place)
        return answer[:most]

    async def log(self, pod: str, container: str | None, *, lines: int, previous: bool) -> str:
        """Returns a log's last lines, and perhaps some more.

        Raises:
            Unseen: They could not be seen, or the container, or its previous instance, has none.
        """
        query = {"tailLines": str(lines), "previous": str(previous).lower()}
        wanted = query if container is None else {**query, "container": container}
        path = f"{PODS.path(self._ref.namespace, pod)}/log"
        asking = self._api.text(path, query=wanted, most=MOST_LOG_BYTES)
        answer = await self._ask(Source.LOGS, asking, namespace=self._ref.namespace)
        if isinstance(answer, Refusal):
            raise self._refused(Source.LOGS, answer, namespace=self._ref.namespace)
        return self._api.mask(answer)

    def _masked(self, raw: Any) -> Any:
        """Returns what was read without what is known to be secret: whoever reads it cuts it."""
        match raw:
            case str():
                return self._api.mask(raw)
            case dict():
                return {name: self._masked(value) for name, value in raw.items()}
            case list():
                return [self._masked(value) for value in raw]
            case _:
                return raw

    async def _named(self, source: Source, kind: Resource, names: Sequence[str]) -> list[Raw]:
        """Returns the objects of these names that are the session's."""
        lookups = [self.select(source, kind, selector=f"metadata.name={name}") for name in names]
        # All are awaited before the first gap is raised: none may go on behind the caller's back.
        found: list[Raw] = []
        for answer in await asyncio.gather(*lookups, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
            found.extend(raw for raw in answer[0] if self._is_related(raw))
        return found

    async def _search(self, source: Source, kind: Resource) -> list[str]:
        """Returns the names of all objects of a kind that are the session's."""

        def related(raw: Raw) -> str | None:
            return str(metadata_of(raw).get("name", "")) if self._is_related(raw) else None

        place = self._ref.namespace
        asking = read_list(self._api, kind.path(place), keep=related, accept=METADATA_LIST)
        answer = await self._ask(source, asking, namespace=place)
        if isinstance(answer, Refusal):
            raise self._refused(source, answer, namespace=place)
        return answer

    def _is_related(self, raw: Raw) -> bool:
        return tie_of(metadata_of(raw), self._ref, platform=self._platform) is not None

    async def _ask(self, source: Source, asking: Awaitable[_Answer], *, namespace: str) -> _Answer:
        """Awaits an answer, or a gap in its place."""
        try:
            async with asyncio.timeout_at(self._deadline):
                return await asking
        except TimeoutError:
            words = f"none within {self._limit_s:g} s"
        except ProbeError as error:  # ours too, such as a credentials plugin that fails: a gap as any other
            words = error.fault.summary
        raise Unseen(Gap(source=source, cause=GapCause.NO_ANSWER, detail=self._wanted(source, namespace, words=words)))

    def _refused(self, source: Source, refusal: Refusal, *, namespace: str) -> Unseen:
        cause = _cause_of(refusal)
        if cause is GapCause.FORBIDDEN:
            detail = f"needs {evidence_permission(source, platform=self._platform).needed(namespace)}"
        else:
            detail = self._wanted(source, namespace, words=refusal.words())
        return Unseen(Gap(source=source, cause=cause, detail=detail))

    def _wanted(self, source: Source, namespace: str, *, words: str) -> str:
        needed = evidence_permission(source, platform=self._platform).needed(namespace)
        return f"{needed}: {message(words)}"


def _cause_of(refusal: Refusal) -> GapCause:
    if refusal.forbidden:
        return GapCause.FORBIDDEN
    if refusal.code == HTTPStatus.NOT_FOUND:
        return GapCause.NOT_THERE if refusal.object_missing else GapCause.NOT_SERVED
    # A log that does not exist (a container that waits, a Pod without a node) is a bad request in Kubernetes' eyes.
    return GapCause.NOT_THERE if refusal.code == HTTPStatus.BAD_REQUEST else GapCause.REFUSED
