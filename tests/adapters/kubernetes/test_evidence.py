"""Evidence through the lab's API; logs, which the lab has none of, are answered by the gate."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from prober.adapters.kubernetes.api import ApiServer, Reply
from prober.adapters.kubernetes.evidence import asking, look
from prober.adapters.kubernetes.evidence.manifests import TEXT_LENGTH
from prober.adapters.kubernetes.evidence.texts import LOG_LENGTH, LOG_LINES
from prober.adapters.redaction import Redactor
from prober.domain.errors import ProberFailed
from prober.domain.evidence import Evidence, EvidencePlan, GapCause, LeaseName, Source, published
from prober.domain.masking import MASK
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionRef, SessionView
from prober.lab.kube.admission import Part
from prober.lab.kube.operations import Key
from tests.adapters.kubernetes.conftest import Answer, Gate, KubeWorld, cut, pod
from tests.contracts.sessions import NAMESPACE, request

LEASE = LeaseName(namespace="elsewhere", name="vdi-operator")
PLAN = EvidencePlan(secrets=("{session}-credentials",), leases=(LEASE,))
PLANTED = "aHVudGVyMi1wbGFudGVk"
LONG = {"lab.example.com/note": "word " * TEXT_LENGTH}
CRASHED = {
    "phase": "Running",
    "containerStatuses": [
        {
            "name": "desktop",
            "ready": True,
            "restartCount": 1,
            "state": {"running": {"startedAt": "2026-11-22T09:40:19Z"}},
            "lastState": {"terminated": {"reason": "Error", "exitCode": 1}},
        }
    ],
}


def add_pod(world: KubeWorld, ref: SessionRef, *, status: dict[str, Any]) -> None:
    """Makes the session's Pod, and plays its kubelet."""
    world.add("pods", pod(ref.name, owner=ref))
    key = Key(resource=world.resource("pods"), name=ref.name, namespace=ref.namespace)
    world.kube.store.patch(key, change=lambda made: {**made, "status": status}, part=Part.STATUS)


class Furnished:
    """A session with all that may belong to one."""

    def __init__(self, world: KubeWorld, gate: Gate, ref: SessionRef) -> None:
        self.world, self.gate, self.ref = world, gate, ref
        add_pod(world, ref, status=CRASHED)
        self.event(ref.name, message="assigned to node-1", last="2026-11-22T09:40:19Z")
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        world.add("persistentvolumeclaims", {"metadata": {"name": f"vdi-data-{ref.name}"}, "spec": claim})
        world.add("services", {"metadata": {"name": ref.name}, "spec": {"ports": [{"port": 8080}]}})
        routes = [{"match": "Host(`a.example.com`)", "services": [{"name": ref.name, "port": 8080}]}]
        route = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", "metadata": {"name": ref.name}}
        world.add("ingressroutes", {**route, "spec": {"routes": routes}}, group="traefik.io", version="v1alpha1")
        data = {"username": "cHJvYmU=", "password": PLANTED}
        world.add("secrets", {"metadata": {"name": f"{ref.name}-credentials"}, "data": data})
        lease = {"metadata": {"name": LEASE.name}, "spec": {"holderIdentity": "operator-0"}}
        leases = world.resource("leases", group="coordination.k8s.io")
        world.kube.store.create(leases, body=lease, namespace=LEASE.namespace)
        self.answer_log("the display is :0\npassword=hunter2-planted\n")

    def event(self, name: str, *, message: str, last: str) -> None:
        """Lets something be said about an object of this name."""
        about = {"kind": "Pod", "namespace": NAMESPACE, "name": name}
        said = {"reason": "Scheduled", "type": "Normal", "message": message, "count": 2, "lastTimestamp": last}
        self.world.add("events", {"metadata": {"generateName": "event-"}, "involvedObject": about, **said})

    def answer_log(self, text: str) -> None:
        """Lets every log be this text."""

        async def log(_: web.Request) -> web.Response:
            return web.Response(text=text)

        self.gate.answer("GET", "/log", log)

    async def look(self, plan: EvidencePlan = PLAN, **session: Any) -> Evidence:
        """Looks at the session."""
        return await self.world.sessions.evidence(SessionView(ref=self.ref, **session), plan=plan)


