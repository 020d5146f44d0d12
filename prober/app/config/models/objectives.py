"""What a target promises its users, as a person writes it."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetJsonSchemaHandler, WithJsonSchema, field_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import PositiveSeconds, share
from prober.domain.objectives import Objectives, StartTime

_START_TIME = StartTime()
_AVAILABILITY = Objectives().availability


def _with_room(ratio: float) -> float:
    if not 0 < ratio < 1:
        raise refusal("must be above 0% and below 100%", mend="write it like 99% or 0.99")
    return ratio


@dataclass(frozen=True, slots=True)
class _OrNull:
    """Says in the published schema that null is a value here; elsewhere it is a slip, which the schema leaves out."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "null"}]}


_Share = Annotated[
    float,
    BeforeValidator(share),
    AfterValidator(_with_room),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^(?=0*[1-9]|0*\.0*[1-9])(?=[0-9]{1,2}(\D|$))[0-9]+(\.[0-9]+)? ?%$"},
                {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            ]
        }
    ),
]
"""A share that a budget can be made of: 0% promises nothing, 100% leaves nothing to burn."""


class StartTimeModel(Model):
    """How soon a desktop is to be there."""

    ratio: _Share = _START_TIME.ratio
    """The share of starts that is to be on time, as `95%` or `0.95`."""
    within: PositiveSeconds = _START_TIME.within_s
    """From asking for a desktop to its first frame that is not blank."""


class ObjectivesModel(Model):
    """The objectives that alerts hold a target's runs against."""

    availability: Annotated[_Share | None, _OrNull()] = _AVAILABILITY
    """The share of runs that is to succeed, of those that said something of the target; `null` for no objective."""
    start_time: Annotated[StartTimeModel | None, _OrNull()] = StartTimeModel()
    """How soon a desktop is to be there; `null` for no objective."""

    @field_validator("*", mode="before")
    @classmethod
    def _has_a_value(cls, value: Any) -> Any:
        """Takes null, which means something here."""
        return value
