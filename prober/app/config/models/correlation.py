"""What joins a platform's own logs to a run."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import Matches

_MEANT = frozenset(
    {
        *("accept", "age", "allow", "connection", "cookie", "cookie2", "date", "dnt", "expect", "forwarded", "from"),
        *("host", "http2-settings", "keep-alive", "origin", "pragma", "range", "referer", "te", "trailer"),
        *("transfer-encoding", "upgrade", "upgrade-insecure-requests", "user-agent", "via", "x-http-method-override"),
        *("x-original-url", "x-real-ip", "x-rewrite-url", "cache-control", "set-cookie", "api-key", "apikey"),
    }
)
"""Headers that mean something to whoever is between."""

_MEANT_BEGINNINGS = (
    *("accept-", "access-control-", "content-", "if-", "proxy-", "sec-", "x-forwarded-", "x-envoy-"),
    *("authorization", "x-authorization", "x-auth", "x-api-key", "x-csrf", "x-xsrf", "x-amz-"),
)


def _header(name: str) -> str:
    if name.lower() in _MEANT or name.lower().startswith(_MEANT_BEGINNINGS):
        raise refusal("is a header with a meaning of its own", mend="write one of yours, such as X-Probe-Run-Id")
    return name


_TELLING = ("token", "password", "secret", "signature", "key", "code", "state", "ticket", "session", "user", "auth")


def _parameter(name: str) -> str:
    if name.lower() in _TELLING:
        raise refusal("is a parameter that platforms give a meaning", mend="write one of yours, such as probe_run_id")
    return name


class CorrelationModel(Model):
    """What our requests to a session's URL carry, so that the platform's logs can be joined to runs."""

    header: (
        Annotated[
            str,
            Matches(
                pattern=r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}",
                problem="is no name of a header",
                mend="write it like X-Probe-Run-Id, at most 64 characters",
            ),
            AfterValidator(_header),
        ]
        | None
    ) = Field(default=None, examples=["X-Probe-Run-Id"])
    """The header with the run's id, on requests to the URL's origin and to no other. `traceparent` makes the run's
    trace (W3C Trace Context) the parent of what the platform traces."""
    query: (
        Annotated[
            str,
            Matches(
                pattern=r"[A-Za-z0-9_.~-]{1,64}",
                problem="is no name of a parameter",
                mend="write it like probe_run_id: letters, digits, dashes, dots and underscores, at most 64",
            ),
            AfterValidator(_parameter),
        ]
        | None
    ) = Field(default=None, examples=["probe_run_id"])
    """The parameter with the run's id, added to the URL when it is asked and first opened."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise refusal("has neither header nor query", mend="write {header: X-Probe-Run-Id} or remove the key")
        return self