@pytest.fixture
async def furnished(world: KubeWorld, gate: Gate) -> Furnished:
    """A session with all that may belong to one."""
    ref = (await world.sessions.create(request())).ref
    world.change(ref, phase=Phase.FAILED, message="no GPU left")
    return Furnished(world, gate, ref)


def gaps_of(evidence: Evidence) -> list[str]:
    """Returns the gaps' words."""
    return [str(gap) for gap in evidence.gaps]


async def test_everything_is_seen(furnished: Furnished) -> None:
    """Every source shows what there is, and nothing is said to be missing."""
    name = furnished.ref.name
    seen = await furnished.look()
    assert (seen.gaps, seen.truncated) == ((), ())
    assert seen.session is not None
    assert (seen.session.phase, seen.session.message) == ("Failed", "no GPU left")
    [only] = seen.pods or ()
    assert (only.name, only.phase, [container.restarts for container in only.containers]) == (name, "Running", [1])
    [event] = seen.events or ()
    assert (event.about, event.message, event.count) == (f"Pod/{name}", "assigned to node-1", 2)
    [claim] = seen.persistentvolumeclaims or ()
    assert (claim.name, claim.facts["requested"]) == (f"vdi-data-{name}", "1Gi")
    [service] = seen.services or ()
    assert (service.name, service.facts["ports"]) == (name, "8080/TCP")
    [route] = seen.ingressroutes or ()
    assert route.facts == {"match": "Host(`a.example.com`)", "services": f"{name}:8080"}
    lease, secret = seen.named_objects or ()
    assert (lease.name, lease.namespace, lease.holder) == (LEASE.name, LEASE.namespace, "operator-0")
    assert (secret.name, secret.exists, secret.keys) == (f"{name}-credentials", True, ("password", "username"))
    assert [(log.pod, log.container, log.previous) for log in seen.logs or ()] == [
        (name, "desktop", False),
        (name, "desktop", True),
    ]
    assert "the display is :0" in (seen.logs or ())[0].text


@pytest.mark.parametrize("owned", [True, False], ids=["another session's", "nobody's"])
async def test_who_else_has_the_session_s_host(furnished: Furnished, *, owned: bool) -> None:
    """Another route for the same requests is seen, with its owner; one for other requests is not."""
    route = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute"}
    other = (await furnished.world.sessions.create(request())).ref
    owner = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDISession", "name": other.name, "uid": other.uid}
    rules = {"rival": "Host(`A.example.com`)", "part": "Host(`a.example.com`) && Path(`/x`)", "else": "Host(`b`)"}
    for name, match in rules.items():
        metadata = {"name": name} | ({"ownerReferences": [owner]} if owned else {})
        body = {**route, "metadata": metadata, "spec": {"routes": [{"match": match, "services": []}]}}
        furnished.world.add("ingressroutes", body, group="traefik.io", version="v1alpha1")
    [rival] = (await furnished.look()).rival_routes or ()
    assert rival.name == "rival"
    assert rival.facts.get("owner") == (f"VDISession/{other.name}" if owned else None)


async def test_a_session_without_a_route_is_known_by_its_url(furnished: Furnished) -> None:
    """The host of its URL stands for its routes, which may be gone already."""
    gone = SessionView(ref=SessionRef(namespace=NAMESPACE, name="gone", uid="0"), url="https://a.example.com/")
    seen = await furnished.world.sessions.evidence(gone, plan=PLAN)
    assert [route.name for route in seen.rival_routes or ()] == [furnished.ref.name]
    assert (await furnished.look()).rival_routes == ()
    nowhere = SessionView(ref=gone.ref)
    assert (await furnished.world.sessions.evidence(nowhere, plan=PLAN)).rival_routes == ()


