"""Sessions whose runs died long ago."""

from pathlib import Path

from prober.domain.session import (
    DEADLINE_ANNOTATION,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    OWNER_LABEL,
    RUN_ID_LABEL,
    TARGET_LABEL,
)
from tests.e2e.conftest import FAULT_ANNOTATION, Api

_SESSIONS = "/apis/vdi.kasm.io/v1alpha1/namespaces/vdi/vdisessions"


def leave_orphans(state: Path, *, target: str, number: int) -> None:
    """Leaves so many in the lab of that state directory; they go slowly, so that Prometheus sees the count grow."""
    api = Api(state / "kubeconfig")
    for index in range(number):
        labels = {
            MANAGED_BY_LABEL: MANAGED_BY,
            OWNER_LABEL: "killed",
            RUN_ID_LABEL: f"killed-{index}",
            TARGET_LABEL: target,
        }
        metadata = {
            "name": f"orphan-{index}",
            "labels": labels,
            "annotations": {DEADLINE_ANNOTATION: "2026-01-01T00:00:00+00:00", FAULT_ANNOTATION: "slow_teardown"},
        }
        body = {
            "apiVersion": "vdi.kasm.io/v1alpha1",
            "kind": "VDISession",
            "metadata": metadata,
            "spec": {"user": f"orphan-{index}@example.com", "template": "ubuntu-desktop"},
        }
        api.request("POST", _SESSIONS, body)
