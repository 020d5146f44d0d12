"""Tables, representations, ages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from prober.lab.kube.errors import NotAcceptableError
from prober.lab.kube.paging import Page
from prober.lab.kube.resources import EVENTS, PODS, Obj
from prober.lab.kube.tables import View, human_age, negotiate, render, render_list

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TABLE = View(shape="Table")
METADATA = {"name": "one", "creationTimestamp": "2026-11-22T09:59:00Z", "resourceVersion": "7"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (119, "119s"),
        (120, "2m"),
        (599, "9m59s"),
        (3600, "60m"),
        (4 * 3600, "4h"),
        (4 * 3600 + 60, "4h1m"),
        (9 * 3600, "9h"),
        (49 * 3600, "2d1h"),
        (30 * 86400, "30d"),
    ],
    ids=str,
)
def test_ages(seconds: float, text: str) -> None:
    """Ages read as kubectl's."""
    assert human_age(seconds) == text


@pytest.mark.parametrize(
    ("accept", "shape"),
    [
        ("", ""),
        ("*/*", ""),
        ("application/json", ""),
        ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "Table"),
        ("application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io,application/json", ""),
        ("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "PartialObjectMetadata"),
        ("application/vnd.kubernetes.protobuf,application/json", ""),
    ],
    ids=["none", "any", "json", "table", "fallback", "metadata", "protobuf first"],
)
def test_the_first_served_representation_wins(accept: str, shape: str) -> None:
    """What is not served is passed over."""
    assert negotiate(accept).shape == shape


def test_unserved_representations_are_refused() -> None:
    """A client that accepts nothing that is served is told so."""
    with pytest.raises(NotAcceptableError):
        negotiate("application/yaml")


@pytest.mark.parametrize(
    ("status", "cells"),
    [
        ({"phase": "Pending"}, ["one", "0/1", "Pending", 0, "60s", None, None]),
        (
            {
                "phase": "Running",
                "podIP": "127.0.0.1",
                "containerStatuses": [{"ready": True, "restartCount": 2}],
            },
            ["one", "1/1", "Running", 2, "60s", "127.0.0.1", None],
        ),
        (
            {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}]},
            ["one", "0/1", "ErrImagePull", 0, "60s", None, None],
        ),
    ],
    ids=["pending", "running", "waiting"],
)
def test_pods(status: Obj, cells: list[Any]) -> None:
    """A Pod's row says what kubectl users look for."""
    pod = {"metadata": METADATA, "spec": {"containers": [{}]}, "status": status}

    table = render(pod, resource=PODS, view=TABLE, now=NOW)

    assert table["rows"][0]["cells"] == cells
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_events() -> None:
    """An event's row tells when, what and about which object."""
    event = {
        "metadata": METADATA,
        "lastTimestamp": "2026-11-22T09:58:30.5+00:00",
        "type": "Normal",
        "reason": "Created",
        "message": "made",
        "involvedObject": {"kind": "VDISession", "name": "s"},
    }

    table = render_list(Page(items=[event], version=9), resource=EVENTS, view=TABLE, now=NOW)

    assert table["metadata"] == {"resourceVersion": "9"}
    assert table["rows"][0]["cells"] == ["89s", "Normal", "Created", "vdisession/s", "made", "one"]


def test_typed_lists_do_not_repeat_the_type() -> None:
    """Items of built-in lists carry neither kind nor apiVersion, as from a real API server."""
    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": METADATA}

    answer = render_list(Page(items=[pod], version=9), resource=PODS, view=View(), now=NOW)

    assert (answer["kind"], answer["items"]) == ("PodList", [{"metadata": METADATA}])