async def test_no_secret_is_in_it(furnished: Furnished) -> None:
    """Values of Secrets are nowhere, nor are passwords that a log tells."""
    seen = await furnished.look()
    for form in (repr(seen), json.dumps(published(seen))):
        assert PLANTED not in form
        assert "hunter2" not in form


async def test_logs_mask_secrets_and_nothing_else_of_it(furnished: Furnished) -> None:
    """No key of the published form is one whose values are masked; a secret that somebody registered is."""
    shown = published(await furnished.look())
    redactor = Redactor()
    assert redactor.mapping(shown) == shown
    redactor.mask("the display is :0")
    assert "the display is :0" not in json.dumps(redactor.mapping(shown))


async def test_the_objects_are_kept_as_they_are(furnished: Furnished) -> None:
    """Each object that was seen is there with its kind and all its fields, and with no value of a Secret."""
    name = furnished.ref.name
    kept = {
        (manifest.kind, manifest.name): json.loads(manifest.text) for manifest in (await furnished.look()).manifests
    }
    assert list(kept) == [
        ("IngressRoute", name),
        ("PersistentVolumeClaim", f"vdi-data-{name}"),
        ("Pod", name),
        ("Secret", f"{name}-credentials"),
        ("Service", name),
        ("VDISession", name),
    ]
    session = kept["VDISession", name]
    assert (session["apiVersion"], session["kind"]) == ("vdi.kasm.io/v1alpha1", "VDISession")
    assert (session["metadata"]["uid"], session["status"]["message"]) == (furnished.ref.uid, "no GPU left")
    assert kept["Pod", name]["spec"]["containers"][0]["image"] == "desktop"
    assert kept["Pod", name]["status"] == CRASHED
    assert kept["Secret", f"{name}-credentials"]["data"] == {"username": MASK, "password": MASK}


async def test_objects_are_no_part_of_what_is_published(furnished: Furnished) -> None:
    """They are too long for a report, a log line or a trace."""
    assert "manifests" not in published(await furnished.look())


async def test_what_was_cut_of_an_object_is_told(furnished: Furnished) -> None:
    """An object with a text of any length is kept with the beginning of that text, which `truncated` says."""
    meta = {"name": f"vdi-data-{furnished.ref.name}", "annotations": LONG}
    furnished.world.add("services", {"metadata": meta, "spec": {"ports": [{"port": 8080}]}})
    seen = await furnished.look()
    assert seen.truncated == (f"manifests: the beginning of Service/vdi-data-{furnished.ref.name}",)


async def test_a_node_is_asked_where_the_plan_says_so(world: KubeWorld, gate: Gate) -> None:
    """The conditions of the Pod's node are told, with what keeps Pods away from it."""
    seen = await look_with_node(world, gate)
    assert seen.gaps == ()
    [node] = seen.nodes or ()
    assert (node.name, node.unschedulable) == ("node-1", True)
    assert [(condition.type, condition.status, condition.reason) for condition in node.conditions] == [
        ("Ready", "False", "KubeletNotReady")
    ]
    assert node.taints == ("node.kubernetes.io/not-ready=:NoSchedule",)


async def test_a_node_that_may_not_be_seen_is_a_gap(world: KubeWorld, gate: Gate) -> None:
    """Its name is in the Pod all the same, and the gap says which permission is missing, and where."""
    gate.refuse("GET", "/nodes/node-1", 403, message="no")
    seen = await look_with_node(world, gate)
    assert [pod.node for pod in seen.pods or ()] == ["node-1"]
    assert (seen.nodes, gaps_of(seen)) == ((), ["nodes: forbidden (needs get on nodes in the whole cluster)"])


