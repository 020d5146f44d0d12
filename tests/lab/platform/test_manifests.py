from datetime import UTC, datetime

from prober.lab.operator import kubelet
from prober.lab.operator.manifests import SESSION_LABEL, children, event
from prober.lab.operator.session import Session
from prober.lab.plan import ChildKind, Plan

NOW = datetime(2026, 11, 22, 9, 40, 19, tzinfo=UTC)


def _session(*, volume_size: str | None = None, resources: dict[str, str] | None = None) -> Session:
    return Session(
        namespace="vdi",
        name="s-1",
        uid="u-1",
        user="probe@example.com",
        template="ubuntu-desktop",
        timeout_s=300.0,
        volume_size=volume_size,
        resources=resources or {},
    )


def test_children_are_named_as_the_platform_names_them() -> None:
    """The Pod has the session's name, the volume claim a prefix before it."""
    made = children(_session(volume_size="1Gi"), image="image", plan=Plan())
    assert {child.kind: child.manifest["metadata"]["name"] for child in made} == {
        ChildKind.VOLUME_CLAIM: "vdi-data-s-1",
        ChildKind.POD: "s-1",
        ChildKind.SERVICE: "s-1",
        ChildKind.INGRESS_ROUTE: "s-1",
    }


def test_no_volume_claim_without_persistence() -> None:
    """A session without persistence owns no volume claim."""
    made = children(_session(), image="image", plan=Plan())
    assert ChildKind.VOLUME_CLAIM not in {child.kind for child in made}


def test_children_belong_to_their_session() -> None:
    """Every child points at the session as its controller, carries its label."""
    for child in children(_session(volume_size="1Gi"), image="image", plan=Plan()):
        metadata = child.manifest["metadata"]
        assert metadata["labels"][SESSION_LABEL] == "s-1"
        (owner,) = metadata["ownerReferences"]
        assert owner == {
            "apiVersion": "vdi.kasm.io/v1alpha1",
            "kind": "VDISession",
            "name": "s-1",
            "uid": "u-1",
            "controller": True,
            "blockOwnerDeletion": True,
        }


def test_a_child_to_be_left_behind_has_no_owner() -> None:
    """What must survive the session must not be collected with it."""
    plan = Plan(left_behind=frozenset({ChildKind.SERVICE}))
    made = {child.kind: child for child in children(_session(), image="image", plan=plan)}
    assert "ownerReferences" not in made[ChildKind.SERVICE].manifest["metadata"]
    assert "ownerReferences" in made[ChildKind.POD].manifest["metadata"]


def test_resources_become_limits() -> None:
    """What a session asks for is what its container is limited to; a GPU by its resource name."""
    session = _session(resources={"cpu": "2", "memory": "4Gi", "gpu": "1"})
    made = {child.kind: child for child in children(session, image="image", plan=Plan())}
    (container,) = made[ChildKind.POD].manifest["spec"]["containers"]
    assert container["resources"]["limits"] == {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"}


def test_a_scheduled_pod_is_pending() -> None:
    """While its image is pulled, a Pod is Pending, its container waiting, nothing ready."""
    status = kubelet.scheduled(image="image", at=NOW)
    assert status["phase"] == "Pending"
    assert {c["type"]: c["status"] for c in status["conditions"]}["Ready"] == "False"
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}


def test_a_running_pod_is_ready() -> None:
    """Once its container runs, a Pod is Running with every condition met."""
    status = kubelet.running(image="image", at=NOW)
    assert status["phase"] == "Running"
    assert {c["status"] for c in status["conditions"]} == {"True"}
    assert status["containerStatuses"][0]["ready"] is True


def test_an_event_points_at_its_object() -> None:
    """An Event lives in its object's namespace and names it by uid."""
    about = {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "vdi", "name": "p", "uid": "u"}}
    body = event(about, reason="Started", message="started", warning=False, at=NOW, suffix="1")
    assert body["metadata"] == {"name": "p.1", "namespace": "vdi"}
    assert body["involvedObject"]["uid"] == "u"
    assert body["lastTimestamp"] == "2026-11-22T09:40:19Z"
    assert body["type"] == "Normal"


def test_a_rival_has_the_same_host_and_is_nobodys() -> None:
    """Its route is another session's by name and label, matches the same requests, and comes before the session's."""
    made = children(_session(), image="image", plan=Plan(rival=True))
    rival, mine = (child.manifest for child in made if child.kind is ChildKind.INGRESS_ROUTE)
    assert rival["spec"]["routes"][0]["match"] == mine["spec"]["routes"][0]["match"]
    assert (rival["metadata"]["name"], rival["metadata"]["labels"][SESSION_LABEL]) == ("other-s-1", "other-s-1")
    assert "ownerReferences" not in rival["metadata"]
