"""What it means when the API server says no.

Pure: a status with a `metav1.Status` body goes in, a domain fault comes out. Of the body only `message`, `reason` and
`details.causes` are looked at, masked, and only so much of them that a summary stays a sentence: webhooks quote what
they refuse. Reasons and codes are those of k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from prober.domain.errors import Fault, ProbeError, failed
from prober.domain.masking import Mask, cut, message
from prober.domain.reasons import Reason
from prober.flow.ports.sessions import Denied, Throttled

_LONGEST = 270
"""How much of the API server's words goes into a summary, in characters, beside what tells that it is cut."""

_READ = 2000
"""How much of one sentence is read, in characters."""

_MOST_CAUSES = 20
"""How many causes are read: a summary has room for few."""

RETRY_AFTER_S = 1.0
"""How long to leave an API server alone that throttles us and does not say how long, in seconds: client-go's choice."""

DOUBT_S = 0.5
"""How soon to ask again whether a denial was meant, in seconds: an API server of 1.34 that had just started was seen to
deny what is permitted for up to 50 ms."""

_WEBHOOK_WORDS = ("admission webhook", "failed calling webhook", "validatingadmissionpolicy")
"""How messages of admission begin, whatever status the webhook chose (apiserver's `ToStatusErr`)."""

_THROTTLED = "the API server is throttling us: "

