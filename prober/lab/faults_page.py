"""The page that lists the lab's faults, made from the faults themselves.

`python -m prober.lab.faults_page` prints it; a test holds docs/faults.md to it.
"""

import sys

from prober.lab.abilities import faults_of
from prober.lab.fault import Fault
from prober.lab.faults import FAULTS
from prober.lab.kinds import DesktopKind

_HEAD = """\
# Faults of the lab

<!-- Made by `python -m prober.lab.faults_page`; do not edit. -->

`prober lab --fault NAME` breaks every session, the annotation `lab.vdi-prober.io/fault: NAME` a single one (`none` for
health). The step and the reason are those that a good prober reports, which `tests/e2e/test_matrix.py` holds this one
to; where there are none, the run has to succeed. A fault of the network path `relay` shows only to a target with
`network: {path: relay}`. Selkies desktops can play those that are marked. What the API server itself does wrong it does
to the lab's user only, and only in a cluster of the lab's own (`prober lab` without `--kubeconfig`).

`--fault A --fault B`, or `A,B` in the annotation, is both at once; a good prober reports the first in the order of the
flow, and mentions the second. Faults that change the same thing in different ways are refused together.

What befalls the prober itself (layer `prober`, and `fill_disk`) hits processes of the lab's machine: the browser that
visits the desktop over loopback, where a Playwright driver of the lab's own user automates it, that driver, or whoever
started it; never any other. What lasts is undone with the session's end. `starve_cpu` may be survived; then the run
succeeds. `fill_disk` costs evidence and history, with a warning each.

| Name | What happens | Step | Reason | Path | Selkies |
|---|---|---|---|---|---|
"""


def page() -> str:
    """Returns the page as Markdown."""
    return _HEAD + "".join(_row(fault) for fault in FAULTS.values())


def _row(fault: Fault) -> str:
    step = "" if fault.step is None else f"`{fault.step.value}`"
    reason = "" if fault.reason is None else f"`{fault.reason.layer.value}/{fault.reason.value}`"
    played = "yes" if fault.name in faults_of(DesktopKind.SELKIES) else ""
    return f"| `{fault.name}` | {fault.summary} | {step} | {reason} | {fault.path.value} | {played} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
