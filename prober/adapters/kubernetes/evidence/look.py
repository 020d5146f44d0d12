"""One look at a session: all sources at once, each by itself.

A source that is slow, forbidden or broken costs its own part and no other. Those that wait for another, the logs
and the nodes for the Pods, go on without when that takes too long.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.evidence import reading
from prober.adapters.kubernetes.evidence.asking import Questions, Raw, Unseen
from prober.adapters.kubernetes.evidence.manifests import manifests_of
from prober.adapters.kubernetes.evidence.texts import LOG_LINES, log_tail
from prober.adapters.kubernetes.resources import (
    EVENTS,
    INGRESS_ROUTES,
    LEASES,
    NODES,
    PODS,
    SECRETS,
    SERVICES,
    VOLUME_CLAIMS,
    Platform,
    Resource,
)
from prober.domain.evidence import Evidence, EvidencePlan, Gap, GapCause, LeaseName, Source
from prober.domain.routes import RouteRule, answers_for, of_host
from prober.domain.seen import ContainerSeen, EventSeen, LogTail, Manifest, NamedObject, PodSeen
from prober.domain.session import SessionView

MOST_OBJECTS = 5
"""How many objects of a kind are kept: a session has one, seldom two."""

MOST_EVENTS = 30
"""How many events are kept, the newest."""

MOST_LOGS = 6
"""How many logs are read."""

MOST_NAMED = 10
"""How many Secrets are asked for by name, and how many Leases."""

PODS_WAIT_SHARE = 0.5
"""Which share of the time limit the logs and the nodes wait for the Pods."""

_Wanted = TypeVar("_Wanted")

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def take_evidence(api: ApiServer, session: SessionView, *, plan: EvidencePlan, platform: Platform) -> Evidence:
    """Looks at a session, and returns what there was to see within the plan's limit."""
    return await _Look(api, session, plan=plan, platform=platform).take()