_INVALID = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Statuses that find fault with the object sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One refused request.

    Attributes:
        code: The HTTP status.
        message: The API server's sentence, empty when the body is not its own.
        reason: The API server's word.
        causes: Its causes, each as (word, sentence with the field's path).
        about: The (kind, name) that it names; a 404 without a name is about the path.
        retry_after_s: When it may be asked again, in seconds; `None` where it did not say.
    """

    code: int
    message: str = ""
    reason: str = ""
    causes: tuple[tuple[str, str], ...] = ()
    about: tuple[str, str] = ("", "")
    retry_after_s: float | None = None

    @classmethod
    def parse(cls, code: int, content: bytes, *, secret: str = "", retry_after: str = "", mask: Mask = str) -> Self:
        """Reads what is readable of an answer.

        Args:
            code: The HTTP status.
            content: The body.
            secret: What must not appear, even where the other side echoes it.
            retry_after: The header of that name; a date in it is not read, no API server sends one.
            mask: Masks the secrets that are known.
        """

        def told(value: object) -> str:
            return message(value, most=_READ, mask=mask) if isinstance(value, str) else ""

        status = _status_of(content.replace(secret.encode(), b"***") if secret else content)
        details = _mapping(status.get("details"))
        raw_causes = details.get("causes")
        return cls(
            code=code,
            message=told(status.get("message")),
            reason=told(status.get("reason")),
            causes=tuple(_cause(_mapping(raw), told=told) for raw in raw_causes[:_MOST_CAUSES])
            if isinstance(raw_causes, list)
            else (),
            about=(told(details.get("kind")), told(details.get("name"))),
            retry_after_s=_seconds(retry_after) or _seconds(details.get("retryAfterSeconds")),
        )

    @property
    def object_missing(self) -> bool:
        """Whether the path is served and the object is not there."""
        return self.code == HTTPStatus.NOT_FOUND and bool(self.about[1])

    @property
    def forbidden(self) -> bool:
        """Whether it is about our identity or our permission."""
        return self.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}

    def words(self) -> str:
        """Returns what the API server said, in at most 300 characters."""
        fields = "; ".join(sentence for _, sentence in self.causes if sentence)
        said = fields if fields and self.code == HTTPStatus.UNPROCESSABLE_ENTITY else self.message
        return cut(said, _LONGEST) or f"status {self.code} without a word of Kubernetes' own"


def refused(refusal: Refusal, *, doing: str) -> ProbeError:
    """Returns the exception for a refusal, which tells a request that may be made again later.

    Args:
        refusal: The refusal.
        doing: What was asked for, as in "creating the session".
    """
    return _raised(refusal, fault_of(refusal, doing=doing))


def deletion_refused(refusal: Refusal) -> ProbeError:
    """Returns the exception for a refused deletion, as `refused` does."""
    return _raised(refusal, deletion_fault(refusal))


def fault_of(refusal: Refusal, *, doing: str) -> Fault:
    """Says what a refusal means.

    Args:
        refusal: The refusal.
        doing: What was asked for, as in "creating the session".
    """
    reason, cause = _meaning(refusal)
    return Fault(reason=reason, summary=f"{doing} was refused: {cause}{refusal.words()}")


def deletion_fault(refusal: Refusal) -> Fault:
    """Says what a refused deletion means; a server that is down refuses nothing."""
    reason, _ = _meaning(refusal)
    if reason is not Reason.API_UNREACHABLE:
        reason = Reason.DELETE_REJECTED
    cause = _THROTTLED if _throttles(refusal) else ""
    return Fault(reason=reason, summary=f"deleting the session was refused ({refusal.code}): {cause}{refusal.words()}")


def gap_of(refusal: Refusal) -> str | None:
    """Says why a kind could not be listed, or `None` when that is a fault rather than a gap."""
    if refusal.forbidden:
        return "forbidden"
    return "not served" if refusal.code == HTTPStatus.NOT_FOUND else None


def _raised(refusal: Refusal, fault: Fault) -> ProbeError:
    if _throttles(refusal):
        return Throttled(fault, retry_after_s=refusal.retry_after_s or RETRY_AFTER_S)
    if _meaning(refusal)[0] is Reason.RBAC_DENIED:
        return Denied(fault, retry_after_s=DOUBT_S)
    return failed(fault)


def _throttles(refusal: Refusal) -> bool:
    """Tells whether the API server has too much to do; a webhook may answer with that status too, and means no."""
    return refusal.code == HTTPStatus.TOO_MANY_REQUESTS and not _speaks_for_admission(refusal)


def _speaks_for_admission(refusal: Refusal) -> bool:
    said = refusal.message.lower()
    return any(words in said for words in _WEBHOOK_WORDS)


def _meaning(refusal: Refusal) -> tuple[Reason, str]:
    said = refusal.message.lower()
    if _speaks_for_admission(refusal) or refusal.code in _INVALID:
        return Reason.ADMISSION_REJECTED, ""
    if refusal.code == HTTPStatus.FORBIDDEN and "exceeded quota" in said:
        return Reason.QUOTA_EXCEEDED, ""
    if refusal.code == HTTPStatus.FORBIDDEN and _namespace_terminates(refusal):
        return Reason.CRD_MISSING, "the namespace is being deleted: "
    if refusal.forbidden:
        return Reason.RBAC_DENIED, ""
    if refusal.code == HTTPStatus.NOT_FOUND:
        missing = "the namespace is missing: " if refusal.about[0] == "namespaces" else "the resource is not served: "
        return Reason.CRD_MISSING, missing
    return Reason.API_UNREACHABLE, _THROTTLED if _throttles(refusal) else ""


def _namespace_terminates(refusal: Refusal) -> bool:
    return "is being terminated" in refusal.message or any(word == "NamespaceTerminating" for word, _ in refusal.causes)


def _status_of(content: bytes) -> Mapping[str, Any]:
    try:
        status = _mapping(json.loads(content))
    except ValueError:
        return {}
    return status if status.get("kind") == "Status" else {}


def _cause(raw: Mapping[str, Any], *, told: Callable[[object], str]) -> tuple[str, str]:
    path, sentence = told(raw.get("field")), told(raw.get("message"))
    return told(raw.get("reason")), f"{path}: {sentence}" if path else sentence


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(value: object) -> float | None:
    """Returns a number of seconds as a header or a Status has it, `None` for anything else and for none at all."""
    return float(value) if isinstance(value, int | str) and str(value).isascii() and str(value).isdigit() else None
