"""`prober check config` and `prober config schema`."""

import json
from pathlib import Path

import click

from prober.app.cli.options import settings_from
from prober.app.config.schema import json_schema


@click.group()
def check() -> None:
    """Checks things before they are used."""


@check.command("config")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def check_config(file: Path) -> None:
    """Checks a configuration FILE whole.

    Names every error at once, each with its line, its path, what is wrong and how to mend it; exits with 3 if there is
    one. Nothing is connected to, no secret is read.
    """
    settings = settings_from(file)
    targets = ", ".join(setting.target.name for setting in settings.targets)
    click.echo(f"{file}: ok: {len(settings.targets)} target(s): {targets}")


@click.group()
def config() -> None:
    """Tells about the configuration."""


@config.command("schema")
def schema() -> None:
    """Prints the configuration's JSON Schema, for editors."""
    click.echo(json.dumps(json_schema(), indent=2))
