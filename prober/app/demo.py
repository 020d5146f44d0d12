"""The body of `prober demo`: a lab in a process of its own, with the service on it."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from prober.adapters.redaction import Redactor
from prober.adapters.schedule import FirstRun
from prober.app.config.load import load
from prober.app.config.settings import Settings, TargetSetting, WebSetting
from prober.app.observers import Quiet
from prober.app.service import Watch, serve
from prober.app.signals import on_stop_signal
from prober.domain.ids import TargetName
from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport
from prober.domain.target import Schedule, Target
from prober.domain.transport import NetworkPolicy
from prober.lab.kinds import DesktopKind
from prober.lab.process import LabProcess

EVERY_S = {DesktopKind.SYNTHETIC: 20.0, DesktopKind.SELKIES: 30.0}
"""The demo's interval, in seconds: a run takes about 15, or 20 with Selkies to start, and nobody watches a pause."""


class Countdown(Quiet):
    """Counts the runs of each target, and stops when each has had its number.

    Attributes:
        outcomes: How the runs ended.
    """

    def __init__(self, *, runs: int | None, targets: Sequence[TargetName], stop: asyncio.Event) -> None:
        self.outcomes: list[Outcome] = []
        self._left: dict[TargetName, int] = {} if runs is None else dict.fromkeys(targets, runs)
        self._stop = stop

    def run_finished(self, target: Target, report: RunReport) -> None:
        """Counts the run."""
        self.outcomes.append(report.outcome)
        left = self._left.get(target.name)
        if left is not None:
            self._left[target.name] = left - 1
            if all(number <= 0 for number in self._left.values()):
                self._stop.set()


async def run_demo(
    *,
    runs: int | None,
    fault: str,
    environ: Mapping[str, str],
    redactor: Redactor,
    say: Callable[[str], None],
    path: NetworkPolicy | None = None,
    desktop: DesktopKind = DesktopKind.SYNTHETIC,
) -> list[Outcome]:
    """Runs lab and service until a stop signal, or until each target had its runs.

    Args:
        runs: How many runs of each target; `None` for ever.
        fault: What is broken in the lab; several faults with commas between.
        environ: The environment.
        redactor: Is told every secret that is read.
        say: Called with each line for the user.
        path: Which network path the media takes; `None` for the one on which the fault is noticed.
        desktop: Of which kind the lab's desktops are.

    Returns:
        How the runs ended.

    Raises:
        LabProcessError: The lab did not start; it says where its log is.
    """
    stop = asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="vdi-prober-demo-") as state, on_stop_signal(lambda _: stop.set()):
        desktops = "WebRTC desktops" if desktop is DesktopKind.SYNTHETIC else "Selkies desktops"
        say(f"starting the lab: a Kubernetes API, a VDI operator, {desktops}, all served on loopback")
        async with LabProcess(state=Path(state), fault=fault, path=path, desktop=desktop) as lab:
            settings = _for_demo(load(lab.config, environ=environ), every_s=EVERY_S[desktop])
            names = [setting.target.name for setting in settings.targets]
            countdown = Countdown(runs=runs, targets=names, stop=stop)

            def started(url: str) -> None:
                say(f"probing {', '.join(names)} every {EVERY_S[desktop]:g} s; Ctrl-C ends it")
                say(f"  status     {url}/")
                say(f"  metrics    {url}/metrics")
                say(f"  sessions   kubectl --kubeconfig {lab.kubeconfig} get vdi --watch")

            watch = Watch(observers=(countdown,), started=started, first_run=FirstRun.NOW)
            await serve(settings, environ=environ, redactor=redactor, stop=stop, watch=watch)
            say("stopping the lab")
    return countdown.outcomes


def _for_demo(settings: Settings, *, every_s: float) -> Settings:
    """Shortens the interval, and the wait at the end to the teardown: who presses Ctrl-C wants to leave.

    A failing run may outlast the interval; the next one is skipped then.
    """
    targets = tuple(TargetSetting(target=s.target, schedule=Schedule(every_s=every_s)) for s in settings.targets)
    grace_s = max(setting.target.budgets.teardown() for setting in targets)
    return replace(settings, targets=targets, web=WebSetting(host="127.0.0.1", port=0), shutdown_grace_s=grace_s)
