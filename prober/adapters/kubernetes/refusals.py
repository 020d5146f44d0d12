"""What it means when the API server says no.

Pure: a status with a `metav1.Status` body goes in, a domain fault comes out. Of the body only `message`, `reason` and
`details.causes` are looked at, and only so much of them that a summary stays a sentence. Reasons and codes are those
of k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from prober.domain.errors import Fault
from prober.domain.reasons import Reason

_LONGEST = 300
"""How much of the API server's words goes into a summary, in characters."""

_WEBHOOK_WORDS = ("admission webhook", "failed calling webhook", "validatingadmissionpolicy")
"""How messages of admission begin, whatever status the webhook chose (apiserver's `ToStatusErr`)."""

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
    """

    code: int
    message: str = ""
    reason: str = ""
    causes: tuple[tuple[str, str], ...] = ()
    about: tuple[str, str] = ("", "")

    @classmethod
    def parse(cls, code: int, content: bytes, *, secret: str = "") -> Self:
        """Reads what is readable of an answer.

        Args:
            code: The HTTP status.
            content: The body.
            secret: What must not appear, even where the other side echoes it.
        """
        status = _status_of(content.replace(secret.encode(), b"***") if secret else content)
        details = _mapping(status.get("details"))
        raw_causes = details.get("causes")
        return cls(
            code=code,
            message=_sentence(status.get("message")),
            reason=_sentence(status.get("reason")),
            causes=tuple(_cause(_mapping(raw)) for raw in raw_causes) if isinstance(raw_causes, list) else (),
            about=(_sentence(details.get("kind")), _sentence(details.get("name"))),
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
        return said[:_LONGEST] or f"status {self.code} without a word of Kubernetes' own"


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
    return Fault(reason=reason, summary=f"deleting the session was refused ({refusal.code}): {refusal.words()}")


def gap_of(refusal: Refusal) -> str | None:
    """Says why a kind could not be listed, or `None` when that is a fault rather than a gap."""
    if refusal.forbidden:
        return "forbidden"
    return "not served" if refusal.code == HTTPStatus.NOT_FOUND else None


def _meaning(refusal: Refusal) -> tuple[Reason, str]:
    message = refusal.message.lower()
    if any(words in message for words in _WEBHOOK_WORDS):
        return Reason.ADMISSION_REJECTED, ""
    if refusal.code == HTTPStatus.FORBIDDEN and "exceeded quota" in message:
        return Reason.QUOTA_EXCEEDED, ""
    if refusal.code == HTTPStatus.FORBIDDEN and _namespace_terminates(refusal):
        return Reason.CRD_MISSING, "the namespace is being deleted: "
    if refusal.forbidden:
        return Reason.RBAC_DENIED, ""
    if refusal.code == HTTPStatus.NOT_FOUND:
        missing = "the namespace is missing: " if refusal.about[0] == "namespaces" else "the resource is not served: "
        return Reason.CRD_MISSING, missing
    return (Reason.ADMISSION_REJECTED if refusal.code in _INVALID else Reason.API_UNREACHABLE), ""


def _namespace_terminates(refusal: Refusal) -> bool:
    return "is being terminated" in refusal.message or any(word == "NamespaceTerminating" for word, _ in refusal.causes)


def _status_of(content: bytes) -> Mapping[str, Any]:
    try:
        status = _mapping(json.loads(content))
    except ValueError:
        return {}
    return status if status.get("kind") == "Status" else {}


def _cause(raw: Mapping[str, Any]) -> tuple[str, str]:
    path, message = _sentence(raw.get("field")), _sentence(raw.get("message"))
    return _sentence(raw.get("reason")), f"{path}: {message}" if path else message


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _sentence(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