class _Look:
    def __init__(self, api: ApiServer, session: SessionView, *, plan: EvidencePlan, platform: Platform) -> None:
        self._ask = Questions(api, session.ref, platform=platform, limit_s=plan.limit_s)
        self._session = session
        self._plan = plan
        self._platform = platform
        self._seen: dict[str, Any] = {}
        self._named: list[NamedObject] = []
        self._gaps: list[Gap] = []
        self._truncated: list[str] = []
        self._manifests: list[Manifest] = []
        self._pods_over = asyncio.Event()

    async def take(self) -> Evidence:
        looks: dict[Source, Callable[[], Coroutine[Any, Any, None]]] = {
            Source.SESSION: self._session_itself,
            Source.PODS: self._pods,
            Source.EVENTS: self._events,
            Source.LOGS: self._logs,
            Source.VOLUME_CLAIMS: self._volume_claims,
            Source.SERVICES: self._services,
            Source.INGRESS_ROUTES: self._ingress_routes,
            Source.NODES: self._nodes,
            Source.SECRETS: self._secrets,
            Source.LEASES: self._leases,
        }
        asked = self._plan.asked()
        if Source.PODS not in asked:
            self._pods_over.set()
        async with asyncio.TaskGroup() as group:
            for source in asked:
                group.create_task(self._stating_gaps(looks[source]()), name=f"evidence {source}")
        if {Source.SECRETS, Source.LEASES} & set(asked):
            self._seen["named_objects"] = tuple(sorted(self._named, key=lambda named: (named.kind, named.name)))
        gaps = sorted(self._gaps, key=lambda gap: list(Source).index(gap.source or Source.SESSION))
        return Evidence(
            **self._seen,
            manifests=tuple(sorted(self._manifests, key=lambda manifest: (manifest.kind, manifest.name))),
            gaps=tuple(gaps),
            truncated=tuple(sorted(self._truncated)),
        )

    async def _stating_gaps(self, look: Coroutine[Any, Any, None]) -> None:
        try:
            await look
        except Unseen as unseen:
            self._gaps.append(unseen.gap)

    async def _session_itself(self) -> None:
        ref = self._session.ref
        raw = await self._ask.get(Source.SESSION, self._platform.sessions, ref.name)
        if raw is None or reading.text_at(raw, "metadata", "uid") != ref.uid:
            raise Unseen(Gap(source=Source.SESSION, cause=GapCause.NOT_THERE, detail=f"{ref.name} is gone"))
        self._seen["session"] = reading.read_session(raw, paths=self._platform.status)
        await self._keep(self._platform.sessions, [raw])

    async def _pods(self) -> None:
        try:
            found = await self._ask.related(Source.PODS, PODS, names=self._names(), most=MOST_OBJECTS)
            self._seen["pods"] = tuple(map(reading.read_pod, found))
        finally:
            self._pods_over.set()
        await self._keep(PODS, found)

    async def _events(self) -> None:
        asking = [
            self._ask.select(Source.EVENTS, EVENTS, selector=f"involvedObject.name={name}") for name in self._names()
        ]
        events: list[EventSeen] = []
        cut = False
        for answer in await asyncio.gather(*asking, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
            events.extend(map(reading.read_event, answer[0]))
            cut = cut or answer[1]
        newest = sorted(events, key=lambda event: event.seen_at or _LONG_AGO, reverse=True)[:MOST_EVENTS]
        if cut or len(newest) < len(events):
            self._truncated.append(f"{Source.EVENTS}: the newest {len(newest)} of {len(events)} or more")
        self._seen["events"] = tuple(newest)

    async def _logs(self) -> None:
        await self._wait_for_pods()
        wanted = self._wanted_logs()
        if len(wanted) > MOST_LOGS:
            self._truncated.append(f"{Source.LOGS}: {MOST_LOGS} of {len(wanted)}")
        self._seen["logs"] = ()
        async with asyncio.TaskGroup() as group:
            for pod, container, previous in wanted[:MOST_LOGS]:
                group.create_task(self._stating_gaps(self._log(pod, container, previous=previous)), name="evidence log")

    async def _log(self, pod: str, container: str | None, *, previous: bool) -> None:
        text = await self._ask.log(pod, container, lines=LOG_LINES + 1, previous=previous)
        tail, cut = log_tail(text)
        if cut:
            self._truncated.append(f"{Source.LOGS}: the end of {pod}/{container or ''}")
        self._seen["logs"] += (LogTail(pod=pod, container=container, previous=previous, text=tail),)

    async def _volume_claims(self) -> None:
        found = await self._ask.related(Source.VOLUME_CLAIMS, VOLUME_CLAIMS, names=self._names(), most=MOST_OBJECTS)
        self._seen["persistentvolumeclaims"] = tuple(
            reading.read_volume_claim(raw, kind=VOLUME_CLAIMS) for raw in found
        )
        await self._keep(VOLUME_CLAIMS, found)

    async def _services(self) -> None:
        found = await self._ask.related(Source.SERVICES, SERVICES, names=self._names(), most=MOST_OBJECTS)
        self._seen["services"] = tuple(reading.read_service(raw, kind=SERVICES) for raw in found)
        await self._keep(SERVICES, found)

    async def _ingress_routes(self) -> None:
        found = await self._ask.related(Source.INGRESS_ROUTES, INGRESS_ROUTES, names=self._names(), most=MOST_OBJECTS)
        self._seen["ingressroutes"] = tuple(reading.read_route(raw, kind=INGRESS_ROUTES) for raw in found)
        await self._keep(INGRESS_ROUTES, found)
        mine = tuple(rule for raw in found for rule in reading.route_rules(raw)) or self._rules_of_url()

        def is_rival(raw: reading.Raw) -> bool:
            return any(answers_for(theirs, rule) for theirs in reading.route_rules(raw) for rule in mine)

        rivals = await self._ask.others(Source.INGRESS_ROUTES, INGRESS_ROUTES, wanted=is_rival, most=MOST_OBJECTS)
        self._seen["rival_routes"] = tuple(reading.read_rival(raw, kind=INGRESS_ROUTES) for raw in rivals)

    def _rules_of_url(self) -> tuple[RouteRule, ...]:
        """Returns what stands for the session's routes where it has none: everything at its URL's host."""
        host = urlsplit(self._session.url or "").hostname
        return (of_host(host),) if host else ()

    async def _nodes(self) -> None:
        await self._wait_for_pods()
        pods: tuple[PodSeen, ...] = self._seen.get("pods") or ()
        self._seen["nodes"] = ()
        async with asyncio.TaskGroup() as group:
            for name in sorted({pod.node for pod in pods if pod.node})[:MOST_OBJECTS]:
                group.create_task(self._stating_gaps(self._node(name)), name=f"evidence node {name}")

    async def _node(self, name: str) -> None:
        raw = await self._ask.get(Source.NODES, NODES, name)
        if raw is None:
            raise Unseen(Gap(source=Source.NODES, cause=GapCause.NOT_THERE, detail=f"{name} is gone"))
        self._seen["nodes"] += (reading.read_node(raw),)

    async def _secrets(self) -> None:
        patterns = self._few(Source.SECRETS, self._plan.secrets)
        names = [pattern.replace("{session}", self._session.ref.name) for pattern in patterns]
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(self._stating_gaps(self._secret(name)), name=f"evidence secret {name}")

    async def _secret(self, name: str) -> None:
        namespace = self._session.ref.namespace
        raw = await self._ask.get(Source.SECRETS, SECRETS, name)
        missing = NamedObject(kind=SECRETS.kind, name=name, namespace=namespace, exists=False)
        self._named.append(missing if raw is None else reading.read_secret(raw, name=name, namespace=namespace))
        await self._keep(SECRETS, [] if raw is None else [raw])

    async def _leases(self) -> None:
        async with asyncio.TaskGroup() as group:
            for lease in self._few(Source.LEASES, self._plan.leases):
                group.create_task(self._stating_gaps(self._lease(lease)), name=f"evidence lease {lease.name}")

    async def _lease(self, lease: LeaseName) -> None:
        name, namespace = lease.name, lease.namespace
        raw = await self._ask.get(Source.LEASES, LEASES, name, namespace=namespace)
        missing = NamedObject(kind=LEASES.kind, name=name, namespace=namespace, exists=False)
        self._named.append(missing if raw is None else reading.read_lease(raw, name=name, namespace=namespace))

    async def _keep(self, kind: Resource, found: Sequence[Raw]) -> None:
        """Keeps the objects themselves."""
        # In a thread: thousands of texts are searched for secrets, and other runs' latencies are measured by this loop.
        for manifest, cut in await asyncio.to_thread(manifests_of, found, kind=kind):
            self._manifests.append(manifest)
            if cut:
                self._truncated.append(f"manifests: the beginning of {manifest.kind}/{manifest.name}")

    async def _wait_for_pods(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PODS_WAIT_SHARE * self._plan.limit_s):
                await self._pods_over.wait()

    def _few(self, source: Source, wanted: Sequence[_Wanted]) -> Sequence[_Wanted]:
        """Returns no more than may be asked for by name."""
        if len(wanted) > MOST_NAMED:
            self._truncated.append(f"{source}: {MOST_NAMED} of {len(wanted)}")
        return wanted[:MOST_NAMED]

    def _names(self) -> Sequence[str]:
        """Returns the names that the session's objects usually have, each once."""
        session = self._session
        usual = (pattern.replace("{session}", session.ref.name) for pattern in self._platform.child_names)
        own = (session.ref.name, session.pod_name or session.ref.name)
        return tuple(dict.fromkeys((*own, *usual)))

    def _wanted_logs(self) -> list[tuple[str, str | None, bool]]:
        """Returns Pod, container and instance of each log to be read; the latest words first."""
        pods: tuple[PodSeen, ...] | None = self._seen.get("pods")
        if pods is None:
            return [(self._session.pod_name or self._session.ref.name, None, False)]
        containers = [(pod.name, container) for pod in pods for container in pod.containers]
        current = [(pod, container.name, False) for pod, container in containers if _has_begun(container)]
        previous = [(pod, container.name, True) for pod, container in containers if container.last is not None]
        return [*current, *previous]


def _has_begun(container: ContainerSeen) -> bool:
    return container.now is not None and container.now.state != "waiting"