async def look_with_node(world: KubeWorld, gate: Gate) -> Evidence:
    """Returns what is seen of a session whose Pod is on a node that is not well."""
    ref = (await world.sessions.create(request())).ref
    world.add("pods", pod(ref.name, owner=ref, nodeName="node-1"))
    ready = {"type": "Ready", "status": "False", "reason": "KubeletNotReady"}
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    node = {"metadata": {"name": "node-1"}, "spec": {"unschedulable": True, "taints": [taint]}}

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({**node, "status": {"conditions": [ready]}})

    gate.answer("GET", "/nodes/node-1", answer)
    plan = EvidencePlan(sources=(Source.PODS, Source.NODES))
    return await world.sessions.evidence(SessionView(ref=ref), plan=plan)


async def test_a_known_secret_is_masked_before_anything_is_cut(furnished: Furnished, api: ApiServer) -> None:
    """No part of one is left at the end of a message, nor at the beginning of a log."""
    known = "marker secret of a desktop"
    api.mask = lambda text: text.replace(known, "***")
    furnished.event(furnished.ref.name, message=f"{'x ' * 240}{known} {'y ' * 100}", last="2026-11-22T09:40:20Z")
    furnished.answer_log(f"{known}{'z' * (LOG_LENGTH - 20)}\n")
    told = json.dumps(published(await furnished.look()))
    assert "***" in told
    assert not [part for part in ("marker", "a desktop", "desktopz", "esktopz") if part in told]


FORBIDDEN = [
    (Source.SESSION, "/vdisessions/{name}", "get on vdisessions.vdi.kasm.io in namespace vdi"),
    (Source.PODS, "/pods", "list on pods in namespace vdi"),
    (Source.EVENTS, "/events", "list on events in namespace vdi"),
    (Source.VOLUME_CLAIMS, "/persistentvolumeclaims", "list on persistentvolumeclaims in namespace vdi"),
    (Source.SERVICES, "/services", "list on services in namespace vdi"),
    (Source.INGRESS_ROUTES, "/ingressroutes", "list on ingressroutes.traefik.io in namespace vdi"),
    (Source.SECRETS, "/secrets/{name}-credentials", "get on secrets in namespace vdi"),
    (Source.LEASES, "/leases/vdi-operator", "get on leases.coordination.k8s.io in namespace elsewhere"),
]


@pytest.mark.parametrize(("source", "path", "needed"), [pytest.param(*case, id=str(case[0])) for case in FORBIDDEN])
async def test_what_is_forbidden_is_a_gap(furnished: Furnished, source: Source, path: str, needed: str) -> None:
    """It names the source with the permission that is missing; everything else is seen."""
    furnished.gate.refuse("GET", path.format(name=furnished.ref.name), 403, message="forbidden")
    seen = await furnished.look()
    assert gaps_of(seen) == [f"{source}: forbidden (needs {needed})"]
    shown = published(seen)
    named = {Source.SECRETS: "named_objects", Source.LEASES: "named_objects"}
    others = [named.get(other, str(other)) for other in PLAN.asked() if other is not source]
    assert [other for other in others if not shown.get(other)] == []


async def test_forbidden_logs(world: KubeWorld, gate: Gate) -> None:
    """Reading logs is a permission of its own."""
    ref = (await world.sessions.create(request())).ref
    gate.refuse("GET", f"/pods/{ref.name}/log", 403, message="forbidden")
    seen = await world.sessions.evidence(SessionView(ref=ref), plan=EvidencePlan(sources=(Source.LOGS,)))
    assert gaps_of(seen) == ["logs: forbidden (needs get on pods/log in namespace vdi)"]
    assert seen.logs == ()


async def garbage(_: web.Request) -> web.StreamResponse:
    """Answers as something else than a Kubernetes API."""
    return web.Response(text="<html>")


