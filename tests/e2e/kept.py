"""What is kept of a run: whole by its manifest, readable, of bearable size, without a secret."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.e2e.searching import places_of

MOST_BYTES = 10 * 1024 * 1024
"""How large the evidence of one run may be: what the browser keeps is limited to 8 MiB, the rest is text."""

_WITH_WINDOW = {"stream", "input"}
"""Steps at whose failure some of the observation window was seen."""

_AFTER_LOGIN = {"connect", "first_frame", "stream", "input"}
"""Steps at whose failure there was a page."""


def check_evidence(reports: Iterable[Mapping[str, Any]], *, password: str) -> None:
    """Fails unless the evidence of each report is complete, and the password is nowhere in it, in whatever form."""
    for report in reports:
        folder = Path(urlsplit(report["evidence"]).path)
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert (manifest["run_id"], manifest["target"]) == (report["run_id"], report["target"])
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}
        told = {entry["name"]: (entry["size_bytes"], entry["sha256"]) for entry in manifest["entries"]}
        assert told == {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in files.items()}
        assert sum(map(len, files.values())) < MOST_BYTES
        assert [place for name, content in files.items() for place in places_of(password, content, name=name)] == []
        _read(report, files)


def _unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Returns the files with the members of those that are packed, which nobody could search."""
    found = dict(files)
    for name in [name for name in files if name.endswith(".zip")]:
        with zipfile.ZipFile(io.BytesIO(files[name])) as archive:
            found |= {f"{name}/{member}": archive.read(member) for member in archive.namelist()}
    return found


def _read(report: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    kept = json.loads(files["report.json"])
    assert kept["reason"] == report["reason"]
    if "kubernetes" in report:
        assert yaml.safe_load(files["kubernetes.yaml"])
        if "session" in report["kubernetes"]:
            kinds = [document["kind"] for document in yaml.safe_load_all(files["manifests.yaml"])]
            assert "VDISession" in kinds
    if report["step"] in _AFTER_LOGIN:
        assert files["last.jpeg"].startswith(b"\xff\xd8")
        assert json.loads(files["network.har"])["log"]["entries"]
        assert {"browser.json", "peers.json", "console.jsonl", "failed_requests.jsonl", "trace.zip"} <= set(files)
    if report["step"] in _WITH_WINDOW:
        assert files["window.png"].startswith(b"\x89PNG")
    for name, content in files.items():
        if name.endswith(".json"):
            json.loads(content)
        if name.endswith(".jsonl"):
            assert all(json.loads(line) for line in content.splitlines())
