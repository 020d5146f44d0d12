"""What is probed while Prometheus looks: targets of a lab, each with a trouble of its own, by short intervals."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from prober.lab.state import CLUSTER
from tests.e2e.conftest import FAULT_ANNOTATION

EVERY_S = 20
"""Seconds between two runs of a target: a little more than all its budgets together, which is the least allowed."""

PACE = 30
"""How many times faster the time of the rules runs: to them a target here is due every ten minutes."""

BUDGETS = {
    "create": "1s",
    "running": "2500ms",
    "url": "1s",
    "login": "3s",
    "connect": "1500ms",
    "first_frame": "1500ms",
    "stream": "1s",
    "input": "1500ms",
    "terminate": "3s",
    "cleanup": "2500ms",
}
"""A sound run takes 2 s on an idle machine, its window included."""

LENIENT = {
    "frames_per_second": {"warn": 2, "fail": 1},
    "freeze": {"share": 0.9},
    "jitter": {"warn": "1s", "fail": "2s"},
    "jitter_buffer": {"warn": "1s", "fail": "2s"},
    "round_trip": {"warn": "1s", "fail": "2s"},
    "input_latency": {"warn": "399ms", "fail": "400ms"},
}
"""A busy machine must not be taken for a bad stream."""

QUICK = {
    "schedule": {"every": f"{EVERY_S}s"},
    "budgets": BUDGETS,
    "stream": {"window": "1s", "settle": "250ms", "sample_every": "250ms"},
    "input": False,
    "expect": LENIENT,
    "session_cap": 200,
}

HOG = {
    "fault": "never_running",
    "budgets": {**BUDGETS, "running": "170s"},
    "schedule": {"every": "200s"},
}
"""Keeps a place for minutes."""

Changes = Mapping[str, Any]

MAIN: Mapping[str, Changes] = {
    "desktop": {},
    "poor": {
        "fault": "none",
        "input": {"repetitions": 1},
        "expect": {**LENIENT, "frames_per_second": {"warn": 500, "fail": 1}},
        "objectives": {"start_time": {"within": "100ms"}},
    },
    "relayed": {"fault": "turn_down", "network": {"path": "relay"}},
    "stuck": {"fault": "finalizer_stuck"},
    "failed": {"fault": "phase_failed"},
}
"""The targets of the main prober. `desktop` has the fault to which the lab is turned; `poor` succeeds, with warnings
and too late; the TURN server of `relayed` is down; sessions of `stuck` stay; the platform says that `failed` failed."""

BLIND: Mapping[str, Changes] = {
    "unseen": {"fault": "none"},
    "lost": {"cluster": "gone", "template": "all"},
}
"""Those of the one whose browser does not start, that can keep nothing, and that does not reach one of its clusters."""

LAME: Mapping[str, Changes] = {"lamed": {"fault": "none"}}
"""Those of the one whose browser cannot do WebRTC."""

DOOMED: Mapping[str, Changes] = {"doomed": {"fault": "none", "template": "all"}}
"""Those of the one that is restarted, later ended: it discovers them."""

DOOMED_TARGET = "doomed-ubuntu-desktop"
"""What it finds."""

HOGGED: Mapping[str, Changes] = {"waiting": {"fault": "none"}, **{f"hog-{number}": HOG for number in range(5)}}
"""Those of the one whose only place is taken."""

CRIPPLED = ["--force-webrtc-ip-handling-policy=disable_non_proxied_udp"]
"""Arguments with which Chromium connects no peers."""


def site(state: Path, targets: Mapping[str, Changes], *, gone: Path | None = None, **top: Any) -> dict[str, Any]:
    """Returns a configuration for the lab of that state directory.

    Args:
        state: The lab's state directory.
        targets: The targets by their names, each like the lab's own but quicker, with these changes; `fault` is one of
            the lab, and a target that names none has the one to which the lab is turned.
        gone: The kubeconfig of a cluster `gone`.
        top: Settings beside the targets.
    """
    content: dict[str, Any] = yaml.safe_load((state / "prober.yaml").read_text())
    base = content["targets"][0]
    made = [_target(base, name, **changes) for name, changes in targets.items()]
    further = {} if gone is None else {"gone": {"kubeconfig": str(gone)}}
    clusters = {**content["clusters"], **further}
    return {**content, "clusters": clusters, "targets": made, "shutdown_grace": "28s", **top}


def _target(
    base: Mapping[str, Any],
    name: str,
    *,
    fault: str | None = None,
    template: str | None = None,
    cluster: str = CLUSTER,
    **changes: Any,
) -> dict[str, Any]:
    session = {**base["session"], "cluster": cluster, "user": f"probe-{name}@example.com", "timeout": "15m"}
    if template is not None:
        session |= {"template": template, "user": f"probe-{name}-{{template}}@example.com"}
    if fault is not None:
        session["annotations"] = {FAULT_ANNOTATION: fault}
    return {**base, **QUICK, "name": name, "session": session, **changes}
