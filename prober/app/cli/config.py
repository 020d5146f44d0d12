"""`prober check config` and `prober config schema`."""

import json
from pathlib import Path

import click

from prober.app.cli.options import settings_from
from prober.app.config.schema import json_schema
from prober.app.config.settings import DiscoverySetting


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
def schema() -> None:
    """Prints the configuration's JSON Schema, for editors."""
    click.echo(json.dumps(json_schema(), indent=2))