def refused(code: int, **status: Any) -> Answer:
    """Answers by a refusal."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"kind": "Status", "code": code, "message": "no", **status}, status=code)

    return answer


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        pytest.param(refused(404), GapCause.NOT_SERVED, id="not served"),
        pytest.param(refused(500), GapCause.REFUSED, id="server error"),
        pytest.param(refused(429), GapCause.REFUSED, id="throttled"),
        pytest.param(cut, GapCause.NO_ANSWER, id="cut"),
        pytest.param(garbage, GapCause.NO_ANSWER, id="garbage"),
    ],
)
async def test_trouble_is_a_gap(furnished: Furnished, trouble: Answer, cause: GapCause) -> None:
    """Whatever a source meets costs that source, and says which request met what."""
    furnished.gate.answer("GET", "/services", trouble)
    seen = await furnished.look()
    [gap] = seen.gaps
    assert (gap.source, gap.cause) == (Source.SERVICES, cause)
    assert gap.detail.startswith("list on services in namespace vdi: ")
    assert seen.pods


async def test_a_fault_of_ours_is_a_gap(furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    """An identity that fails for one source, such as a plugin that is gone, does not lose what others have seen."""
    send = ApiServer.send

    async def without_credentials(api: ApiServer, method: str, path: str, **options: Any) -> Reply:
        if path.endswith("/events"):
            raise ProberFailed.because(Reason.INTERNAL, "the credentials plugin kubelogin gave nothing")
        return await send(api, method, path, **options)

    monkeypatch.setattr(ApiServer, "send", without_credentials)
    seen = await furnished.look(EvidencePlan())
    (gap,) = (gap for gap in seen.gaps if gap.source is Source.EVENTS)
    assert gap.cause is GapCause.NO_ANSWER
    assert "the credentials plugin kubelogin gave nothing" in str(gap)
    assert seen.pods


async def test_a_source_that_hangs_loses_itself_only(furnished: Furnished) -> None:
    """Everything that answered is there when the time is over, and the silent source is named."""
    over = asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    furnished.gate.answer("GET", "/pods", never)
    begin = asyncio.get_running_loop().time()
    seen = await furnished.look(EvidencePlan(limit_s=1.0))
    took_s = asyncio.get_running_loop().time() - begin
    over.set()
    assert took_s < 2.0
    assert gaps_of(seen) == ["pods: no answer (list on pods in namespace vdi: none within 1 s)"]
    assert seen.events
    assert seen.services
    [log] = seen.logs or ()
    assert (log.pod, log.container) == (furnished.ref.name, None)


async def test_logs_without_pods(furnished: Furnished) -> None:
    """Where Pods may not be listed, the Pod that the session names is asked for the log of its only container."""
    furnished.gate.refuse("GET", "/pods", 403)
    seen = await furnished.look(EvidencePlan(sources=(Source.PODS, Source.LOGS)), pod_name="desktop-7")
    assert [(log.pod, log.container, log.previous) for log in seen.logs or ()] == [("desktop-7", None, False)]


async def test_a_container_that_waits_has_no_log(world: KubeWorld, gate: Gate) -> None:
    """Nothing is asked that cannot be answered yet."""
    ref = (await world.sessions.create(request())).ref
    waiting = {"name": "desktop", "state": {"waiting": {"reason": "ImagePullBackOff"}}}
    add_pod(world, ref, status={"phase": "Pending", "containerStatuses": [waiting]})
    plan = EvidencePlan(sources=(Source.PODS, Source.LOGS))
    seen = await world.sessions.evidence(SessionView(ref=ref), plan=plan)
    assert (seen.logs, seen.gaps) == ((), ())
    assert not [asked for asked in gate.requests if asked.endswith("/log")]


async def test_a_log_that_is_not_there(furnished: Furnished) -> None:
    """A Pod that no node has taken is a bad request to Kubernetes, and a gap to us."""
    furnished.gate.open()
    furnished.gate.refuse("GET", "/log", 400, message="pod desktop does not have a host assigned")
    seen = await furnished.look(EvidencePlan(sources=(Source.LOGS,)))
    assert gaps_of(seen) == [
        "logs: not there (get on pods/log in namespace vdi: pod desktop does not have a host assigned)"
    ]


async def test_named_objects_that_are_not_there(world: KubeWorld) -> None:
    """That a Secret or a Lease does not exist is an answer, no gap."""
    ref = (await world.sessions.create(request())).ref
    plan = EvidencePlan(sources=(), secrets=("{session}-credentials",), leases=(LEASE,))
    seen = await world.sessions.evidence(SessionView(ref=ref), plan=plan)
    assert seen.gaps == ()
    assert [(named.kind, named.exists) for named in seen.named_objects or ()] == [("Lease", False), ("Secret", False)]


async def test_a_later_session_of_the_name_is_not_the_one(furnished: Furnished) -> None:
    """The uid decides, of the session as of what other sessions own."""
    earlier = SessionView(ref=SessionRef(namespace=NAMESPACE, name=furnished.ref.name, uid="an-earlier-one"))
    plan = EvidencePlan(sources=(Source.SESSION, Source.PODS))
    seen = await furnished.world.sessions.evidence(earlier, plan=plan)
    assert gaps_of(seen) == [f"session: not there ({furnished.ref.name} is gone)"]
    assert seen.pods == ()


async def test_objects_of_other_names_are_found_by_their_owner(
    world: KubeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform may name its objects as it likes; a namespace full of others is read in pages."""
    monkeypatch.setattr(asking, "PAGE", 2)
    ref = (await world.sessions.create(request())).ref
    for number in range(5):
        world.add("pods", pod(f"a-stranger-{number}"))
    world.add("pods", pod("xyz", owner=ref))
    plan = EvidencePlan(sources=(Source.PODS,))
    seen = await world.sessions.evidence(SessionView(ref=ref), plan=plan)
    assert [only.name for only in seen.pods or ()] == ["xyz"]


