"""What every model of the file has in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError

REFUSED = "refused"
"""The type of the errors that carry their own words."""


def refusal(problem: str, *, mend: str) -> PydanticCustomError:
    """Returns the error, for a validator to raise, that says what is wrong with a value in our own words.

    Args:
        problem: The rest of a sentence that begins with the value's path; never the value where that may be a secret.
        mend: What to do about it.
    """
    return PydanticCustomError(REFUSED, "{problem}", {"problem": problem, "mend": mend})


def _title(model: type[Any]) -> str:
    return model.__name__.removesuffix("Model")


class Model(BaseModel):
    """A mapping of the file: no unknown keys, no conversions, no changes."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        model_title_generator=_title,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _has_a_value(cls, value: Any) -> Any:
        """Refuses `key:` with nothing behind it, which is an unfinished edit more often than a wish for the default."""
        if value is None:
            raise refusal("has no value", mend="give it one or remove the key")
        return value
