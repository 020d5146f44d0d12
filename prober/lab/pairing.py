"""Several faults at once, as one: what each changes is changed.

Of what they do together a good prober names what is noticed first in the order of the flow. Faults that change the same
thing in different ways cannot be had together: a Pod without a node has no image that is missing.
"""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from prober.domain.steps import StepName
from prober.domain.transport import NetworkPolicy
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.fault import Fault, FaultError
from prober.lab.plan import Plan


class _Parts(Protocol):
    """A dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


_T = TypeVar("_T", bound=_Parts)


class ConflictingFaultsError(FaultError):
    """Faults change the same thing in different ways."""

    def __init__(self, names: str, *, what: str) -> None:
        super().__init__(f"{names} cannot be had at once: each has its own {what}")


def together(faults: Sequence[Fault]) -> Fault:
    """Returns the fault that is all of these at once.

    Args:
        faults: At least one.

    Raises:
        ConflictingFaultsError: They change the same thing in different ways.
    """
    if len(faults) == 1:
        return faults[0]
    names = " and ".join(fault.name for fault in faults)
    first = min(faults, key=_place)
    troubles = {fault.trouble for fault in faults if fault.trouble is not None}
    if len(troubles) > 1:
        raise ConflictingFaultsError(names, what="trouble with the API server")
    return Fault(
        name=",".join(fault.name for fault in faults),
        summary="; ".join(fault.summary for fault in faults),
        step=first.step,
        reason=first.reason,
        plan=_merged(Plan(), [fault.plan for fault in faults], names=names),
        behaviour=_merged(Behaviour(), [fault.behaviour for fault in faults], names=names),
        trouble=next(iter(troubles), None),
        path=next((fault.path for fault in faults if fault.path is not NetworkPolicy.ANY), NetworkPolicy.ANY),
        survivable=all(fault.survivable or fault.step is None for fault in faults),
    )


def _place(fault: Fault) -> int:
    """Where in the flow a fault is noticed; what is no fault comes last, and what comes first of equals is first."""
    steps = list(StepName)
    return len(steps) if fault.step is None else steps.index(fault.step)


def _merged(sound: _T, changed: Sequence[_T], *, names: str) -> _T:
    """Returns what differs from the sound value in any of the changed ones, and is as sound otherwise."""
    parts = {
        part.name: _value(getattr(sound, part.name), [getattr(one, part.name) for one in changed], part.name, names)
        for part in fields(sound)
    }
    return type(sound)(**parts)


def _value(sound: Any, changed: Sequence[Any], name: str, names: str) -> Any:
    different = [value for value in changed if value != sound]
    if not different:
        return sound
    if isinstance(sound, frozenset):
        return frozenset().union(*different)
    if is_dataclass(sound) and not isinstance(sound, type):
        return _merged(sound, different, names=names)
    if any(value != different[0] for value in different):
        raise ConflictingFaultsError(names, what=name)
    return different[0]
