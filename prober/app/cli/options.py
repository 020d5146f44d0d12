"""Options that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from prober.app.config.load import load
from prober.app.config.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def config_option(command: F) -> F:
    """Adds `--config FILE`, which PROBER_CONFIG can stand in for."""
    option = click.option(
        "--config",
        "-c",
        "config_file",
        envvar="PROBER_CONFIG",
        required=True,
        show_envvar=True,
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The configuration file.",
    )
    return option(command)


def settings_from(config_file: Path) -> Settings:
    """Loads the configuration with this process's environment.

    Raises:
        ConfigurationError: With every problem of the file.
    """
    return load(config_file, environ=os.environ)
