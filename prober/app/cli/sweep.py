"""`prober sweep`."""

import asyncio
import os
import sys
from pathlib import Path

import click

from prober.adapters.clock import SystemClock
from prober.adapters.logs import configure_logging
from prober.app.cli.options import config_option, settings_from
from prober.app.exit_codes import ExitCode
from prober.app.sweeping import sweep_all
from prober.domain.errors import Fault
from prober.domain.reasons import Layer
from prober.flow.sweep import Swept


@click.command()
@config_option
def sweep(config_file: Path) -> int:
    """Removes orphans: our own sessions whose run died before it could tear down.

    An orphan bears all of our labels, and the deadline that its run wrote on it is past. Nothing else is touched: not
    sessions of others, not ours without a deadline that can be read, not objects that an orphan leaves behind, which
    are named. Looks into every namespace that the configuration's targets use, and waits for what it removed to be
    gone; an orphan that does not go is a failure.
    """
    settings = settings_from(config_file)
    configure_logging(stream=sys.stderr, json=not sys.stderr.isatty(), level="warning")
    swept = asyncio.run(sweep_all(settings, environ=os.environ, clock=SystemClock()))
    for (cluster, namespace), result in swept.items():
        _say(f"{cluster}/{namespace}", result)
    faults = [fault for result in swept.values() for fault in _faults(result)]
    if any(fault.layer is Layer.PROBER for fault in faults):
        return ExitCode.PROBER_ERROR
    return ExitCode.TARGET_FAILURE if faults else ExitCode.SUCCESS


def _faults(swept: Swept) -> list[Fault]:
    return [*swept.faults, *(remains.fault() for remains in swept.left)]


def _say(place: str, swept: Swept) -> None:
    for session in swept.removed:
        click.echo(f"{place}: removed {session.ref.name}")
    for gap in swept.gaps:
        click.echo(f"{place}: not looked at: {gap}")
    for fault in _faults(swept):
        click.echo(f"{place}: {fault.layer}/{fault.reason}: {fault.summary}", err=True)
    for session in (*swept.ending, *(session for session in swept.kept if session.deleting)):
        kept = f" (finalizers: {', '.join(session.finalizers)})" if session.finalizers else ""
        click.echo(f"{place}: {session.ref.name} is being deleted{kept}")
    click.echo(f"{place}: {len(swept.removed)} removed, {len(swept.kept)} of ours kept: their runs may live")
