"""Where runs are sent as OpenTelemetry traces."""

from typing import Annotated

from pydantic import Field

from prober.app.config.models.access import LocalSecret
from prober.app.config.models.base import Model
from prober.app.config.models.fields import Matches

Endpoint = Annotated[
    str,
    Matches(
        pattern=r"https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?(/[^\s?#@]*)?",
        problem="is no base URL of a collector",
        mend="write it like http://127.0.0.1:4318, without user, query and /v1/traces",
    ),
]

HeaderName = Annotated[
    str, Matches(pattern="[-A-Za-z0-9]+", problem="is no name of a header", mend="write it like Authorization")
]


class TracingModel(Model):
    """Runs as traces, by OTLP over HTTP."""

    otlp: Endpoint = Field(examples=["http://127.0.0.1:4318"])
    """The collector's base URL; `/v1/traces` is added to it."""
    headers: dict[HeaderName, LocalSecret] = Field(default={}, examples=[{"Authorization": {"env": "OTLP_TOKEN"}}])
    """Further headers of each request, by name; their values are secrets."""
