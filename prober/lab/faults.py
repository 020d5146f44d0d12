"""The faults that the lab can inject, by name.

To add one, add an entry here, or in `stream_faults` where it lies between the page and its picture. A fault says how
the operator and the desktop deviate from health, with the step and the reason that a good prober reports for it (none,
for what is unusual and no fault); the reason's layer says whose fault it is. A session chooses its fault by the
annotation `lab.vdi-prober.io/fault` (`none` for health); without one it gets the lab's own.
"""

from collections.abc import Iterable, Mapping

from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.domain.transport import NetworkPolicy
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.fault import Fault
from prober.lab.plan import ChildKind, Plan
from prober.lab.stream_faults import STREAM_FAULTS

FAULT_ANNOTATION = "lab.vdi-prober.io/fault"
HEALTHY = "none"

SLOW_START_S = 40.0
"""Seconds; beyond the 30 s at most that the lab's own targets allow for `running`, within the platform's
limit of 60 s: a target with the default budget sees a success."""


REMOVAL_PAUSE_S = 3.6
"""Seconds; a session's three or four objects take longer than the 10 s that the lab's own target allows for
`terminate`, and go within the 10 s that it allows for `cleanup` after that. A target with the default budgets sees a
success."""


class UnknownFaultError(ValueError):
    """No fault has that name, or the lab's desktops cannot play it."""

    def __init__(self, name: str, *, among: Iterable[str]) -> None:
        problem = f"these desktops cannot play {name!r}" if name in FAULTS else f"no fault is called {name!r}"
        super().__init__(f"{problem}; there are: {', '.join(among)}")


class UnnoticedFaultError(ValueError):
    """On the network path that was chosen nobody would notice the fault."""

    def __init__(self, fault: Fault, *, chosen: NetworkPolicy) -> None:
        super().__init__(
            f"{fault.name} is noticed on the network path {fault.path} alone, not on {chosen}; "
            f"choose {fault.path}, or no path at all"
        )


_PLATFORM_FAULTS = (
    Fault(
        name="never_running",
        summary="the operator does its part, but the Pod stays Pending without a word why",
        step=StepName.RUNNING,
        reason=Reason.RUNNING_TIMEOUT,
        plan=Plan(becomes_running=False),
    ),
    Fault(
        name="phase_failed",
        summary="the session's phase becomes Failed, with a message",
        step=StepName.RUNNING,
        reason=Reason.PHASE_FAILED,
        plan=Plan(failure="desktop image refused by policy (injected by the lab)"),
    ),
    Fault(
        name="slow_start",
        summary=f"the session becomes Running after {SLOW_START_S:.0f} s only",
        step=StepName.RUNNING,
        reason=Reason.RUNNING_TIMEOUT,
        plan=Plan(startup_s=SLOW_START_S),
    ),
    Fault(
        name="http_5xx",
        summary="the session's URL answers 503",
        step=StepName.URL,
        reason=Reason.HTTP_5XX,
        behaviour=Behaviour(http_status=503),
    ),
    Fault(
        name="auth_rejected",
        summary="the desktop refuses the right credentials",
        step=StepName.LOGIN,
        reason=Reason.AUTH_REJECTED,
        behaviour=Behaviour(reject_credentials=True),
    ),
    Fault(
        name="slow_teardown",
        summary=f"the operator removes a deleted session's objects one by one, each after {REMOVAL_PAUSE_S:g} s",
        step=StepName.TERMINATE,
        reason=Reason.CLEANUP_TIMEOUT,
        plan=Plan(removal_pause_s=REMOVAL_PAUSE_S),
    ),
    Fault(
        name="finalizer_stuck",
        summary="the operator never removes its finalizer from a deleted session",
        step=StepName.TERMINATE,
        reason=Reason.FINALIZER_STUCK,
        plan=Plan(releases=False),
    ),
    Fault(
        name="child_left",
        summary="the session's Service has no owner and outlives the session",
        step=StepName.CLEANUP,
        reason=Reason.CHILD_LEFT,
        plan=Plan(left_behind=frozenset({ChildKind.SERVICE})),
    ),
    Fault(
        name="url_still_serving",
        summary="the session's URL serves on after the session, until the next session of its user",
        step=StepName.CLEANUP,
        reason=Reason.URL_STILL_SERVING,
        behaviour=Behaviour(route_survives=True),
    ),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in (*_PLATFORM_FAULTS, *STREAM_FAULTS)}


def find_fault(name: str, *, among: Mapping[str, Fault] = FAULTS) -> Fault | None:
    """Returns the fault of that name, nothing for `none`.

    Args:
        name: What it is called.
        among: Those that the lab's desktops can play, by name.

    Raises:
        UnknownFaultError: No fault has that name, or they cannot play it.
    """
    if name == HEALTHY:
        return None
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
        """
        self._default = find_fault(name, among=self._among)

    def disarm(self) -> None:
        """Cures every session, for good: the lab is closing and must get rid of them."""
        self._armed = False

    def resolve(self, annotations: Mapping[str, str]) -> Fault | None:
        """Returns the fault of the session with these annotations, if it has one.

        Raises:
            UnknownFaultError: The annotation names no fault.
        """
        if not self._armed:
            return None
        name = annotations.get(FAULT_ANNOTATION)
        return self._default if name is None else find_fault(name, among=self._among)
