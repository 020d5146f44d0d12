"""The errors of the API: what a `metav1.Status` of a failure says.

    ApiError                        the base, never raised itself
    ├── BadRequestError             400 BadRequest
    ├── UnauthorizedError           401 Unauthorized
    ├── ForbiddenError              403 Forbidden
    ├── NotFoundError               404 NotFound
    │   └── PageNotFoundError       404 as plain text: a group that nobody serves
    ├── MethodNotAllowedError       405 MethodNotAllowed
    ├── NotAcceptableError          406 NotAcceptable
    ├── AlreadyExistsError          409 AlreadyExists
    ├── ConflictError               409 Conflict: stale resourceVersion or failed precondition
    ├── ExpiredError                410 Expired: the resourceVersion left the watch window
    ├── UnsupportedMediaTypeError   415 UnsupportedMediaType
    ├── InvalidError                422 Invalid: carries one cause for each bad field
    ├── TooManyRequestsError        429 TooManyRequests: the server has too much to do
    ├── InternalError               500 InternalError
    └── FutureVersionError          504 Timeout: the resourceVersion does not exist yet

Reasons and codes are those of k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One bad field of an object.

    Attributes:
        field: the path, as `spec.user`.
        reason: the machine's word, as `FieldValueRequired`.
        message: the sentence after the path.
    """

    field: str
    reason: str
    message: str

    @classmethod
    def invalid(cls, field: str, *, value: str, why: str) -> "Cause":
        """Make the cause for a value that breaks a rule."""
        return cls(field=field, reason="FieldValueInvalid", message=f"Invalid value: {value}: {why}")

    @classmethod
    def required(cls, field: str, *, why: str = "") -> "Cause":
        """Make the cause for a value that is missing."""
        message = f"Required value: {why}" if why else "Required value"
        return cls(field=field, reason="FieldValueRequired", message=message)

    @classmethod
    def wrong_type(cls, field: str, *, found: str, expected: str) -> "Cause":
        """Make the cause for a value of another type than the schema's."""
        message = f'Invalid value: "{found}": {field} in body must be of type {expected}: "{found}"'
        return cls(field=field, reason="FieldValueTypeInvalid", message=message)

    @classmethod
    def unsupported(cls, field: str, *, value: str, supported: Sequence[str]) -> "Cause":
        """Make the cause for a value outside a closed set; `value` is quoted already."""
        choices = ", ".join(f'"{choice}"' for choice in supported)
        message = f"Unsupported value: {value}: supported values: {choices}"
        return cls(field=field, reason="FieldValueNotSupported", message=message)

    @classmethod
    def forbidden(cls, field: str, *, why: str) -> "Cause":
        """Make the cause for a value that must not be set now."""
        return cls(field=field, reason="FieldValueForbidden", message=f"Forbidden: {why}")

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class ApiError(Exception):
    """A request that the API server refuses.

    Attributes:
        code: the HTTP status.
        reason: the machine's word for it.
        details: the optional `details` of the Status.
        retry_after_s: after how many seconds the client may ask again, if that helps.
    """

    code: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    reason: ClassVar[str] = "InternalError"

    def __init__(
        self,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or {}
        self.retry_after_s = retry_after_s

    def to_status(self) -> dict[str, Any]:
        """Return the `metav1.Status` that a client receives."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": int(self.code),
        }
        details = {field: value for field, value in self.details.items() if value != ""}
        if self.retry_after_s is not None:
            details["retryAfterSeconds"] = self.retry_after_s
        if details:
            status["details"] = details
        return status


class BadRequestError(ApiError):
    """The request cannot be understood."""

    code = HTTPStatus.BAD_REQUEST
    reason = "BadRequest"


class UnauthorizedError(ApiError):
    """The caller is not known."""

    code = HTTPStatus.UNAUTHORIZED
    reason = "Unauthorized"


class ForbiddenError(ApiError):
    """The caller is known, but may not do that now."""

    code = HTTPStatus.FORBIDDEN
    reason = "Forbidden"


class NotFoundError(ApiError):
    """No such path or object."""

    code = HTTPStatus.NOT_FOUND
    reason = "NotFound"


class PageNotFoundError(NotFoundError):
    """No API group serves the path; a real server's multiplexer says so before any group could write a Status."""

    text: ClassVar[str] = "404 page not found\n"


class MethodNotAllowedError(ApiError):
    """The resource does not offer this verb."""

    code = HTTPStatus.METHOD_NOT_ALLOWED
    reason = "MethodNotAllowed"


class NotAcceptableError(ApiError):
    """The client accepts nothing that is served."""

    code = HTTPStatus.NOT_ACCEPTABLE
    reason = "NotAcceptable"


class AlreadyExistsError(ApiError):
    """An object of that name exists."""

    code = HTTPStatus.CONFLICT
    reason = "AlreadyExists"


class ConflictError(ApiError):
    """The write is based on an outdated state."""

    code = HTTPStatus.CONFLICT
    reason = "Conflict"


class ExpiredError(ApiError):
    """The watch window has moved past the asked resourceVersion."""

    code = HTTPStatus.GONE
    reason = "Expired"


class UnsupportedMediaTypeError(ApiError):
    """The body is of a type that this path does not read."""

    code = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    reason = "UnsupportedMediaType"


class InvalidError(ApiError):
    """The object is understood but breaks its rules."""

    code = HTTPStatus.UNPROCESSABLE_ENTITY
    reason = "Invalid"

    @classmethod
    def of(cls, causes: Sequence[Cause], *, kind: str, group: str, name: str) -> "InvalidError":
        """Make the error for an object from its causes."""
        listed = ", ".join(str(cause) for cause in causes)
        text = listed if len(causes) == 1 else f"[{listed}]"
        return cls(
            f'{f"{kind}.{group}" if group else kind} "{name}" is invalid: {text}',
            details={
                "name": name,
                "group": group,
                "kind": kind,
                "causes": [
                    {"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in causes
                ],
            },
        )


class TooManyRequestsError(ApiError):
    """The server has too much to do just now."""

    code = HTTPStatus.TOO_MANY_REQUESTS
    reason = "TooManyRequests"


class InternalError(ApiError):
    """The server itself failed."""


class FutureVersionError(ApiError):
    """The asked resourceVersion lies in the future."""

    code = HTTPStatus.GATEWAY_TIMEOUT
    reason = "Timeout"
