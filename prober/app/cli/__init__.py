"""The `prober` command.

Each command parses its arguments, calls one function of `prober.app`, and turns what comes back into output with an
exit code (`prober.app.exit_codes`). This package is where the process's environment and arguments are read.
"""

import sys

import click

from prober import __version__
from prober.adapters.logs import event_log
from prober.app.cli.config import check, config
from prober.app.cli.lab import demo, lab
from prober.app.cli.rules import rules
from prober.app.cli.run import run
from prober.app.cli.serve import serve
from prober.app.cli.sweep import sweep
from prober.app.config.problems import ConfigurationError
from prober.app.exit_codes import ExitCode
from prober.domain.errors import ProbeError

_EPILOG = """\b
Exit codes:
  0  success
  1  a target failed
  2  the prober itself failed
  3  the configuration or the command line is wrong
  130  interrupted, after the teardown
"""


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="vdi-prober")
def prober() -> None:
    """Probes Kubernetes VDI platforms as a real user would, and says whose fault a failure is.

    A run creates a VDISession, waits until it runs, opens its URL in a real browser, logs in, proves that a WebRTC
    desktop is shown and reacts, ends the session, and proves that nothing is left.

    To see it work with nothing but this machine: prober demo --runs 1
    """


def _add(group: click.Group, *commands: click.Command) -> None:
    """Adds the commands, each with the product's version, as those of a group within."""
    for command in commands:
        click.version_option(__version__, prog_name="vdi-prober")(command)
        group.add_command(command)
        if isinstance(command, click.Group):
            _add(command, *command.commands.values())


_add(prober, run, serve, demo, check, config, rules, sweep, lab)


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    try:
        code = prober.main(standalone_mode=False)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        code = ExitCode.USAGE
    except (ProbeError, OSError) as error:
        click.echo(f"prober: {error}", err=True)
        code = ExitCode.PROBER_ERROR
    except click.ClickException as error:
        error.show()
        code = ExitCode.USAGE
    except click.Abort:
        code = ExitCode.INTERRUPTED
    except Exception:  # noqa: BLE001 - whatever it was, exit code 1 would say that a target failed
        event_log().exception("internal_error")
        code = ExitCode.PROBER_ERROR
    sys.exit(int(code or ExitCode.SUCCESS))
