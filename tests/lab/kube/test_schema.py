"""Structural schemas: defaults, pruning, causes."""

from typing import Any

import pytest

from prober.lab.kube.resources import Obj, defined_by
from prober.lab.kube.schema import apply_defaults, prune, violations
from prober.lab.kube.server import load_definitions


@pytest.fixture(scope="module")
def session_schema() -> Any:
    """The schema of a VDISession."""
    (crd,) = (c for c in load_definitions() if c["spec"]["names"]["kind"] == "VDISession")
    return defined_by(crd).schema


def _session(**spec: Any) -> Obj:
    return {"spec": {"user": "probe@example.com", "template": "ubuntu-desktop", **spec}}


@pytest.mark.parametrize(
    ("obj", "field", "reason", "message"),
    [
        ({}, "spec", "FieldValueRequired", "Required value"),
        ({"spec": {"template": "t"}}, "spec.user", "FieldValueRequired", "Required value"),
        (_session(user="bob"), "spec.user", "FieldValueInvalid", "should match"),
        (_session(user=1), "spec.user", "FieldValueTypeInvalid", 'must be of type string: "integer"'),
        (_session(template=""), "spec.template", "FieldValueInvalid", "at least 1 chars long"),
        (_session(timeout="soon"), "spec.timeout", "FieldValueInvalid", "should match"),
        (_session(timeout=None), "spec.timeout", "FieldValueTypeInvalid", '"null"'),
        (
            _session(persistence={"enabled": "yes"}),
            "spec.persistence.enabled",
            "FieldValueTypeInvalid",
            "must be of type boolean",
        ),
        (
            {**_session(), "status": {"phase": "Lost"}},
            "status.phase",
            "FieldValueNotSupported",
            'supported values: "Pending", "Creating", "Running", "Terminating", "Failed"',
        ),
    ],
    ids=[
        "no spec",
        "no user",
        "no e-mail",
        "number",
        "empty",
        "no duration",
        "null",
        "nested",
        "enum",
    ],
)
def test_violations_name_the_field(session_schema: Any, obj: Obj, field: str, reason: str, message: str) -> None:
    """Each broken rule gives one cause with path, reason, and a real API server's words."""
    (cause,) = violations(obj, schema=session_schema)

    assert (cause.field, cause.reason) == (field, reason)
    assert message in cause.message


@pytest.mark.parametrize("timeout", ["30s", "15m", "8h", "1h30m", "1.5h"])
def test_durations_are_accepted(session_schema: Any, timeout: str) -> None:
    """A timeout is a duration as Go writes it."""
    assert violations(_session(timeout=timeout), schema=session_schema) == []


def test_every_violation_is_told(session_schema: Any) -> None:
    """All bad fields are told at once, sorted by path."""
    causes = violations({"spec": {"user": "bob", "timeout": "x"}}, schema=session_schema)

    assert [cause.field for cause in causes] == ["spec.template", "spec.timeout", "spec.user"]


def test_defaults_reach_into_new_objects(session_schema: Any) -> None:
    """A default object gets the defaults of its own fields; given values stay."""
    obj = _session(timeout=None)
    apply_defaults(obj, schema=session_schema)

    assert obj["spec"]["persistence"] == {"enabled": True}
    assert obj["spec"]["timeout"] == "8h"
    assert "status" not in obj


def test_prune_tells_what_it_removed(session_schema: Any) -> None:
    """Unknown fields go at every depth; type and metadata stay."""
    obj = {**_session(resources={"gpu": 1, "tpu": 1}), "kind": "K", "metadata": {"x": {}}, "extra": 1}

    assert prune(obj, schema=session_schema) == ["spec.resources.tpu", "extra"]
    assert obj["metadata"] == {"x": {}}


def test_preserved_fields_are_not_pruned() -> None:
    """`x-kubernetes-preserve-unknown-fields` keeps everything below it."""
    (crd,) = (c for c in load_definitions() if c["spec"]["names"]["kind"] == "IngressRoute")
    obj = {"spec": {"routes": [{"match": "Host(`a`)", "deep": {"er": 1}}]}}

    assert prune(obj, schema=defined_by(crd).schema) == []
