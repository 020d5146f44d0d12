"""The failure trace and its published schema agree, whatever a run was like."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from prober.domain.checks import CheckName
from prober.domain.errors import Fault
from prober.domain.failure_trace import MOST_BYTES, SCHEMA_FILE, SCHEMA_ID, VERSION, failure_trace
from prober.domain.finding import Rule
from prober.domain.leftovers import Leftover
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Layer, Reason
from prober.domain.report import RunReport, as_dict
from prober.domain.session import Tie
from prober.domain.shortening import size
from prober.domain.steps import StepName
from tests.domain.traces import bare_report, full_report, report_of

SCHEMA: dict[str, Any] = json.loads(files("prober.domain").joinpath(SCHEMA_FILE).read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
REASONS = list(Reason)
TELLING = re.compile(r"passw|secret|token|authorization|cookie|credential|api_?key", re.IGNORECASE)


def trace_of(report: RunReport) -> dict[str, Any]:
    """Returns the trace of a failure as a reader of JSON has it, after it was held against the schema."""
    trace = failure_trace(report)
    assert trace is not None
    parsed: dict[str, Any] = json.loads(json.dumps(trace))
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(parsed)] == []
    assert size(parsed) <= MOST_BYTES
    return parsed


def objects(schema: Mapping[str, Any] = SCHEMA) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields the mappings whose shape the schema says."""
    yield "", schema
    yield from ((name, part) for name, part in schema["$defs"].items() if "properties" in part)


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yields the path of everything in a document or, for a schema, that may be in one."""
    if isinstance(value, dict) and path.rpartition(".")[2] not in {"timings", "facts"}:
        for key, inner in value.items():
            yield from paths(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        yield from (inner for item in value for inner in paths(item, f"{path}[]"))
    else:
        yield path


def described(schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yields the same of everything that the schema describes."""
    part = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "properties" in part:
        for key, inner in part["properties"].items():
            yield from described(inner, f"{path}.{key}" if path else key)
    elif "items" in part:
        yield from described(part["items"], f"{path}[]")
    else:
        yield path


def test_the_schema_is_one_of_its_dialect() -> None:
    """It is named and numbered as its traces say."""
    Draft202012Validator.check_schema(SCHEMA)
    assert (SCHEMA["$id"], SCHEMA["properties"]["version"]["const"]) == (SCHEMA_ID, VERSION)
    assert SCHEMA["properties"]["schema"]["const"] == SCHEMA_ID


def test_every_mapping_is_strict_and_explained() -> None:
    """No member comes unannounced, and each says what it is."""
    for name, part in objects():
        assert part["additionalProperties"] is False, name
        assert [key for key, inner in part["properties"].items() if not inner.get("description")] == [], name
        assert set(part["required"]) <= set(part["properties"]), name


def test_the_schema_describes_what_there_is_and_nothing_else() -> None:
    """A run of which everything is known has each member of the schema, and no other."""
    trace = trace_of(full_report()) | {"truncated": ["x"]}
    assert set(paths(trace)) == set(described(SCHEMA))


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        pytest.param(SCHEMA["$defs"]["reason"], Reason, id="reason"),
        pytest.param(SCHEMA["$defs"]["layer"], Layer, id="layer"),
        pytest.param(SCHEMA["$defs"]["step_name"], StepName, id="step"),
        pytest.param(SCHEMA["$defs"]["outcome"], Outcome, id="outcome"),
        pytest.param(SCHEMA["properties"]["trigger"], Trigger, id="trigger"),
        pytest.param(SCHEMA["$defs"]["finding"]["properties"]["rule"], Rule, id="rule"),
        pytest.param(SCHEMA["$defs"]["finding"]["properties"]["unit"], {r.unit for r in Rule if r.unit}, id="unit"),
        pytest.param(SCHEMA["$defs"]["check"]["properties"]["name"], CheckName, id="check"),
        pytest.param(SCHEMA["$defs"]["leftover"]["properties"]["tie"], Tie, id="tie"),
    ],
)
def test_closed_lists_are_those_of_the_code(listed: Mapping[str, Any], words: Any) -> None:
    """A word is in the schema if and only if it is in the code."""
    assert sorted(listed["enum"]) == sorted(map(str, words))


def test_no_member_has_a_name_whose_values_logs_mask() -> None:
    """A masked value would no longer be of its type."""
    assert [key for _, part in objects() for key in part["properties"] if TELLING.search(key)] == []


