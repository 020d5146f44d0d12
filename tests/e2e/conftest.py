"""A lab and a prober, each started by its command, as a user starts them."""

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from jsonschema import Draft202012Validator

from prober.app.failure_trace_schema import failure_trace_schema
from prober.domain.failure_trace import SCHEMA_ID, VERSION

PROBER = (sys.executable, "-m", "prober")
START_S = 60
RUN_S = 120
FAULT_ANNOTATION = "lab.vdi-prober.io/fault"
ORDER = ["create", "running", "url", "login", "connect", "first_frame", "stream", "input", "terminate", "cleanup"]

QUICK_BUDGETS = {
    "create": "5s",
    "running": "6s",
    "url": "5s",
    "login": "8s",
    "connect": "8s",
    "first_frame": "5s",
    "stream": "5s",
    "input": "10s",
    "terminate": "5s",
    "cleanup": "5s",
}

QUICK = {
    "budgets": QUICK_BUDGETS,
    "stream": {"window": "4s", "settle": "1s"},
    "input": {"repetitions": 3},
}
"""Shorter than the lab's own settings where only time would be lost."""


class Api:
    """The lab's Kubernetes API, spoken to with nothing of ours."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        cluster = config["clusters"][0]["cluster"]
        self._server = cluster["server"]
        self._token = config["users"][0]["user"]["token"]
        self._tls = ssl.create_default_context(cadata=b64decode(cluster["certificate-authority-data"]).decode())

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Returns the answer's body; a merge patch for PATCH."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        request = urllib.request.Request(  # noqa: S310 - the lab's own HTTPS address
            self._server + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": kind},
        )
        with urllib.request.urlopen(request, context=self._tls, timeout=10) as answer:  # noqa: S310 - as above
            content: dict[str, Any] = json.load(answer)
            return content

    def names(self, path: str) -> list[str]:
        """Returns the names of the objects of a collection."""
        return [item["metadata"]["name"] for item in self.request("GET", path)["items"]]

    def sessions(self) -> list[str]:
        """Returns the names of all VDISessions."""
        return self.names("/apis/vdi.kasm.io/v1alpha1/vdisessions")


class RunningLab:
    """A lab that runs as `prober lab`."""

    def __init__(self, state: Path, process: "subprocess.Popen[str]") -> None:
        self.state = state
        self.process = process
        self.api = Api(state / "kubeconfig")
        self._configs = 0

    def config(self, *, fault: str = "none", **changes: Any) -> Path:
        """Writes a configuration like the lab's own, quicker, with a fault of the sessions and other changes."""
        return self.configs({"ubuntu-desktop": {"fault": fault, **changes}})

    def configs(self, targets: Mapping[str, Mapping[str, Any]], **top: Any) -> Path:
        """Writes a configuration with several targets, each like the lab's own but for its changes."""
        content = yaml.safe_load((self.state / "prober.yaml").read_text())
        base = content["targets"][0]
        content["targets"] = [_target(base, name=name, **changes) for name, changes in targets.items()]
        self._configs += 1
        path = self.state / f"test-{self._configs}.yaml"
        path.write_text(yaml.safe_dump({**content, **top}))
        return path


def _target(base: Mapping[str, Any], *, name: str, fault: str = "none", **changes: Any) -> dict[str, Any]:
    target = {**base, **QUICK, "name": name, "schedule": {"every": "3m"}}
    target.update(changes)
    user = f"probe-{name}@example.com"
    target["session"] = {**base["session"], "user": user, "annotations": {FAULT_ANNOTATION: fault}}
    return target


@contextmanager
def started(*command: str, **options: Any) -> Iterator["subprocess.Popen[str]"]:
    """Starts a command; one that still runs at the end of the block is told to stop."""
    process = subprocess.Popen([*PROBER, *command], text=True, stdout=subprocess.PIPE, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise


def wait_for(stream: Any, text: str) -> str:
    """Reads lines until one has the text, and returns it."""
    seen = []
    for line in stream:
        seen.append(line)
        if text in line:
            return str(line)
    raise AssertionError(f"{text!r} never came, but:\n{''.join(seen)}")


def wait_until(holds: Callable[[], object], *, within_s: float = 30) -> None:
    """Waits for what nothing announces."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"{holds} never held"
        time.sleep(0.05)  # asked often enough to be in the middle of things


def run_prober(
    *arguments: str, timeout_s: float = RUN_S, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end, with these variables beside the environment's."""
    return subprocess.run(
        [*PROBER, *arguments],
        text=True,
        capture_output=True,
        timeout=timeout_s,
        check=False,
        env={**os.environ, **(env or {})},
    )


def report_of(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Returns the one report that `prober run --output json` printed."""
    lines = done.stdout.splitlines()
    assert len(lines) == 1, f"exit {done.returncode}, printed {done.stdout!r}, said {done.stderr!r}"
    report: dict[str, Any] = json.loads(lines[0])
    check_trace(report)
    return report


def check_trace(report: Mapping[str, Any]) -> None:
    """Holds the report of a failed run against the schema of failure traces, which has the same members and three."""
    if report["outcome"] not in {"failure", "error"}:
        return
    trace = {"schema": SCHEMA_ID, "version": VERSION, **report, "truncated": []}
    faults = Draft202012Validator(failure_trace_schema()).iter_errors(trace)
    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []


def family(pid: int) -> list[psutil.Process]:
    """Returns a process with all its descendants."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def assert_gone(processes: list[psutil.Process], *, within_s: float = 10) -> None:
    """Fails when one of the processes still runs."""
    _, alive = psutil.wait_procs(processes, timeout=within_s)
    living = [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert not living, f"still running: {living}"


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    """A lab for the tests of one module."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "lab"
        with started("lab", "--state", str(state), env={**os.environ}) as process:
            wait_for(process.stdout, "lab ready")
            yield RunningLab(state, process)
