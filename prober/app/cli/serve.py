"""`prober serve`."""

import asyncio
import os
import sys
from pathlib import Path

import click

from prober.adapters.logs import configure_logging
from prober.adapters.redaction import Redactor
from prober.app.cli.options import config_option, settings_from
from prober.app.config.settings import Settings
from prober.app.exit_codes import ExitCode
from prober.app.service import Watch
from prober.app.service import serve as serve_targets
from prober.app.signals import on_stop_signal


@click.command()
@config_option
@click.option("--verbose", "-v", is_flag=True, help="Log each step too.")
def serve(config_file: Path, *, verbose: bool) -> int:
    """Probes every target on its schedule, for ever.

    Metrics are on /metrics, one `run_finished` event a run is on standard output. SIGTERM and SIGINT end it: no further
    run begins, runs under way tear down, which takes at most the configuration's shutdown_grace.
    """
    settings = settings_from(config_file)
    redactor = configure_logging(stream=sys.stdout, json=not sys.stdout.isatty(), level="debug" if verbose else "info")
    asyncio.run(_serve(settings, redactor=redactor))
    return ExitCode.SUCCESS


async def _serve(settings: Settings, *, redactor: Redactor) -> None:
    stop = asyncio.Event()
    with on_stop_signal(lambda _: stop.set()):
        await serve_targets(settings, environ=os.environ, redactor=redactor, stop=stop, watch=Watch())
