"""What is looked at in the cluster when a run fails."""

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import DnsLabel, DnsName, Matches
from prober.app.config.spelling import nearest
from prober.domain.evidence import NAMED_SOURCES, PLAIN_SOURCES, Source

_DEFAULT = tuple(source.value for source in PLAIN_SOURCES)
_SOURCES = tuple(source.value for source in Source if source not in NAMED_SOURCES)


def _source(name: str) -> str:
    if name in _SOURCES:
        return name
    if name in NAMED_SOURCES:
        raise refusal(f"{name} have names to be given", mend=f"list them under evidence.{name}")
    close = nearest(name, among=_SOURCES)
    raise refusal(
        "is no source of evidence", mend=f"write {close}" if close else f"write some of {', '.join(_SOURCES)}"
    )


SourceName = Annotated[str, AfterValidator(_source), WithJsonSchema({"enum": list(_SOURCES)})]

SecretName = Annotated[
    str,
    Matches(
        pattern=r"([a-z0-9]|\{session\})([-.]*([a-z0-9]|\{session\}))*",
        problem="is no name of a Secret",
        mend="write it like {session}-credentials, with {session} for the session's name",
    ),
]


class LeaseModel(Model):
    """A Lease."""

    namespace: DnsLabel = Field(examples=["vdi-system"])
    """Its namespace, usually the operator's."""
    name: DnsName = Field(examples=["vdi-operator"])
    """Its name."""


class EvidenceModel(Model):
    """What is looked at in the cluster when a run fails; what we have no permission for is a gap, not an error."""

    sources: tuple[SourceName, ...] = Field(default=_DEFAULT, strict=False)
    """Which of the sources are asked; an empty list asks none. `nodes`, the conditions of the nodes of the session's
    Pods, is none of the default: it needs `get` on nodes, in the whole cluster."""
    secrets: tuple[SecretName, ...] = Field(default=(), strict=False)
    """Secrets in the session's namespace of which the existence and the keys, never the values, are told; `{session}`
    stands for the session's name."""
    leases: tuple[LeaseModel, ...] = Field(default=(), strict=False)
    """Leases of which the holder with its last sign of life are told, such as that of the operator's leader."""
