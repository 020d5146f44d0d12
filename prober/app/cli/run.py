"""`prober run`."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import click

from prober.adapters.logs import LogObserver, configure_logging
from prober.adapters.redaction import Redactor
from prober.app.choosing import Choice, UnknownTargetError, choose
from prober.app.cli.options import config_option, settings_from
from prober.app.config.settings import Settings
from prober.app.exit_codes import exit_code, outcome_of
from prober.app.junit import junit
from prober.app.observers import CrashLog, Quiet, Reports
from prober.app.once import run_once
from prober.app.progress import Progress
from prober.domain.report import RunReport, as_dict
from prober.domain.target import Target
from prober.flow.ports import Observer

_TEXT, _JSON, _JUNIT = "text", "json", "junit"


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@config_option
@click.option(
    "--output",
    "-o",
    type=click.Choice([_TEXT, _JSON, _JUNIT]),
    default=_TEXT,
    show_default=True,
    help="text: a line a step, as it goes. json: the report of each run, one object a line. junit: one XML document at"
    " the end, a suite a target, a case a step.",
)
@click.option("--verbose", "-v", is_flag=True, help="Log what the prober does, to standard error.")
def run(targets: tuple[str, ...], config_file: Path, output: str, *, verbose: bool) -> int:
    """Probes each TARGET of the configuration once.

    A target that discovers stands for all that it finds; NAME-TEMPLATE is one of them.

    The whole flow is run: create, running, url, login, connect, first_frame, stream, input, terminate, cleanup. Ctrl-C
    ends the session and cleans up before the command ends.

    \b
    Examples:
      prober run ubuntu-desktop --config prober.yaml
      prober run ubuntu-desktop -c prober.yaml -o json | jq .reason
      prober run ubuntu-desktop -c prober.yaml -o junit > vdi.xml
    """  # noqa: D301 - click reads the backslash as: do not wrap what follows
    settings = settings_from(config_file)
    choices = _choices(settings, targets)
    redactor = configure_logging(
        stream=sys.stderr, json=not sys.stderr.isatty(), level="debug" if verbose else "warning"
    )
    reports = Reports()
    shown = _shown(output, redactor)
    # What a run came to is on standard output already: the log has it when it is asked for.
    watchers = (shown, reports, LogObserver(redactor=redactor) if verbose else CrashLog())
    faults = asyncio.run(
        run_once(settings, choices=choices, environ=os.environ, redactor=redactor, watchers=watchers, say=_say)
    )
    if output == _JUNIT:
        click.echo(junit(reports.collected, faults=faults, redact=redactor.text))
    return exit_code([*(report.outcome for report in reports.collected), *map(outcome_of, faults)])


def _choices(settings: Settings, names: tuple[str, ...]) -> tuple[Choice, ...]:
    try:
        return choose(settings, names)
    except UnknownTargetError as error:
        raise click.BadParameter(str(error)) from None


class _JsonLines(Quiet):
    """Prints each report as one line of JSON."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def run_finished(self, target: Target, report: RunReport) -> None:  # noqa: ARG002 - the port's signature
        """Prints the report."""
        click.echo(json.dumps(self._redactor.mapping(as_dict(report))))


def _shown(output: str, redactor: Redactor) -> Observer:
    """Returns what shows the runs as they go; of JUnit nothing is to be seen before all are over."""
    match output:
        case "json":
            return _JsonLines(redactor)
        case "junit":
            return Quiet()
        case _:
            return _progress(redactor)


def _progress(redactor: Redactor) -> Progress:
    return Progress(
        live=sys.stdout.isatty(),
        write=lambda text: click.echo(redactor.text(text), nl=False),
        width=shutil.get_terminal_size(fallback=(100, 24)).columns,
    )


def _say(line: str) -> None:
    click.echo(line, err=True)
