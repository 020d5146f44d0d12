from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prober.adapters.kubernetes.evidence import reading
from prober.adapters.kubernetes.resources import INGRESS_ROUTES, SERVICES, VOLUME_CLAIMS, StatusPaths
from prober.domain.evidence import Evidence, published
from prober.domain.seen import ContainerState

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
"""Whatever may stand where Kubernetes has something else."""

KEYS = [
    "conditions",
    "containerStatuses",
    "initContainerStatuses",
    "state",
    "waiting",
    "reason",
    "message",
    "name",
    "creationTimestamp",
    "ports",
    "port",
    "routes",
    "services",
    "match",
    "data",
    "renewTime",
    "involvedObject",
    "series",
    "count",
    "lastTimestamp",
    "finalizers",
    "restartCount",
]

PART = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3)

RAW = st.dictionaries(
    st.sampled_from(["metadata", "spec", "status", "data", *KEYS]),
    JSON | st.dictionaries(st.sampled_from(KEYS), JSON | st.lists(PART, max_size=2), max_size=3),
    max_size=5,
)

TIME = "2026-11-22T09:40:19Z"
AT = datetime(2026, 11, 22, 9, 40, 19, tzinfo=UTC)


@given(RAW)
@settings(max_examples=50)
def test_whatever_the_api_server_shows_is_read(raw: dict[str, Any]) -> None:
    """No shape of an answer is an error: what makes no sense is absent, and the result can be published."""
    seen = Evidence(
        taken_at=AT,
        session=reading.read_session(raw, paths=StatusPaths()),
        pods=(reading.read_pod(raw),),
        events=(reading.read_event(raw),),
        persistentvolumeclaims=(reading.read_volume_claim(raw, kind=VOLUME_CLAIMS),),
        services=(reading.read_service(raw, kind=SERVICES),),
        ingressroutes=(reading.read_route(raw, kind=INGRESS_ROUTES),),
        named_objects=(
            reading.read_secret(raw, name="a", namespace="b"),
            reading.read_lease(raw, name="a", namespace="b"),
        ),
    )
    assert published(seen)["events"][0]["count"] is not None


@pytest.mark.parametrize(
    ("grace", "deleted_at"),
    [(None, AT), (30, AT - timedelta(seconds=30)), (10**30, AT), ("30", AT)],
    ids=["none", "half a minute", "absurd", "no number"],
)
def test_a_deletion_is_dated_to_when_it_was_accepted(grace: object, deleted_at: datetime) -> None:
    """The timestamp is the end of the grace, so that the age of a Pod's deletion would be negative."""
    raw = {"metadata": {"name": "probe-x", "deletionTimestamp": TIME, "deletionGracePeriodSeconds": grace}}
    assert reading.read_pod(raw).deleted_at == deleted_at


def test_a_pod_in_trouble() -> None:
    """What a container waits for, what it died of, what the scheduler said: with Kubernetes' words."""
    raw = {
        "metadata": {"name": "probe-x", "creationTimestamp": TIME, "deletionTimestamp": TIME},
        "spec": {"nodeName": "node-1"},
        "status": {
            "phase": "Pending",
            "reason": "Evicted",
            "message": "The node was low on resource: memory.",
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
                    "lastTransitionTime": TIME,
                }
            ],
            "initContainerStatuses": [{"name": "fetch", "ready": False, "state": {"running": {"startedAt": TIME}}}],
            "containerStatuses": [
                {
                    "name": "desktop",
                    "ready": False,
                    "restartCount": 4,
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 1m20s"}},
                    "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": TIME}},
                }
            ],
        },
    }
    pod = reading.read_pod(raw)
    assert (pod.name, pod.phase, pod.reason, pod.node) == ("probe-x", "Pending", "Evicted", "node-1")
    assert pod.message == "The node was low on resource: memory."
    assert (pod.created_at, pod.deleted_at) == (AT, AT)
    [condition] = pod.conditions
    assert (condition.reason, condition.changed_at) == ("Unschedulable", AT)
    fetch, desktop = pod.containers
    assert (fetch.name, fetch.init, fetch.now) == ("fetch", True, ContainerState(state="running", since_at=AT))
    assert (desktop.init, desktop.ready, desktop.restarts) == (False, False, 4)
    assert desktop.now == ContainerState(state="waiting", reason="CrashLoopBackOff", message="back-off 1m20s")
    assert desktop.last == ContainerState(state="terminated", reason="OOMKilled", exit_code=137, since_at=AT)


@pytest.mark.parametrize(
    ("times", "count"),
    [
        pytest.param({"lastTimestamp": TIME, "count": 7}, 7, id="core/v1"),
        pytest.param({"eventTime": TIME, "lastTimestamp": None}, 1, id="events.k8s.io"),
        pytest.param(
            {"eventTime": "2020-01-01T00:00:00Z", "series": {"count": 9, "lastObservedTime": TIME}}, 9, id="series"
        ),
        pytest.param({"metadata": {"creationTimestamp": TIME}}, 1, id="no time but its own"),
    ],
)
def test_an_event(times: dict[str, Any], count: int) -> None:
    """Both kinds of Event say when something was seen last, and how often."""
    about = {"kind": "Pod", "name": "probe-x"}
    raw = {"involvedObject": about, "type": "Warning", "reason": "BackOff", "message": "no", **times}
    event = reading.read_event(raw)
    assert (event.about, event.type, event.reason, event.message) == ("Pod/probe-x", "Warning", "BackOff", "no")
    assert (event.seen_at, event.count) == (AT, count)


def test_a_secret_shows_its_keys_only() -> None:
    """Values are not even decoded."""
    raw = {"data": {"password": "aHVudGVyMg==", "username": "cHJvYmU="}, "metadata": {"creationTimestamp": TIME}}
    seen = reading.read_secret(raw, name="credentials", namespace="vdi")
    assert (seen.exists, seen.keys, seen.created_at) == (True, ("password", "username"), AT)
    assert "aHVudGVyMg" not in repr(seen)
