"""How one logs in, with secrets by reference only.

Whatever stands where a secret belongs may be the secret: these models never repeat a value, nor an unknown key.
"""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import DnsLabel, DnsName, Matches, Text

VariableName = Annotated[
    str,
    Matches(
        pattern="[A-Za-z_][A-Za-z0-9_]*",
        problem="is no name of an environment variable",
        mend="name the variable that holds the secret, not the secret",
    ),
]

SecretKey = Annotated[
    str,
    Matches(
        pattern="[-._A-Za-z0-9]{1,253}",
        problem="is no key of a Secret",
        mend="use letters, digits, dashes, underscores and dots",
    ),
]


class _Discreet(Model):
    """A mapping whose unknown keys are refused without being named."""

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, value: Any) -> Any:
        if isinstance(value, dict) and not value.keys() <= cls.model_fields.keys():
            keys = ", ".join(cls.model_fields)
            raise refusal("has an unknown key, not repeated here: it may be a secret", mend=f"known keys: {keys}")
        return value


class KubernetesSecretModel(_Discreet):
    """A key of a Secret."""

    name: DnsName = Field(examples=["probe-credentials"])
    """The Secret's name."""
    key: SecretKey = Field(examples=["password"])
    """The key in the Secret's data."""
    namespace: DnsLabel | None = None
    """The Secret's namespace; the session's by default."""
    cluster: Text | None = None
    """The Secret's cluster, a name from `clusters`; the session's by default."""


class SecretModel(_Discreet):
    """Where a secret is kept; exactly one of the three."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [key]} for key in ("env", "file", "kubernetes_secret")]},
    )

    env: VariableName | None = None
    """An environment variable of the prober."""
    file: Text | None = None
    """A file that holds nothing else, relative to the configuration file; read anew each time."""
    kubernetes_secret: KubernetesSecretModel | None = None
    """A key of a Secret in a probed cluster."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise refusal("needs exactly one of env, file and kubernetes_secret", mend="write {env: NAME}")
        return self


def _reference(value: Any) -> Any:
    if value is not None and not isinstance(value, dict):
        raise refusal("secrets only by reference", mend="write {env: NAME}")
    return value


Secret = Annotated[SecretModel, BeforeValidator(_reference, json_schema_input_type=SecretModel)]
"""A reference to a secret."""


class LocalSecretModel(_Discreet):
    """Where a secret is kept that belongs to no session; exactly one of the two."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [key]} for key in ("env", "file")]})

    env: VariableName | None = None
    """An environment variable of the prober."""
    file: Text | None = None
    """A file that holds nothing else, relative to the configuration file."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise refusal("needs exactly one of env and file", mend="write {env: NAME}")
        return self


LocalSecret = Annotated[LocalSecretModel, BeforeValidator(_reference, json_schema_input_type=LocalSecretModel)]
"""A reference to a secret that belongs to no session."""


class BasicModel(Model):
    """HTTP Basic credentials."""

    username: Text = Field(examples=["probe"])
    """The user's name; `{template}` stands for the name of the session's template."""
    password: Secret = Field(examples=[{"env": "PROBE_PASSWORD"}])
    """Where the password is kept."""


class AccessModel(Model):
    """How one logs in; empty for a desktop that asks for no login."""

    basic: BasicModel | None = None
    """HTTP Basic."""
