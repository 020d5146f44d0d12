"""A prober that probes when it is told to, in a process that may be killed.

It is wired as the commands are. A line on standard input begins a run; each step that begins and each report is a line
of JSON on standard output.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prober.adapters.logs import configure_logging
from prober.app.config.load import load
from prober.app.observers import CrashLog, Observers, Quiet
from prober.app.run_ids import new_run_id
from prober.app.wiring import open_prober
from prober.domain.ids import RunId
from prober.domain.outcomes import Trigger
from prober.domain.report import RunReport, as_dict
from prober.domain.steps import StepName
from prober.domain.target import Target

READY = "ready"
STEP = "step"
REPORT = "report"


class Teller(Quiet):
    """Tells each step's beginning and each report."""

    def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:
        tell({STEP: step.value})

    def run_finished(self, target: Target, report: RunReport) -> None:
        tell({REPORT: as_dict(report)})


def tell(event: Mapping[str, Any]) -> None:
    print(json.dumps(event), flush=True)  # noqa: T201 - what this process is for


async def probe(config: Path) -> None:
    """Probes the configuration's first target, once for each line read, until there is none."""
    environ = dict(os.environ)
    settings = await asyncio.to_thread(load, config, environ=environ)
    redactor = configure_logging(stream=sys.stderr, json=True, level="info")
    observer = Observers((Teller(), CrashLog()))
    async with open_prober(settings, environ=environ, redactor=redactor, observer=observer) as prober:
        await prober.warm_up()
        tell({READY: True})
        while await asyncio.to_thread(sys.stdin.readline):
            await prober.runner.run(settings.targets[0].target, run_id=new_run_id(), trigger=Trigger.MANUAL)


if __name__ == "__main__":
    asyncio.run(probe(Path(sys.argv[1])))
