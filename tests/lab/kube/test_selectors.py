"""Label and field selectors."""

from typing import Any

import pytest

from prober.lab.kube.errors import BadRequestError
from prober.lab.kube.selectors import parse_selector

OBJECT: Any = {
    "metadata": {"name": "probe", "labels": {"app": "vdi", "tier": "x", "k8s.io/part-of": "lab"}},
    "involvedObject": {"name": "session"},
}
FIELDS = ("metadata.name", "involvedObject.name", "status.phase")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("", True),
        ("app=vdi", True),
        ("app==vdi,tier=x", True),
        ("app=vdi,tier=y", False),
        ("app!=vdi", False),
        ("absent!=x", True),
        ("app in (vdi, other)", True),
        ("app in (other),tier=x", False),
        ("app notin (other)", True),
        ("absent notin (a,b)", True),
        ("k8s.io/part-of", True),
        ("!absent", True),
        ("!app", False),
    ],
    ids=repr,
)
def test_labels(labels: str, *, expected: bool) -> None:
    """Equality, set and existence requirements hold as in Kubernetes, joined by and."""
    assert parse_selector(labels).matches(OBJECT) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("metadata.name=probe", True),
        ("metadata.name!=probe", False),
        ("involvedObject.name=session,metadata.name=probe", True),
        ("status.phase=", True),
        ("status.phase=Running", False),
    ],
    ids=repr,
)
def test_fields(fields: str, *, expected: bool) -> None:
    """Fields are compared as text; an absent one counts as empty."""
    assert parse_selector(fields=fields, known=FIELDS).matches(OBJECT) is expected


@pytest.mark.parametrize(
    ("labels", "fields", "message"),
    [
        ("app in vdi", "", "unable to parse requirement"),
        ("a=b=c", "", "unable to parse requirement"),
        ("", "spec.user=x", "field label not supported: spec.user"),
        ("", "nonsense", "invalid selector"),
    ],
    ids=["no parentheses", "two operators", "unknown field", "no operator"],
)
def test_nonsense_is_refused(labels: str, fields: str, message: str) -> None:
    """A selector that cannot be honoured is an error, not an empty list."""
    with pytest.raises(BadRequestError, match=message):
        parse_selector(labels, fields=fields, known=FIELDS)
