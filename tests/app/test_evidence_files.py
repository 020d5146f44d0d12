"""What is written of a report, and what is masked in it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from prober.adapters.redaction import MASK, Redactor
from prober.app.evidence_files import files_of
from prober.app.manifest_files import MOST_BYTES
from prober.domain.artefacts import Artefact
from prober.domain.errors import Fault
from prober.domain.evidence import Evidence, Gap, GapCause, Source
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport, as_dict
from prober.domain.seen import LogTail, Manifest, SessionSeen
from prober.domain.steps import StepName
from tests.adapters.reporting import STARTED_AT, make_failure, make_report

MARKER = 'märker-"pass word"'
"""A secret that every kind of rendering escapes in its own way."""

KUBERNETES = Evidence(
    taken_at=STARTED_AT,
    took_s=0.2,
    after=StepName.RUNNING,
    session=SessionSeen(name="probe-abc", phase="Running", created_at=STARTED_AT - timedelta(seconds=30)),
    pods=(),
    logs=(LogTail(pod="ubuntu", container="desktop", text=f"started\npassword is {MARKER}"),),
    gaps=(Gap(source=Source.EVENTS, cause=GapCause.FORBIDDEN, detail="needs list on events"),),
)


@pytest.fixture
def redactor() -> Redactor:
    """A redactor that knows the marker."""
    redactor = Redactor()
    redactor.mask(MARKER)
    return redactor


def failure(**changes: object) -> RunReport:
    """Returns a failed run's report."""
    return replace(make_failure(Reason.CRASH_LOOP, StepName.RUNNING), **changes)  # type: ignore[arg-type] # as the tests say


def manifest(content: dict[str, Any]) -> Manifest:
    """Returns an object."""
    return Manifest(kind=content.get("kind", "Pod"), name="probe-abc", text=json.dumps(content))


def by_name(files: tuple[Artefact, ...]) -> dict[str, Artefact]:
    """Returns files by their names."""
    return {file.name: file for file in files}


def test_the_report_is_what_is_published_everywhere() -> None:
    """`report.json` is the shape of the log and the command line, read back as JSON."""
    (file,) = files_of(make_report(), (), redactor=Redactor())
    assert (file.name, file.media_type) == ("report.json", "application/json")
    assert json.loads(file.content) == json.loads(json.dumps(as_dict(make_report())))


def test_kubernetes_evidence_is_yaml_too() -> None:
    """What the cluster showed is in a file of its own, in the order and with the words of the report."""
    report = failure(kubernetes=KUBERNETES, kubernetes_left=Evidence(taken_at=datetime(2026, 11, 22, tzinfo=UTC)))
    files = by_name(files_of(report, (), redactor=Redactor()))
    read = yaml.safe_load(files["kubernetes.yaml"].content)
    assert list(read) == ["kubernetes", "kubernetes_left"]
    assert read["kubernetes"]["after"] == "running"
    assert read["kubernetes"]["session"]["phase"] == "Running"
    assert read["kubernetes"]["logs"][0]["text"].endswith(MARKER)
    assert read == {part: json.loads(files["report.json"].content)[part] for part in read}


def test_objects_are_yaml_as_kubectl_shows_them() -> None:
    """Each object is a document of `manifests.yaml`, those that were left of another file, in their order."""
    session = manifest({"kind": "VDISession", "status": {"phase": "x"}})
    pod = manifest({"kind": "Pod", "spec": {"args": ["a b"], "n": None}})
    report = failure(
        kubernetes=replace(KUBERNETES, manifests=(session, pod)),
        kubernetes_left=replace(KUBERNETES, manifests=(pod,)),
    )
    files = by_name(files_of(report, (), redactor=Redactor()))
    documents = {name: list(yaml.safe_load_all(files[name].content)) for name in files if "manifests" in name}
    shown = {one: json.loads(one.text) for one in (session, pod)}
    assert documents == {"manifests.yaml": [shown[session], shown[pod]], "manifests_left.yaml": [shown[pod]]}


def test_objects_without_end_are_cut() -> None:
    """What does not fit any more is counted, and what is kept is still read as YAML."""
    large = manifest({"a": ["x" * 1000] * 200})
    report = failure(kubernetes=replace(KUBERNETES, manifests=(large,) * 10))
    content = by_name(files_of(report, (), redactor=Redactor()))["manifests.yaml"].content
    assert len(content) < MOST_BYTES + 200
    assert len(list(yaml.safe_load_all(content))) == 2
    assert content.splitlines()[-1] == b"# 8 more objects were left out: there was no room for them"