async def test_evidence_has_bounds(furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a most of everything, and what was left out is said."""
    monkeypatch.setattr(look, "MOST_EVENTS", 2)
    monkeypatch.setattr(look, "MOST_LOGS", 1)
    monkeypatch.setattr(look, "MOST_NAMED", 1)
    monkeypatch.setattr(asking, "PAGE", 3)
    name = furnished.ref.name
    for second in range(4):
        furnished.event(name, message=f"event {second}", last=f"2026-11-22T09:41:0{second}Z")
    furnished.gate.open()
    furnished.answer_log("\n".join(f"line {number}" for number in range(10 * LOG_LINES)))
    plan = EvidencePlan(secrets=(f"{name}-credentials", "another"))
    seen = await furnished.look(plan)
    assert len(seen.events or ()) == 2
    assert len(seen.named_objects or ()) == 1
    [log] = seen.logs or ()
    assert log.text.splitlines()[-1] == f"line {10 * LOG_LINES - 1}"
    assert len(log.text.splitlines()) == LOG_LINES
    assert list(seen.truncated) == [
        "events: the newest 2 of 3 or more",
        "logs: 1 of 2",
        f"logs: the end of {name}/desktop",
        "secrets: 1 of 2",
    ]


async def test_a_log_without_an_end(furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much a server sends, so much is read, and the connection is not used again."""
    monkeypatch.setattr(asking, "MOST_LOG_BYTES", 1024)

    async def endless(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asked)
        try:
            while True:
                await response.write(b"x" * 4096)
        except ConnectionError:
            return response

    furnished.gate.open()
    furnished.gate.answer("GET", "/log", endless)
    seen = await furnished.look(EvidencePlan(sources=(Source.LOGS,)))
    [log] = seen.logs or ()
    assert log.text == "x" * 1024
    assert (await furnished.look(EvidencePlan(sources=(Source.SESSION,)))).session is not None


async def test_a_cancellation_ends_every_question(furnished: Furnished) -> None:
    """Whoever gives up leaves no request behind."""
    over = asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    for ending in ("/pods", "/events", "/services"):
        furnished.gate.answer("GET", ending, never)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(furnished.look(), timeout=0.3)
    over.set()
