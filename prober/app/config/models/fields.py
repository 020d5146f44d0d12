"""The kinds of plain values: durations, ratios, names.

Each is an annotated type that checks in our own words, with a pattern that editors check by.
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from prober.app.config.durations import PATTERN, POSITIVE_PATTERN, parse_duration
from prober.app.config.models.base import refusal

_DAYS = re.compile("([0-9]{1,3})d")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Holds a text against a regular expression, here and in the published schema.

    Attributes:
        pattern: What the whole text must match.
        problem: What is wrong with a text that does not.
        mend: What to do about it.
    """

    pattern: str
    problem: str
    mend: str

    def check(self, text: str) -> str:
        """Returns the text, or raises a refusal that does not repeat it."""
        if re.fullmatch(self.pattern, text) is None:
            raise refusal(self.problem, mend=self.mend)
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


def _seconds(value: Any) -> float:
    return _duration(value, mend="write it like 500ms, 30s, 5m or 1h30m")


def _duration(value: Any, *, mend: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise refusal("is a number without a unit", mend=f"write {value:g}s, {value:g}m or {value:g}ms")
    if not isinstance(value, str):
        raise refusal("must be a duration", mend=mend)
    try:
        return parse_duration(value)
    except ValueError as error:
        problem = f"is {error}"
    raise refusal(problem, mend=mend)


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise refusal("must be longer than 0s", mend="write a longer duration")
    return seconds


def _age(value: Any) -> float:
    """Returns whole days too, which no duration of a run or a session is written in."""
    days = _DAYS.fullmatch(value) if isinstance(value, str) else None
    return _duration(value if days is None else f"{24 * int(days[1])}h", mend="write it like 30d or 12h")


def share(value: Any) -> float:
    """Returns a share, 0 to 1, or raises a refusal."""
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match:
        ratio = float(Decimal(match[1]) / 100)  # as written: 99.9% is 0.999
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        ratio = float(value)
    else:
        raise refusal("must be a share", mend="write it like 1% or 0.01")
    if not 0 <= ratio <= 1:
        raise refusal("is no share between 0% and 100%", mend="write it like 1% or 0.01")
    return ratio


def _text(value: str) -> str:
    """Returns a text that has something in it, or raises a refusal."""
    if not value.strip():
        raise refusal("is empty", mend="write something or remove the key")
    return value


Seconds = Annotated[float, BeforeValidator(_seconds), WithJsonSchema({"type": "string", "pattern": PATTERN})]
"""A duration, in seconds once it is read."""

PositiveSeconds = Annotated[
    float,
    BeforeValidator(_seconds),
    AfterValidator(_positive),
    WithJsonSchema({"type": "string", "pattern": POSITIVE_PATTERN}),
]
"""A duration longer than nothing."""

Age = Annotated[
    float,
    BeforeValidator(_age),
    AfterValidator(_positive),
    WithJsonSchema({"type": "string", "pattern": f"{POSITIVE_PATTERN}|^0*[1-9][0-9]*d$"}),
]
"""How long something is kept: a duration, or whole days."""

Ratio = Annotated[
    float,
    BeforeValidator(share),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{_PERCENT.pattern}$"},
                {"type": "number", "minimum": 0, "maximum": 1},
            ]
        }
    ),
]
"""A share, 0 to 1 once it is read."""

Text = Annotated[str, AfterValidator(_text), WithJsonSchema({"type": "string", "pattern": r"\S"})]
"""Some text."""

_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"

DNS_LABEL = Matches(
    pattern=_LABEL,
    problem="is no DNS label",
    mend="use at most 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
)

DnsLabel = Annotated[str, DNS_LABEL]
"""What Kubernetes takes for a namespace; also a label value."""

OBJECT_NAME = Matches(
    pattern=rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*",
    problem="is no Kubernetes object name",
    mend="use lower-case letters, digits, dashes and dots, with a letter or digit at both ends",
)

DnsName = Annotated[str, OBJECT_NAME]
"""What Kubernetes takes for an object's name."""

_QUALIFIED = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"

LabelValue = Annotated[
    str,
    Matches(
        pattern=_QUALIFIED,
        problem="is no Kubernetes label value",
        mend="use at most 63 letters, digits, dashes, underscores and dots, with a letter or digit at both ends",
    ),
]
"""What Kubernetes takes for a label's value."""

_DOMAIN_PART = "[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?"

AnnotationKey = Annotated[
    str,
    Matches(
        pattern=rf"((?=[^/]{{1,253}}/){_DOMAIN_PART}(\.{_DOMAIN_PART})*/)?{_QUALIFIED}",
        problem="is no key of a Kubernetes annotation",
        mend="write it like example.com/team or team, with at most 63 letters, digits, dashes, underscores and dots",
    ),
]
"""What Kubernetes takes for an annotation's key: a qualified name, the domain before its slash in either case."""

_LABEL_KEY = rf"({_LABEL}(\.{_LABEL})*/)?{_QUALIFIED}"

LabelKey = Annotated[
    str,
    Matches(
        pattern=_LABEL_KEY,
        problem="is no key of a Kubernetes label",
        mend="write it like example.com/team or team, with at most 63 letters, digits, dashes, underscores and dots",
    ),
]
"""What Kubernetes takes for a label's key: a qualified name."""

_LABEL_TEXT = f"({_QUALIFIED})?"
_REQUIREMENT = (
    rf" *(! *{_LABEL_KEY}|{_LABEL_KEY}( *(=|==|!=) *{_LABEL_TEXT}"
    rf"| +(not)?in *\( *{_LABEL_TEXT}( *, *{_LABEL_TEXT})* *\))?) *"
)

LabelSelector = Annotated[
    str,
    Matches(
        pattern=f"{_REQUIREMENT}(,{_REQUIREMENT})*",
        problem="is no label selector",
        mend="write it like tier=gold, tier!=gold, tier in (gold, silver) or !beta, with commas between several",
    ),
]
"""Which objects are meant, by their labels, as kubectl's `--selector` takes it."""

User = Annotated[
    str,
    Matches(
        pattern=r"([a-zA-Z0-9._%+-]|\{template\})+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}",
        problem="is no e-mail address as the platform takes them",
        mend="write it like probe@example.com, in ASCII",
    ),
]
"""A user as the platform names users, by the pattern of the VDISession's own schema; `{template}` stands for the name
of the session's template."""
