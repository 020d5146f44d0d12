"""How a desktop page is driven, as a person writes it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import LabelValue, Text
from prober.app.config.models.gestures import Gestures, SomeGestures, listed
from prober.app.config.spelling import nearest
from prober.domain.client import CLIENTS


def _preset(name: str) -> str:
    if name in CLIENTS:
        return name
    close = nearest(name, among=CLIENTS)
    raise refusal("is no client preset", mend=f"write {close}" if close else f"write one of {', '.join(CLIENTS)}")


def _own_name(name: str) -> str:
    if name in CLIENTS:
        raise refusal("is a preset's name", mend="give your client a name of its own")
    return name


_TEXT_SCHEMA = {"type": "string", "pattern": r"\S"}

Preset = Annotated[str, AfterValidator(_preset), WithJsonSchema({"enum": list(CLIENTS)})]
"""A preset of ours."""

AnyPreset = Annotated[Text, WithJsonSchema({"anyOf": [{"enum": list(CLIENTS)}, _TEXT_SCHEMA]})]
"""A preset of ours, or a name from `clients`."""

OwnName = Annotated[LabelValue, AfterValidator(_own_name)]
"""What a user calls a client."""

Selectors = Annotated[
    tuple[Text, ...],
    Field(strict=False),
    BeforeValidator(listed),
    WithJsonSchema({"anyOf": [_TEXT_SCHEMA, {"type": "array", "items": _TEXT_SCHEMA}]}),
]
"""One CSS selector, or several; only a browser can tell whether they select anything."""


class ClientModel(Model):
    """What a preset is changed in; what is left out is the preset's."""

    preset: Preset = "generic"
    """The preset that the rest changes."""
    recognise: Text | None = None
    """CSS selector of something that the client's page always has, as `*` for a page of any kind."""
    click: Selectors | None = None
    """CSS selectors of buttons between a user and the picture: clicked while they are visible, never waited for."""
    element: Text | None = None
    """CSS selector of the element that shows the desktop, or contains it; with none the largest picture counts."""
    input: SomeGestures | None = None
    """The harmless input of step `input`: right_click, click, circle, {key: Escape} or {type: hello}, or several."""
    undo: Gestures | None = None
    """What undoes it; `[]` for nothing."""
    region: Literal["pointer", "picture"] | None = None
    """Where the input's effect is looked for: about the pointer, or, for keys, in the whole picture."""
    stimulus: SomeGestures | None = None
    """What `stream.stimulus: client` does."""


class TargetClientModel(ClientModel):
    """How the desktop page is driven."""

    preset: AnyPreset = "generic"
    """The preset that the rest changes, or a name from `clients`."""
    name: OwnName | None = None
    """What the changed client is called; the preset's name by default."""


def _client(value: Any) -> Any:
    return {"preset": value} if isinstance(value, str) else value


ClientChoice = Annotated[
    TargetClientModel, BeforeValidator(_client, json_schema_input_type=AnyPreset | TargetClientModel)
]
"""A client by its name, or a preset with changes."""
