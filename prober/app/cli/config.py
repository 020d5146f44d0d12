"""`prober check config` and `prober config schema`."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from prober.app.cli.options import settings_from
from prober.app.config.fitting import overlaps
from prober.app.config.schema import json_schema
from prober.app.config.settings import DiscoverySetting, Settings
from prober.app.failure_trace_schema import failure_trace_schema


@click.group()
def check() -> None:
    """Checks things before they are used."""


@check.command("config")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def check_config(file: Path) -> None:
    """Checks a configuration FILE whole.

    Names every error at once, each with its line, its path, what is wrong and how to mend it; exits with 3 if there is
    one. Nothing is connected to, no secret is read: of targets that are discovered it says where they will come from.
    """
    settings = settings_from(file)
    names = [setting.target.name for setting in settings.targets]
    found = [f"{len(names)} target(s): {', '.join(names)}"] if names else []
    found += map(_discovered, settings.discoveries)
    click.echo(f"{file}: ok: {'; '.join(found)}")
    for note in _notes(settings):
        click.echo(f"note: {note}", err=True)


def _notes(settings: Settings) -> Iterator[str]:
    """Yields what is no error and may surprise; what several targets share is said once."""
    keeping_s = settings.evidence.limit_s if settings.evidence else None
    said: dict[str, list[str]] = {}
    timed = [(setting.target, setting.schedule) for setting in settings.targets]
    timed += [(discovery.pattern, discovery.schedule) for discovery in settings.discoveries]
    for target, schedule in timed:
        note = overlaps(target, schedule=schedule, keeping_s=keeping_s)
        if note is not None:
            said.setdefault(note, []).append(target.name)
    yield from (f"{', '.join(names)}: {note}" for note, names in said.items())


def _discovered(discovery: DiscoverySetting) -> str:
    pattern = discovery.pattern
    which = f"each VDITemplate with {discovery.selector}" if discovery.selector else "each VDITemplate"
    return (
        f"discovered at runtime: {pattern.name}-TEMPLATE for {which} in cluster {pattern.session.cluster},"
        f" at most {discovery.limit}"
    )


@click.group()
def config() -> None:
    """Tells about the configuration."""


@config.command("schema")
@click.option(
    "--failure-trace", is_flag=True, help="Print the schema of failure traces instead: what a run_failed event carries."
)
def schema(*, failure_trace: bool) -> None:
    """Prints the configuration's JSON Schema, for editors.

    \b
    Examples:
      prober config schema > prober.schema.json
      prober config schema --failure-trace > failure-trace.schema.json
    """  # noqa: D301 - click reads the backslash as: do not wrap what follows
    click.echo(json.dumps(failure_trace_schema() if failure_trace else json_schema(), indent=2))
