"""The published JSON Schema agrees with what loads, as far as it can know."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from prober.app.config.schema import json_schema

HERE = Path(__file__).parent
GOOD = sorted((HERE / "good").glob("*.yaml"))
BAD = sorted((HERE / "bad").glob("*.yaml"))

SYNTAX = {
    "empty",
    "key_not_text",
    "merge_key",
    "overflowing_tag",
    "recursive_alias",
    "tab",
    "tag",
    "two_documents",
    "unclosed_bracket",
    "undefined_alias",
    "duplicate_key",
}
"""No data that a schema could be held against, or not the data that was written."""

BEYOND = {
    "bad_cron",
    "bad_timezone",
    "client",
    "cron_interval",
    "discovery_together",
    "expectation_above_budget",
    "interval_too_short",
    "interval_too_short_by_budgets",
    "interval_too_short_by_checks",
    "jitter_too_long",
    "limits_reversed",
    "no_frame_too_long",
    "same_names",
    "same_user",
    "session_cap_too_low",
    "shutdown_too_short",
    "timeout_too_short",
    "unknown_cluster",
    "window_too_short",
}
"""What needs more than one value, or knowledge of the world."""


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """Returns a validator by the published schema."""
    return Draft202012Validator(json_schema())


def _data(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_is_a_schema() -> None:
    """The schema is one of its own dialect, and describes every key for editors, edges with their mapping."""
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    undescribed = [
        f"{name}.{key}"
        for name, definition in {"": schema, **schema["$defs"]}.items()
        for key, value in definition["properties"].items()
        if not ({"description", "$ref"} & value.keys()) and key not in {"warn", "fail"}
    ]
    assert undescribed == []


@pytest.mark.parametrize("path", GOOD, ids=[path.stem for path in GOOD])
def test_takes_good_files(path: Path, validator: Draft202012Validator) -> None:
    """What loads is valid."""
    assert [error.message for error in validator.iter_errors(_data(path))] == []


@pytest.mark.parametrize(
    "path",
    [path for path in BAD if path.stem not in SYNTAX],
    ids=[path.stem for path in BAD if path.stem not in SYNTAX],
)
def test_refuses_bad_files(path: Path, validator: Draft202012Validator) -> None:
    """What cannot load is invalid wherever one mapping alone shows it."""
    assert validator.is_valid(_data(path)) == (path.stem in BEYOND)


def test_refuses_names_that_do_not_match(validator: Draft202012Validator) -> None:
    """A cluster's name, which a person chose, is held against its pattern."""
    data = _data(HERE / "good" / "design.yaml")
    data["clusters"]["bad name"] = {"in_cluster": True}
    assert not validator.is_valid(data)


def test_spells_defaults_as_people_do() -> None:
    """The default of a duration is shown with its unit."""
    assert json_schema()["$defs"]["BudgetsModel"]["properties"]["running"]["default"] == "1m"
