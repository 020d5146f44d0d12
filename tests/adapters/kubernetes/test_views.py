from datetime import UTC, datetime
from typing import Any

import pytest

from prober.adapters.kubernetes.resources import KASM, StatusPaths
from prober.adapters.kubernetes.views import child_view, items_of, session_view
from prober.domain.errors import TargetFailed
from prober.domain.session import Phase, Tie
from prober.domain.waiting import failed_phase

METADATA = {"namespace": "vdi", "name": "probe-x", "uid": "u-1", "creationTimestamp": "2026-11-22T09:40:19Z"}


def test_a_whole_session() -> None:
    """Every field of the view comes from where the platform writes it."""
    raw = {
        "metadata": METADATA
        | {"deletionTimestamp": "2026-11-22T09:41:00Z", "finalizers": ["f"], "labels": {"a": "b"}, "annotations": {}},
        "status": {"phase": "Running", "url": "https://a", "message": "well", "podName": "p"},
    }
    view = session_view(raw, paths=StatusPaths())
    assert (view.phase, view.url, view.message, view.pod_name) == (Phase.RUNNING, "https://a", "well", "p")
    assert (view.deleting, view.finalizers, view.labels) == (True, ("f",), {"a": "b"})
    assert view.created_at == datetime(2026, 11, 22, 9, 40, 19, tzinfo=UTC)


def test_what_the_platform_says_is_masked_and_shortened() -> None:
    """The message is told as it is: what is known to be secret goes before it is cut, and what looks like a secret."""
    said = f"started with --password hunter2\nand {'x ' * 230}marker secret {'y ' * 1000}"
    raw = {"metadata": METADATA, "status": {"phase": "Failed", "message": said}}
    view = session_view(raw, paths=StatusPaths(), mask=lambda text: text.replace("marker secret", "***"))
    assert view.message is not None
    assert view.message.startswith("started with --password *** and x x")
    assert "hunter2" not in view.message
    assert "marker" not in view.message
    assert len(view.message) < 540
    assert failed_phase(view).summary == f"the phase is Failed: {view.message}"


def test_paths_are_the_platforms() -> None:
    """Another platform may keep its fields elsewhere."""
    raw = {"metadata": METADATA, "status": {"access": {"href": "https://b"}}}
    assert session_view(raw, paths=StatusPaths(url=("status", "access", "href"))).url == "https://b"


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(None, id="none"),
        pytest.param([], id="a list"),
        pytest.param({"phase": 7, "url": "", "message": {}, "podName": []}, id="wrong types"),
        pytest.param({"phase": "Hibernating"}, id="an unknown phase"),
    ],
)
def test_what_cannot_be_read_is_absent(status: Any) -> None:
    """The view stays silent where the platform's words are none."""
    view = session_view({"metadata": METADATA, "status": status}, paths=StatusPaths())
    assert (view.phase, view.url, view.message, view.pod_name) == (None, None, None, None)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({}, id="empty"),
        pytest.param({"metadata": []}, id="no metadata"),
        pytest.param({"metadata": {"namespace": "vdi", "name": "x"}}, id="no uid"),
    ],
)
def test_an_object_needs_an_identity(raw: dict[str, Any]) -> None:
    """What has no name and uid is no answer of a Kubernetes API."""
    with pytest.raises(TargetFailed, match="without identity"):
        session_view(raw, paths=StatusPaths())


def test_a_child() -> None:
    """Items of a list do not name their kind, so it is given."""
    raw = {"metadata": METADATA | {"creationTimestamp": "yesterday", "finalizers": ["kubernetes.io/pvc-protection"]}}
    child = child_view(raw, kind="Pod", tie=Tie.NAME)
    assert (str(child), child.tie, child.created_at) == ("Pod/probe-x", Tie.NAME, None)
    assert child.finalizers == ("kubernetes.io/pvc-protection",)


@pytest.mark.parametrize(
    ("grace", "deleted_at"),
    [
        ({}, datetime(2026, 11, 22, 9, 40, 30, tzinfo=UTC)),
        ({"deletionGracePeriodSeconds": 30}, datetime(2026, 11, 22, 9, 40, tzinfo=UTC)),
    ],
    ids=["at once", "a Pod's grace"],
)
def test_a_deletion_was_accepted_before_its_grace(grace: dict[str, int], deleted_at: datetime) -> None:
    """The timestamp of a Pod's deletion lies ahead by its grace; what counts is when the deletion was accepted."""
    raw = {"metadata": METADATA | {"deletionTimestamp": "2026-11-22T09:40:30Z", **grace}}
    assert child_view(raw, kind="Pod", tie=Tie.OWNER).deleted_at == deleted_at
    assert session_view(raw, paths=KASM.status).deleted_at == deleted_at


def test_a_list_without_items() -> None:
    """A list whose items are not there is empty."""
    assert items_of({"items": None}) == []
