"""The faults of our own side: what may befall a prober while the platform is sound.

A good prober calls them its own errors, and blames no target. They hit processes of the machine on which the lab runs:
see `accidents`.
"""

from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.lab.accident import Accident
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.fault import Fault

OWN_FAULTS = (
    Fault(
        name="kill_browser",
        summary="the prober's browser is killed while it shows the desktop",
        step=StepName.STREAM,
        reason=Reason.BROWSER_CRASHED,
        behaviour=Behaviour(accidents=frozenset({Accident.KILL_BROWSER})),
    ),
    Fault(
        name="hang_browser",
        summary="the prober's browser stands still while it shows the desktop, and answers nothing any more",
        step=StepName.STREAM,
        reason=Reason.DRIVER_ERROR,
        behaviour=Behaviour(accidents=frozenset({Accident.HANG_BROWSER})),
    ),
    Fault(
        name="driver_gone",
        summary="the driver of the prober's browser is killed while the desktop is shown",
        step=StepName.STREAM,
        reason=Reason.DRIVER_ERROR,
        behaviour=Behaviour(accidents=frozenset({Accident.DRIVER_GONE})),
    ),
    Fault(
        name="starve_cpu",
        summary="two busy processes per core take the prober's CPU while the session lives",
        step=StepName.STREAM,
        reason=Reason.PROBER_STARVED,
        behaviour=Behaviour(accidents=frozenset({Accident.STARVE_CPU})),
        survivable=True,
    ),
    Fault(
        name="fill_disk",
        summary="no fault: the prober can write to no file, so that evidence and history are lost, and the run is not",
        behaviour=Behaviour(accidents=frozenset({Accident.FILL_DISK})),
    ),
)
"""In the order of the steps in which they are noticed; what is no fault comes last."""