@pytest.mark.parametrize("reason", REASONS, ids=REASONS)
def test_every_reason_has_a_valid_trace(reason: Reason) -> None:
    """With everything known as with nothing, and the report's members are in it as they are."""
    for report in (report_of(reason), bare_report(reason)):
        trace = trace_of(report)
        assert trace["reason"] == reason
        assert trace.pop("truncated") == []
        assert trace == {"schema": SCHEMA_ID, "version": VERSION, **json.loads(json.dumps(as_dict(report)))}


@pytest.mark.parametrize(
    "outcome", [Outcome.SUCCESS, Outcome.SKIPPED, Outcome.CANCELLED], ids=["success", "skipped", "cancelled"]
)
def test_other_outcomes_have_none(outcome: Outcome) -> None:
    """What neither failed nor erred leaves no failure trace."""
    assert failure_trace(replace(full_report(), outcome=outcome)) is None


def test_logs_go_first_and_causes_stay() -> None:
    """Of a run with long logs their last lines are kept; everything else is whole."""
    full = full_report()
    assert full.kubernetes is not None
    assert full.kubernetes.logs is not None
    log = replace(full.kubernetes.logs[0], text="line\n" * 20_000 + "the end")
    trace = trace_of(replace(full, kubernetes=replace(full.kubernetes, logs=(log,) * 3)))
    assert trace["truncated"] == ["kubernetes.logs[].text"]
    assert all(log["text"].startswith("...") and log["text"].endswith("the end") for log in trace["kubernetes"]["logs"])
    assert trace["kubernetes"]["events"] == json.loads(json.dumps(as_dict(full)))["kubernetes"]["events"]


def test_secrets_are_masked_before_anything_is_cut() -> None:
    """No half of a secret is left at an edge, wherever the edge falls."""
    full = full_report()
    assert full.kubernetes is not None
    assert full.kubernetes.logs is not None
    log = replace(full.kubernetes.logs[0], text="hunter2-hunter2 " * 30_000)
    report = replace(full, kubernetes=replace(full.kubernetes, logs=(log,)))
    trace = failure_trace(
        report, redact=lambda published: dict(json.loads(json.dumps(published).replace("hunter2-hunter2", "***")))
    )
    assert trace is not None
    assert trace["truncated"]
    assert "hunter" not in json.dumps(trace)


def spoilt(report: RunReport) -> RunReport:
    """Returns a report as that of an attempt which we spoilt ourselves."""
    assert report.fault is not None
    return replace(report, outcome=Outcome.ERROR, fault=replace(report.fault, reason=Reason.BROWSER_CRASHED))


NASTY = st.sampled_from(["x", "\x00", "ä", "\U0001f4a5", '"\\', "\n", "\ud800"])


@settings(max_examples=20)
@given(piece=NASTY, length=st.integers(0, 3000), many=st.integers(1, 60), more=st.booleans())
def test_whatever_its_size_a_trace_is_bounded(piece: str, length: int, many: int, *, more: bool) -> None:
    """However long its texts and lists are, a trace stays valid and within the limit, and says what was cut."""
    text, full = piece * length, full_report()
    kubernetes = full.kubernetes
    assert kubernetes is not None
    assert kubernetes.logs is not None
    assert kubernetes.events is not None
    left = Leftover(kind=text, name=text, finalizers=(text,) * many)
    report = replace(
        full,
        fault=Fault(reason=Reason.FROZEN, summary=text, facts=(text,) * many, considered=(text,) * many),
        degraded=(text,) * many,
        steps=tuple(
            replace(full.steps[0], notes=(text,) * many, timings=dict.fromkeys(map(str, range(many)), 0.1))
            for _ in StepName
        ),
        findings=tuple(replace(finding, fact=text) for finding in full.findings) * many,
        children_left=(left,) * many,
        kubernetes=replace(
            kubernetes,
            logs=(replace(kubernetes.logs[0], text=text * 3),) * many,
            events=(replace(kubernetes.events[0], message=text),) * many,
        ),
        kubernetes_left=kubernetes if more else None,
    )
    other = replace(report, kubernetes=None, kubernetes_left=None, earlier=(), later=())
    report = replace(report, earlier=(other,) if more else (), later=() if more else (spoilt(other),))
    trace = trace_of(report)
    assert bool(trace["truncated"]) == (size(as_dict(report)) > MOST_BYTES - 200)
