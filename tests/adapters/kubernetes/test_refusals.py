import json
from typing import Any

import pytest

from prober.adapters.kubernetes.refusals import (
    DOUBT_S,
    RETRY_AFTER_S,
    Refusal,
    deletion_fault,
    deletion_refused,
    fault_of,
    gap_of,
    refused,
)
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.flow.ports.sessions import Denied, Throttled


def refusal(code: int, message: str = "", **status: Any) -> Refusal:
    """Returns the refusal with a Status body."""
    body = {"kind": "Status", "code": code, "message": message, **status}
    return Refusal.parse(code, json.dumps(body).encode())


def causes(*found: tuple[str, str]) -> dict[str, Any]:
    """Returns details with causes, each (field, message)."""
    return {"causes": [{"reason": "FieldValueInvalid", "field": field, "message": said} for field, said in found]}


INVALID = refusal(
    422,
    'VDISession.vdi.kasm.io "probe-x" is invalid: [spec.user: Required value, spec.timeout: Invalid value: "soon"]',
    reason="Invalid",
    details=causes(("spec.user", "Required value"), ("spec.timeout", 'Invalid value: "soon"')),
)
NO_NAMESPACE = refusal(404, 'namespaces "vdi" not found', details={"kind": "namespaces", "name": "vdi"})
NO_RESOURCE = refusal(404, "the server could not find the requested resource", details={})
QUOTA = refusal(403, 'vdisessions "probe-x" is forbidden: exceeded quota: few, used: count=5, limited: count=5')
TERMINATING = refusal(
    403,
    'vdisessions "probe-x" is forbidden: unable to create new content in namespace vdi because it is being terminated',
    details={"causes": [{"reason": "NamespaceTerminating", "field": "metadata.namespace", "message": "..."}]},
)
DENIED = refusal(400, 'admission webhook "guard.example.com" denied the request: no probes on Sundays')
DENIED_AS_FORBIDDEN = refusal(403, 'admission webhook "guard.example.com" denied the request without explanation')
NO_WEBHOOK = refusal(500, "Internal error occurred: failed calling webhook: connection refused", reason="InternalError")


@pytest.mark.parametrize(
    ("met", "reason", "words"),
    [
        pytest.param(refusal(401, "Unauthorized"), Reason.RBAC_DENIED, "Unauthorized", id="401"),
        pytest.param(refusal(403, 'User "x" cannot create'), Reason.RBAC_DENIED, 'User "x" cannot', id="403"),
        pytest.param(QUOTA, Reason.QUOTA_EXCEEDED, "limited: count=5", id="quota"),
        pytest.param(TERMINATING, Reason.CRD_MISSING, "namespace is being deleted", id="namespace terminates"),
        pytest.param(NO_NAMESPACE, Reason.CRD_MISSING, "namespace is missing", id="no namespace"),
        pytest.param(NO_RESOURCE, Reason.CRD_MISSING, "resource is not served", id="no resource"),
        pytest.param(INVALID, Reason.ADMISSION_REJECTED, "spec.user: Required value; spec.timeout: Inv", id="422"),
        pytest.param(refusal(409, "already exists"), Reason.ADMISSION_REJECTED, "already exists", id="409"),
        pytest.param(DENIED, Reason.ADMISSION_REJECTED, "no probes on Sundays", id="webhook"),
        pytest.param(DENIED_AS_FORBIDDEN, Reason.ADMISSION_REJECTED, "denied the request", id="webhook with 403"),
        pytest.param(NO_WEBHOOK, Reason.ADMISSION_REJECTED, "failed calling webhook", id="webhook is down"),
        pytest.param(refusal(429, "too many"), Reason.API_UNREACHABLE, "too many", id="429"),
        pytest.param(refusal(500, "etcd timed out"), Reason.API_UNREACHABLE, "etcd timed out", id="500"),
        pytest.param(Refusal.parse(502, b"<html>"), Reason.API_UNREACHABLE, "status 502", id="502 of a proxy"),
        pytest.param(refusal(410, "too old"), Reason.API_UNREACHABLE, "too old", id="410"),
    ],
)
def test_meaning_of_a_refusal(met: Refusal, reason: Reason, words: str) -> None:
    """Each refusal has one reason, with the API server's own words."""
    fault = fault_of(met, doing="creating the session")
    assert fault.reason is reason
    assert words in fault.summary
    assert fault.summary.startswith("creating the session was refused: ")


@pytest.mark.parametrize(
    ("met", "reason"),
    [
        pytest.param(refusal(403, "cannot delete"), Reason.DELETE_REJECTED, id="forbidden"),
        pytest.param(DENIED, Reason.DELETE_REJECTED, id="webhook"),
        pytest.param(refusal(409, "not now"), Reason.DELETE_REJECTED, id="conflict"),
        pytest.param(refusal(503, "shutting down"), Reason.API_UNREACHABLE, id="down"),
    ],
)
def test_meaning_of_a_refused_deletion(met: Refusal, reason: Reason) -> None:
    """Whatever refuses a deletion is `delete_rejected`; a server that is down refuses nothing."""
    fault = deletion_fault(met)
    assert fault.reason is reason
    assert met.message in fault.summary


