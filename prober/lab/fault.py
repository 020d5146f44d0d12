"""One way in which the lab can be broken."""

from dataclasses import dataclass, field

from prober.domain.reasons import Layer, Reason
from prober.domain.steps import StepName
from prober.domain.transport import NetworkPolicy
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.plan import Plan
from prober.lab.trouble import Trouble


class FaultError(ValueError):
    """There is no fault such as is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which the lab can be broken, or be unusual.

    Attributes:
        name: What it is chosen by.
        summary: One line for people.
        step: The step in which a good prober notices it; `None` for what is unusual and no fault.
        reason: What a good prober reports; `None` as above.
        plan: What the operator does.
        behaviour: What the desktop does.
        trouble: What the API server does, where it is one of the lab's own; `None` for nothing.
        path: The network path of a target that notices it.
        survivable: Whether a run may be a success all the same, or end in another step.
    """

    name: str
    summary: str
    step: StepName | None = None
    reason: Reason | None = None
    plan: Plan = field(default_factory=Plan)
    behaviour: Behaviour = field(default_factory=Behaviour)
    trouble: Trouble | None = None
    path: NetworkPolicy = NetworkPolicy.ANY
    survivable: bool = False

    @property
    def layer(self) -> Layer | None:
        """Whose fault it is; `None` for nobody's."""
        return None if self.reason is None else self.reason.layer
