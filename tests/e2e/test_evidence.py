"""What is kept of runs against the lab with a real browser, and what joins the platform's logs to them."""

import io
import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from PIL import Image

from tests.e2e.conftest import RunningLab, report_of, run_prober
from tests.e2e.kept import check_evidence

pytestmark = pytest.mark.browser


def run(lab: RunningLab, store: Path, *, keep: Mapping[str, Any] | None = None, **changes: Any) -> Mapping[str, Any]:
    """Returns the report of one run whose evidence is kept in a folder."""
    settings = {"url": store.as_uri(), "keep": keep or {}}
    config = str(lab.configs({"ubuntu-desktop": changes}, evidence_store=settings))
    return report_of(run_prober("run", "ubuntu-desktop", "--config", config, "--output", "json"))


def files_of(report: Mapping[str, Any]) -> dict[str, bytes]:
    """Returns what was kept of a run."""
    folder = Path(urlsplit(report["evidence"]).path)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def marks_of(report: Mapping[str, Any]) -> set[str]:
    """Returns what the lab's way in heard of whose requests there were."""
    url = urlsplit(report["session"]["url"])
    address = f"{url.scheme}://{url.netloc}/_lab/truth/{report['session']['name']}"
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - the lab's own loopback address
        return set(json.load(answer)["marked"])


def test_the_platform_hears_the_run_in_a_header(lab: RunningLab, tmp_path: Path) -> None:
    """Each HTTP request of `url` and of the page carries it; the run is a success as without."""
    report = run(lab, tmp_path, correlation={"header": "X-Probe-Run-Id"})
    assert report["outcome"] == "success", report
    paths = ("", "page.js", "screen.js", "input.js", "witness.js")
    assert marks_of(report) == {f"{path} X-Probe-Run-Id={report['run_id']}" for path in paths}


def test_the_platform_hears_the_run_in_the_url(lab: RunningLab, tmp_path: Path) -> None:
    """The page's first request has the parameter, no other has, and the report has the platform's own URL."""
    report = run(lab, tmp_path, correlation={"query": "probe_run_id"})
    assert report["outcome"] == "success", report
    assert marks_of(report) == {f" probe_run_id={report['run_id']}"}
    assert "probe_run_id" not in report["session"]["url"]


def test_the_objects_are_kept(lab: RunningLab, tmp_path: Path) -> None:
    """The session and what belongs to it are there as the cluster had them when the run failed."""
    report = run(lab, tmp_path, fault="black")
    check_evidence([report], password=(lab.state / "desktop-password").read_text())
    documents = list(yaml.safe_load_all(files_of(report)["manifests.yaml"]))
    kept = {document["kind"]: document for document in documents}
    assert {"VDISession", "Pod", "Service", "IngressRoute"} <= set(kept)
    session = kept["VDISession"]
    assert session["metadata"]["labels"]["vdi-prober.io/run-id"] == report["run_id"]
    assert session["status"]["phase"] == "Running"
    assert all("managedFields" not in document["metadata"] for document in documents)


def test_the_window_is_seen_in_pictures(lab: RunningLab, tmp_path: Path) -> None:
    """A run that is kept has the page before and after the window, and frames of it; there was no form to be seen."""
    report = run(lab, tmp_path, keep={"successes": "100%"})
    assert report["outcome"] == "success", report
    files = files_of(report)
    assert {"first_frame.jpeg", "window.png", "window_end.jpeg"} <= set(files)
    about = json.loads(files["browser.json"])
    assert about["login"].startswith("HTTP Basic")
    assert about["gaps"] == []
    assert len(about["window_s"]) >= 3
    with Image.open(io.BytesIO(files["window.png"])) as strip:
        assert len(set(strip.crop((0, 0, 256, 144)).tobytes())) > 10