def test_no_secret_is_written(redactor: Redactor) -> None:
    """A secret that a log line or a summary repeats is masked in both files, whatever their escaping does to it."""
    fault = Fault(reason=Reason.CRASH_LOOP, summary=f"it says {MARKER}")
    pod = manifest({"spec": {MARKER: [f"it's {MARKER}\n" * 40]}})
    report = failure(fault=fault, kubernetes=replace(KUBERNETES, manifests=(pod,)))
    for file in files_of(report, (), redactor=redactor):
        text = file.content.decode()
        assert "pass word" not in text
        assert "rker" not in text
        assert MASK in text


@pytest.mark.parametrize(
    "media_type",
    [
        pytest.param("text/plain", id="text"),
        pytest.param("text/plain; charset=utf-8", id="with parameters"),
        pytest.param("application/json", id="json"),
        pytest.param("application/har+json", id="a kind of json"),
        pytest.param("application/x-ndjson", id="json lines"),
        pytest.param("application/yaml", id="yaml"),
    ],
)
@pytest.mark.parametrize(
    "written",
    [
        pytest.param(MARKER, id="as it is"),
        pytest.param(json.dumps({"a": MARKER}), id="json in ascii"),
        pytest.param(json.dumps({"a": MARKER}, ensure_ascii=False), id="json"),
        pytest.param("https://x/?p=m%C3%A4rker-%22pass%20word%22", id="in a URL"),
    ],
)
def test_texts_of_others_are_masked(redactor: Redactor, media_type: str, written: str) -> None:
    """In every kind of text a secret is masked however it is escaped there; what is no UTF-8 around it stays."""
    artefact = Artefact(name="a.txt", media_type=media_type, content=b"\xff" + written.encode())
    masked = by_name(files_of(make_report(), [artefact], redactor=redactor))["a.txt"]
    assert b"word" not in masked.content
    assert MASK.encode() in masked.content
    assert masked.content.startswith(b"\xff")


@pytest.mark.parametrize(
    ("media_type", "times"),
    [
        pytest.param("application/json", 1, id="json"),
        pytest.param("application/har+json", 1, id="a kind of json"),
        pytest.param("application/jsonl", 3, id="json lines"),
    ],
)
def test_a_secret_of_digits_leaves_numbers_whole(media_type: str, times: int) -> None:
    """JSON stays JSON: digits within a number are none of a password's, a number that is the password is masked."""
    redactor = Redactor()
    redactor.mask("123456")
    written = json.dumps({"received": 91234567, "pin": 123456, "text": "is 123456", "123456": [True, None, 0.5]}) + "\n"
    artefact = Artefact(name="a.json", media_type=media_type, content=written.encode() * times)
    lines = by_name(files_of(make_report(), [artefact], redactor=redactor))["a.json"].content.decode().splitlines()
    masked = {"received": 91234567, "pin": MASK, "text": f"is {MASK}", MASK: [True, None, 0.5]}
    assert [json.loads(line) for line in lines] == [masked] * times


def test_pictures_are_kept_as_they_are(redactor: Redactor) -> None:
    """What is no text is not touched: a replaced byte would break it."""
    picture = Artefact(name="a.png", media_type="image/png", content=b"\x89PNG" + MARKER.encode())
    assert by_name(files_of(make_report(Outcome.ERROR), [picture], redactor=redactor))["a.png"] is picture


def test_each_attempt_has_its_files(redactor: Redactor) -> None:
    """What an attempt beside the deciding one saw is there in full, under its number, and as masked as the rest."""
    first = failure(kubernetes=KUBERNETES)
    spoilt = make_failure(Reason.BROWSER_CRASHED, StepName.LOGIN)
    files = by_name(files_of(failure(earlier=(first,), later=(spoilt,)), (), redactor=redactor))
    assert list(files) == [
        "report.json",
        "attempt-1.report.json",
        "attempt-1.kubernetes.yaml",
        "attempt-3.report.json",
    ]
    report = json.loads(files["attempt-1.report.json"].content)
    assert (report["reason"], report["kubernetes"]["session"]["phase"]) == ("crash_loop", "Running")
    assert yaml.safe_load(files["attempt-1.kubernetes.yaml"].content)["kubernetes"] == report["kubernetes"]
    assert json.loads(files["attempt-3.report.json"].content)["reason"] == "browser_crashed"
    assert MASK in report["kubernetes"]["logs"][0]["text"]
