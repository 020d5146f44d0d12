"""The three patch formats."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.lab.kube.errors import ApiError, BadRequestError, InvalidError
from prober.lab.kube.patches import json_patch, merge_patch, strategic_merge_patch

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
    ids=["replace", "remove", "list to text", "nested", "list", "not an object", "null inside new"],
)
def test_merge_patch_follows_the_rfc(target: Any, patch: Any, result: Any) -> None:
    """The examples of RFC 7396, appendix A."""
    assert merge_patch(target, patch=patch) == result


@pytest.mark.parametrize(
    ("target", "operations", "result"),
    [
        ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": 1}], {"foo": "bar", "baz": 1}),
        ({"a": [1, 3]}, [{"op": "add", "path": "/a/1", "value": 2}], {"a": [1, 2, 3]}),
        ({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}], {"a": [1, 2]}),
        ({"a": [1, 2]}, [{"op": "remove", "path": "/a/0"}], {"a": [2]}),
        ({"a": [1, 2]}, [{"op": "replace", "path": "/a/0", "value": 9}], {"a": [9, 2]}),
        ({"a": 1}, [{"op": "move", "from": "/a", "path": "/b"}], {"b": 1}),
        ({"a": 1}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": 1, "b": 1}),
        ({"a/b": {"m~n": 1}}, [{"op": "test", "path": "/a~1b/m~0n", "value": 1}], {"a/b": {"m~n": 1}}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": {}}], {}),
    ],
    ids=["add", "insert", "append", "remove", "replace", "move", "copy", "escapes", "whole"],
)
def test_json_patch_follows_the_rfc(target: Any, operations: Any, result: Any) -> None:
    """Each operation does what RFC 6902 says."""
    assert json_patch(target, patch=operations) == result


@pytest.mark.parametrize(
    ("operations", "error"),
    [
        ({"op": "add"}, BadRequestError),
        ([{"op": "jump", "path": "/a"}], InvalidError),
        ([{"op": "add", "path": "a", "value": 1}], InvalidError),
        ([{"op": "add", "path": "/a"}], BadRequestError),
        ([{"op": "test", "path": "/a", "value": 2}], InvalidError),
        ([{"op": "remove", "path": "/b"}], InvalidError),
        ([{"op": "add", "path": "/b/c", "value": 1}], InvalidError),
        ([{"op": "add", "path": "/list/5", "value": 1}], InvalidError),
    ],
    ids=["no list", "unknown", "no pointer", "no value", "test", "absent", "no parent", "index"],
)
def test_json_patch_refuses(operations: Any, error: type[ApiError]) -> None:
    """Nonsense is a bad request; what does not fit the document is unprocessable."""
    with pytest.raises(error):
        json_patch({"a": 1, "list": []}, patch=operations)


def test_strategic_patch_merges_lists_by_key() -> None:
    """Containers and conditions are merged by their key, finalizers united."""
    target = {
        "metadata": {"finalizers": ["a"]},
        "status": {"conditions": [{"type": "Ready", "status": "False"}, {"type": "Other"}]},
    }
    patch = {
        "metadata": {"finalizers": ["b", "a"]},
        "status": {"conditions": [{"type": "Ready", "status": "True"}], "list": [1]},
    }

    assert strategic_merge_patch(target, patch=patch) == {
        "metadata": {"finalizers": ["a", "b"]},
        "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other"}], "list": [1]},
    }


def test_strategic_directives_are_refused() -> None:
    """What is not served is said, not ignored."""
    with pytest.raises(BadRequestError, match=r"\$patch"):
        strategic_merge_patch({}, patch={"spec": {"$patch": "replace"}})


@given(target=DOCUMENTS, patch=DOCUMENTS)
def test_merge_patch_is_idempotent(target: Any, patch: Any) -> None:
    """A merge patch that was applied changes nothing when it is applied again."""
    once = merge_patch(target, patch=patch)

    assert merge_patch(once, patch=patch) == once