@pytest.mark.parametrize(
    ("header", "details", "seconds"),
    [
        pytest.param("7", {}, 7.0, id="header"),
        pytest.param("", {"retryAfterSeconds": 3}, 3.0, id="Status"),
        pytest.param("7", {"retryAfterSeconds": 3}, 7.0, id="header before Status"),
        pytest.param("", {}, RETRY_AFTER_S, id="neither"),
        pytest.param("0", {}, RETRY_AFTER_S, id="at once"),
        pytest.param("Sun, 22 Nov 2026 09:40:19 GMT", {}, RETRY_AFTER_S, id="a date"),
        pytest.param("-1", {"retryAfterSeconds": "soon"}, RETRY_AFTER_S, id="nonsense"),
        pytest.param("²", {"retryAfterSeconds": None}, RETRY_AFTER_S, id="no ASCII"),
    ],
)
@pytest.mark.parametrize("deleting", [False, True], ids=["any request", "deletion"])
def test_throttling_says_when_to_come_back(
    header: str, details: dict[str, Any], seconds: float, *, deleting: bool
) -> None:
    """A 429 was not executed and may be repeated when the API server said, or soon; the words name the cause."""
    body = json.dumps({"kind": "Status", "message": "too many requests", "details": details})
    throttling = Refusal.parse(429, body.encode(), retry_after=header)
    error = deletion_refused(throttling) if deleting else refused(throttling, doing="listing sessions")
    assert isinstance(error, Throttled)
    assert error.retry_after_s == seconds
    assert error.fault.reason is Reason.API_UNREACHABLE
    assert "the API server is throttling us: too many requests" in error.fault.summary


@pytest.mark.parametrize("deleting", [False, True], ids=["any request", "deletion"])
def test_a_denial_may_be_asked_about_again(*, deleting: bool) -> None:
    """It is told apart from refusals that stand."""
    denial = refusal(403, "cannot")
    error = deletion_refused(denial) if deleting else refused(denial, doing="listing sessions")
    assert isinstance(error, Denied)
    assert error.retry_after_s == DOUBT_S


@pytest.mark.parametrize(
    "standing",
    [
        pytest.param(QUOTA, id="quota"),
        pytest.param(TERMINATING, id="namespace terminates"),
        pytest.param(DENIED_AS_FORBIDDEN, id="webhook with 403"),
        pytest.param(refusal(429, 'admission webhook "w" denied the request: not so often'), id="webhook with 429"),
        pytest.param(refusal(500, "etcdserver: request timed out"), id="in trouble"),
        pytest.param(INVALID, id="422"),
    ],
)
def test_what_must_not_be_repeated(standing: Refusal) -> None:
    """A refusal that stands, or after which the request may have been executed, says nothing of a repetition."""
    assert type(refused(standing, doing="creating the session")) is TargetFailed


@pytest.mark.parametrize(
    ("code", "gap"),
    [
        pytest.param(401, "forbidden", id="401"),
        pytest.param(403, "forbidden", id="403"),
        pytest.param(404, "not served", id="404"),
        pytest.param(500, None, id="500"),
    ],
)
def test_what_is_a_gap(code: int, gap: str | None) -> None:
    """What we may not see is a gap; a server's fault is none."""
    assert gap_of(refusal(code)) == gap


def test_long_words_are_cut() -> None:
    """A summary stays a sentence, however long the API server's is."""
    fault = fault_of(refusal(400, "no " * 1000), doing="creating the session")
    assert len(fault.summary) < 350


@pytest.mark.parametrize(
    "words",
    [
        pytest.param('admission webhook "x" denied the request: --password hunter2 is too weak', id="option"),
        pytest.param('the object has {"token": "hunter2"}', id="JSON"),
        pytest.param(f"{'no ' * 85}password=hunter2", id="at the cut"),
        pytest.param(f"{'no ' * 85}known secret of a desktop", id="known, at the cut"),
    ],
)
def test_what_it_quotes_is_masked_before_it_is_cut(words: str) -> None:
    """A webhook repeats what it refuses; neither a secret nor a part of one is told."""
    body = {"kind": "Status", "message": words, "details": causes(("spec.env", words))}
    for code in (400, 403, 422):
        met = Refusal.parse(
            code, json.dumps(body).encode(), mask=lambda text: text.replace("known secret of a desktop", "***")
        )
        for fault in (fault_of(met, doing="creating the session"), deletion_fault(met)):
            assert not [part for part in ("hunter", "known") if part in fault.summary]
            assert len(fault.summary) < 400


def test_a_secret_is_never_quoted() -> None:
    """A token that the other side echoes is hidden."""
    met = Refusal.parse(401, b'{"kind": "Status", "message": "bad token t0k3n"}', secret="t0k3n")
    assert met.message == "bad token ***"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"message": "not Kubernetes"}', id="no Status"),
        pytest.param(b'{"kind": "Status", "message": 7, "details": [], "reason": null}', id="wrong types"),
        pytest.param(b'{"kind": "Status", "details": {"causes": [7, {"message": 8}]}}', id="wrong causes"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
def test_a_body_that_is_no_status(body: bytes) -> None:
    """Whatever the body is, the status alone decides."""
    fault = fault_of(Refusal.parse(503, body), doing="reading")
    assert fault.reason is Reason.API_UNREACHABLE
    assert fault.summary == "reading was refused: status 503 without a word of Kubernetes' own"
