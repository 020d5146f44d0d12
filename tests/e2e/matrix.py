"""How the faults of the lab are held against the reasons that come out.

All runs of one call are made by one process of `prober run`, with a browser that stays warm. "step" is the step that
named the fault, "seconds" what it took, "left" what was there after the run.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from prober.lab.fault import Fault
from prober.lab.faults import SEPARATOR
from tests.e2e.conftest import QUICK_BUDGETS, RunningLab, assert_gone, check_trace, run_prober
from tests.e2e.kept import check_evidence
from tests.e2e.searching import files_below, places_of

Report = Mapping[str, Any]

LENIENT = {
    "frames_per_second": {"warn": 2, "fail": 1},
    "freeze": {"share": 0.9},
    "no_frame": "2s",
    "jitter": {"warn": "1s", "fail": "2s"},
    "jitter_buffer": {"warn": "1s", "fail": "2s"},
    "round_trip": {"warn": "1s", "fail": "2s"},
    "input_latency": {"warn": "399ms", "fail": "400ms"},
}

WINDOW = {"stream": {"window": "9s", "settle": "1s"}}
"""Long enough for a freeze of 5 s to lie in it whole."""

GLANCE = {"stream": {"window": "3s", "settle": "1s"}, "input": False, "expect": LENIENT}
"""For what shows in no figure of the stream, on a machine that is busy with another run."""

SOUND = "sound_after_"
"""How the name of a run without a fault begins."""

_PLAYS = {"preset": "generic", "click": "#playButton"}
"""Browsers play no sound before somebody clicked."""

_SPECIAL: Mapping[str, Mapping[str, Any]] = {
    # What is slow needs room to be so, and to come to its end after all.
    "slow_teardown": {"budgets": {**QUICK_BUDGETS, "terminate": "10s", "cleanup": "15s"}},
    # ICE needs up to 9 s to notice a silence, and a few more frames must come after it.
    "ice_flapping": {"stream": {"window": "13s", "settle": "1s"}},
    "input_dead": {"input": {"repetitions": 4}},
    "input_slow": {"input": {"repetitions": 4}},
    "low_resolution": {"checks": {"resolution": "800x450"}},
    "audio_silent": {"checks": {"audio": True}, "client": _PLAYS},
    # What a browser with half of its CPU does not reach; a sound one shows 27 to 29 frames a second.
    "starve_cpu": {**WINDOW, "expect": {"frames_per_second": {"warn": 29, "fail": 24}}},
    "sound": {"checks": {"audio": True}, "client": _PLAYS},
}
"""What a target must ask for, so that the fault is one."""


HEAD = ("injected", "step", "layer", "reason", "seconds", "left")
LINE = "{:30} {:12} {:14} {:22} {:>7}  {}"


def target_of(fault: Fault) -> str:
    """The name of the target whose sessions have the fault."""
    return fault.name.replace("_", "-").replace(SEPARATOR, "-and-")


def probe(
    lab: RunningLab,
    faults: Sequence[Fault],
    base: Mapping[str, Any],
    *,
    at_a_time: int,
    scratch: Path,
    lost: Sequence[str] = (),
) -> tuple[dict[str, Report], str]:
    """Returns the reports by the faults' names, and what was said on standard error.

    Whatever the prober writes while it probes is gone at its end, and so is every process that it started.

    Args:
        lab: Where.
        faults: What the sessions have, one each.
        base: What the targets ask for, beside what a fault needs.
        at_a_time: How many are probed at once.
        scratch: Where the prober's temporary files are.
        lost: The faults whose evidence cannot be kept.
    """
    targets = {target_of(fault): {**base, **_wishes(fault)} for fault in faults}
    store = scratch.with_name("evidence")
    history = {"path": str(store.with_name("history.db"))}
    config = str(lab.configs(targets, concurrency=at_a_time, evidence_store={"url": store.as_uri()}, history=history))
    scratch.mkdir()
    env = {"TMPDIR": str(scratch)}
    done = run_prober("run", *targets, "--config", config, "--output", "json", timeout_s=400, env=env)
    assert_gone(list(_started_with(env)))
    assert list(scratch.iterdir()) == []
    reports = {report["target"]: report for report in map(json.loads, done.stdout.splitlines())}
    assert set(reports) == set(targets), done.stderr
    password = (lab.state / "desktop-password").read_text()
    written = {"stdout": done.stdout.encode(), "stderr": done.stderr.encode(), **files_below(store.parent)}
    assert [place for name, content in written.items() for place in places_of(password, content, name=name)] == []
    found = {fault.name: reports[target_of(fault)] for fault in faults}
    assert not [name for name in lost if "evidence" in found[name]]
    kept = [report for name, report in found.items() if report["outcome"] == "failure" and name not in lost]
    check_evidence(kept, password=password)
    return found, done.stderr


def found_in(report: Report) -> tuple[str | None, str | None, str | None]:
    """Step, layer and reason of a report."""
    return report.get("step"), report.get("layer"), report.get("reason")


def check(
    lab: RunningLab,
    faults: Sequence[Fault],
    reports: Mapping[str, Report],
    findings: list[str],
    *,
    heading: str = "",
) -> None:
    """Fails unless each fault came out as what it is; shows the rows, and writes them where that is wanted."""
    rows = [_row(fault, reports[fault.name], left=_left(lab, reports[fault.name])) for fault in faults]
    findings.extend(LINE.format(*row) for row in (HEAD, *rows))
    if page := os.environ.get("PROBER_MATRIX"):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(heading)
            file.writelines(f"| {' | '.join(row)} |\n" for row in rows)
    explained = [report for report in reports.values() if report["outcome"] != "success"]
    assert all(report["facts"] and report["summary"] for report in explained)
    wrong = [
        f"{fault.name}: {_expected(fault)} expected, {found_in(report)} found: {json.dumps(report)}"
        for fault, report in ((fault, reports[fault.name]) for fault in faults)
        if not _is_right(fault, report)
    ]
    assert not wrong, "\n".join(wrong)
    for report in reports.values():
        check_trace(report)
    assert all(report["steps"][-1]["name"] == "cleanup" for report in reports.values())


def _wishes(fault: Fault) -> Mapping[str, Any]:
    wishes: dict[str, Any] = {"session_cap": 50, "network": {"path": fault.path.value}}
    for name in fault.name.split(SEPARATOR):
        wishes.update(_SPECIAL.get(name, {}))
    return {**wishes, "fault": "none" if fault.name.startswith(SOUND) else fault.name}


def _started_with(env: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Returns the processes that have the variables in their environment."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if env.items() <= process.environ().items():
                yield process


def _expected(fault: Fault) -> tuple[str | None, str | None, str | None]:
    if fault.step is None or fault.reason is None:
        return None, None, None
    return fault.step.value, fault.reason.layer.value, fault.reason.value


def _is_right(fault: Fault, report: Report) -> bool:
    """Whether the report says what happened; what may be survived may show in any step."""
    if fault.survivable:
        return report["outcome"] == "success" or found_in(report)[1:] == _expected(fault)[1:]
    return found_in(report) == _expected(fault)


def _row(fault: Fault, report: Report, *, left: str) -> tuple[str, ...]:
    failing = next((step for step in report["steps"] if step["name"] == report.get("step")), None)
    seconds = "" if failing is None else f"{failing['duration_s']:.1f}"
    step, layer, reason = (word or "" for word in found_in(report))
    return fault.name.replace(SEPARATOR, " + "), step, layer, reason or report["outcome"], seconds, left


def _left(lab: RunningLab, report: Report) -> str:
    """Says what the run left that is not the fault's own doing: the lab takes that away itself."""
    stays = report.get("session", {}).get("name") in lab.api.sessions()
    children = sorted(child["kind"] for child in report.get("children_left", []))
    return ", ".join((["VDISession"] if stays and "VDISession" not in children else []) + children) or "nothing"
