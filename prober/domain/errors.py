"""The faults that end a run, as exceptions.

    Exception
    └── ProbeError            a run cannot go on; carries a Fault
        ├── TargetFailed      the target's fault: outcome `failure`
        └── ProberFailed      our own fault: outcome `error`

Library exceptions are translated into these at the adapters' borders, with the cause chained. A cancellation is
neither: it stays `asyncio.CancelledError`. Configuration errors never reach a run; they live in `prober.app.config`.
"""

from dataclasses import dataclass
from typing import Self

from prober.domain.reasons import Layer, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a step did not succeed.

    Attributes:
        reason: The closed reason; its layer says whose fault it was.
        summary: One sentence for a person; may name objects and figures, never a secret.
        facts: What the reason rests on, the most telling first; each a sentence as `summary` is.
        considered: What else it could have been, and why it was not.
    """

    reason: Reason
    summary: str
    facts: tuple[str, ...] = ()
    considered: tuple[str, ...] = ()

    @property
    def layer(self) -> Layer:
        """Where the fault lies."""
        return self.reason.layer


class ProbeError(Exception):
    """A run cannot go on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.reason}: {fault.summary}")
        self.fault = fault

    @classmethod
    def because(cls, reason: Reason, summary: str) -> Self:
        """Makes the exception from its fault's two parts."""
        return cls(Fault(reason=reason, summary=summary))


class TargetFailed(ProbeError):  # noqa: N818 - says what happened; the tree is in the module docstring
    """The target is at fault."""


class ProberFailed(ProbeError):  # noqa: N818 - as TargetFailed
    """We are at fault."""


def failed(fault: Fault) -> ProbeError:
    """Returns the exception that blames whom the fault's layer blames."""
    return ProberFailed(fault) if fault.layer is Layer.PROBER else TargetFailed(fault)
