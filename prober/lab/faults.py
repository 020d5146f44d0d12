"""The faults that the lab can inject, by name.

To add one, add an entry in `api_faults` where the API server plays it, in `stream_faults` where it lies between the
page and its picture, in `own_faults` where it befalls the prober, in `platform_faults` otherwise. A fault says how
these parts deviate from health, with the step and the reason that a good prober reports for it (none, for what is
unusual and no fault); the reason's layer says whose fault it is. A session chooses its fault by the annotation
`lab.vdi-prober.io/fault` (`none` for health); without one it gets the lab's own. Several at once are named with commas
between them (see `pairing`).
"""

from collections.abc import Iterable, Mapping

from prober.domain.transport import NetworkPolicy
from prober.lab.api_faults import API_FAULTS
from prober.lab.fault import Fault, FaultError
from prober.lab.own_faults import OWN_FAULTS
from prober.lab.pairing import together
from prober.lab.platform_faults import PLATFORM_FAULTS
from prober.lab.stream_faults import STREAM_FAULTS

FAULT_ANNOTATION = "lab.vdi-prober.io/fault"
HEALTHY = "none"
SEPARATOR = ","
"""Between the names of faults that are had at once."""


class UnknownFaultError(FaultError):
    """No fault has that name, or the lab cannot play it."""

    def __init__(self, name: str, *, among: Iterable[str]) -> None:
        problem = f"this lab cannot play {name!r}" if name in FAULTS else f"no fault is called {name!r}"
        super().__init__(f"{problem}; there are: {', '.join(among)}")


class UnnoticedFaultError(ValueError):
    """On the network path that was chosen nobody would notice the fault."""

    def __init__(self, fault: Fault, *, chosen: NetworkPolicy) -> None:
        super().__init__(
            f"{fault.name} is noticed on the network path {fault.path} alone, not on {chosen}; "
            f"choose {fault.path}, or no path at all"
        )


FAULTS: Mapping[str, Fault] = {
    fault.name: fault for fault in (*API_FAULTS, *PLATFORM_FAULTS, *STREAM_FAULTS, *OWN_FAULTS)
}


def find_fault(name: str, *, among: Mapping[str, Fault] = FAULTS) -> Fault | None:
    """Returns the fault of that name, or of those names at once; nothing for `none`.

    Args:
        name: What it is called, or they are, with commas between.
        among: Those that the lab can play, by name.

    Raises:
        UnknownFaultError: No fault has that name, or the lab cannot play it.
        ConflictingFaultsError: Those faults cannot be had at once.
    """
    names = dict.fromkeys(part.strip() for part in name.split(SEPARATOR))
    faults = [_find(part, among=among) for part in names if part != HEALTHY]
    return together(faults) if faults else None


def _find(name: str, *, among: Mapping[str, Fault]) -> Fault:
    try:
        return among[name]
    except KeyError:
        raise UnknownFaultError(name, among=among) from None


def path_for(name: str, *, chosen: NetworkPolicy | None = None) -> NetworkPolicy:
    """Returns the network path of targets which notice the fault of that name.

    Args:
        name: The fault, or `none`.
        chosen: What somebody wishes; `None` for what the fault asks for, which is any where there is none.

    Raises:
        UnknownFaultError: No fault has that name.
        ConflictingFaultsError: Those faults cannot be had at once.
        UnnoticedFaultError: On the chosen path nobody would notice it.
    """
    fault = find_fault(name)
    needed = NetworkPolicy.ANY if fault is None else fault.path
    if chosen is None:
        return needed
    if fault is not None and needed not in (NetworkPolicy.ANY, chosen):
        raise UnnoticedFaultError(fault, chosen=chosen)
    return chosen


class FaultSwitch:
    """Which fault a session gets; may be turned while the lab runs, from any thread."""

    def __init__(self, name: str = HEALTHY, *, among: Mapping[str, Fault] = FAULTS) -> None:
        self._among = among
        self._default = find_fault(name, among=among)
        self._armed = True

    def choose(self, name: str) -> None:
        """Sets the fault of sessions that choose none themselves.

        Raises:
            UnknownFaultError: No fault has that name.
            ConflictingFaultsError: Those faults cannot be had at once.
        """
        self._default = find_fault(name, among=self._among)

    def disarm(self) -> None:
        """Cures every session, for good: the lab is closing and must get rid of them."""
        self._armed = False

    def resolve(self, annotations: Mapping[str, str]) -> Fault | None:
        """Returns the fault of the session with these annotations, if it has one.

        Raises:
            FaultError: The annotation names no fault, or faults that cannot be had at once.
        """
        if not self._armed:
            return None
        name = annotations.get(FAULT_ANNOTATION)
        return self._default if name is None else find_fault(name, among=self._among)
