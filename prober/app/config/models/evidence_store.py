"""Where the evidence of runs is kept, of which runs, and how much of it."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from prober.app.config.durations import POSITIVE_PATTERN, parse_duration
from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import Matches, PositiveSeconds, Ratio
from prober.domain.keeping import KeepPlan
from prober.domain.retention import Limits

_KEEP = KeepPlan()
_LIMITS = Limits()

_DAY_S = 24 * 3600.0
_DAYS = re.compile(r"(?=.*[1-9])([0-9]{1,3})d")
_LONGEST_DAYS = 366

_UNITS = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}
_SIZE = re.compile(r"(?=.*[1-9])([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(KiB|MiB|GiB|TiB)")


def _age(value: Any) -> float:
    text = value if isinstance(value, str) else ""
    if (days := _DAYS.fullmatch(text)) and int(days[1]) <= _LONGEST_DAYS:
        return int(days[1]) * _DAY_S
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = 0.0
    if seconds > 0:
        return seconds
    raise refusal("is no age of at most 366 days", mend="write it like 14d, or 36h")


def _size(value: Any) -> int:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refusal("is no size", mend="write it like 500MiB, 2GiB or 1.5TiB")
    return round(float(match[1]) * _UNITS[match[2]])


Age = Annotated[
    float,
    BeforeValidator(_age),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{_DAYS.pattern}$"},
                {"type": "string", "pattern": POSITIVE_PATTERN},
            ]
        }
    ),
]
"""A number of days or a duration, in seconds once it is read. Days are no durations: the platform knows none."""

Size = Annotated[int, BeforeValidator(_size), WithJsonSchema({"type": "string", "pattern": f"^{_SIZE.pattern}$"})]
"""An amount of data, in bytes once it is read."""

StoreUrl = Annotated[
    str,
    Matches(
        pattern=r"file:///[^?#]+|(s3|gs|az)://[A-Za-z0-9][A-Za-z0-9._/-]*|~?[^:?#~\s][^:?#]*",
        problem="is neither a folder nor the URL of a store",
        mend="write a folder, file:///folder, s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix;"
        " credentials come from the environment",
    ),
]
"""A folder or a URL; one with credentials in it is refused."""


class KeepModel(Model):
    """Of which runs evidence is kept."""

    failures: bool = _KEEP.failures
    """Whether that of failures, and of errors of the prober itself, is."""
    successes: Ratio = _KEEP.successes
    """The share of successes of which it is: something to hold failures against."""


class RetentionModel(Model):
    """How much is kept; the oldest goes first. The newest failure of each target stays until there is a newer one."""

    age: Age = Field(default=_LIMITS.age_s, examples=["14d"], json_schema_extra={"default": "14d"})
    """For how long."""
    size: Size = Field(default=_LIMITS.size, examples=["2GiB"], json_schema_extra={"default": "2GiB"})
    """How much in all."""
    count: int = Field(default=_LIMITS.count, ge=1)
    """How many runs of each target."""
    free: Ratio = _LIMITS.free
    """The share of a local folder's disk that stays free, whoever fills it."""


class EvidenceStoreModel(Model):
    """Where the evidence of runs is kept; without this section none is, and the report is all there is of a run."""

    url: StoreUrl = Field(examples=["/var/lib/vdi-prober/evidence"])
    """A folder, relative to the configuration file, or the URL of a bucket (`s3://`, `gs://`, `az://`)."""
    keep: KeepModel = KeepModel()
    """Of which runs."""
    retention: RetentionModel = RetentionModel()
    """How much."""
    limit: PositiveSeconds = 10.0
    """How long a run waits for its evidence to be kept; what takes longer is given up and counted."""
