"""`prober lab` and `prober demo`: the embedded platform, alone or with the service on it."""

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path

import click

from prober.adapters.logs import configure_logging
from prober.app.config.models.fields import DNS_LABEL
from prober.app.exit_codes import ExitCode, exit_code
from prober.domain.transport import NetworkPolicy

_STATE = click.Path(path_type=Path, file_okay=False)
_FAULT_HELP = "What is broken: one of the lab's faults; a wrong name lists them. Given again, all of them at once."
_SYNTHETIC, _SELKIES = _KINDS = ("synthetic", "selkies")  # DesktopKind; an image without the lab has to have help too
_DESKTOP_HELP = "What sessions show: a WebRTC peer of the lab's own, or real Selkies servers, which need more programs."
_ADDRESS_HELP = "Where synthetic desktops listen; for probers in Pods, an address of this machine that they reach."
_PATHS = [policy.value for policy in NetworkPolicy]
_PATH_HELP = (
    "Which network path the media takes; relay starts a TURN server (coturn). "
    "Without it: relay for the faults of TURN, any otherwise."
)


@click.command()
@click.option(
    "--state", type=_STATE, default=".lab", show_default=True, help="Where kubeconfig and prober.yaml are written."
)
@click.option("--fault", "faults", multiple=True, metavar="NAME", help=_FAULT_HELP)
@click.option("--desktop", type=click.Choice(_KINDS), default=_SYNTHETIC, show_default=True, help=_DESKTOP_HELP)
@click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A real cluster to work in, instead of an embedded API.",
)
@click.option("--context", metavar="NAME", help="The context of --kubeconfig; without it, the file's current one.")
@click.option("--path", type=click.Choice(_PATHS), help=_PATH_HELP)
@click.option("--namespace", default="vdi", show_default=True, metavar="NAME", help="Where sessions are made.")
@click.option("--address", default="127.0.0.1", show_default=True, metavar="IPV4", help=_ADDRESS_HELP)
def lab(
    *,
    state: Path,
    faults: tuple[str, ...],
    desktop: str,
    kubeconfig: Path | None,
    context: str | None,
    path: str | None,
    namespace: str,
    address: str,
) -> int:
    """Runs a VDI platform on this machine: on an embedded Kubernetes API, or on a real cluster.

    A VDI operator and WebRTC desktops on loopback, to point `prober run`, `prober serve` or kubectl at. Prints
    `lab ready` once a session could be served; Ctrl-C ends it with everything in it.

    \b
    In another terminal:
      prober run ubuntu-desktop --config .lab/prober.yaml
      kubectl --kubeconfig .lab/kubeconfig get vdi --watch

    With --desktop selkies each session is a real remote desktop: an X server, a window manager, Selkies.

    With --kubeconfig the operator serves one namespace of that cluster, where no other operator may serve
    sessions. What the lab makes there (the platform's kinds, the namespace, a template) it takes away at its end;
    what was there before stays.
    """  # noqa: D301 - click reads the backslash as: do not wrap what follows
    with _lab_extra():
        from prober.lab.cluster.choice import Foreign  # noqa: PLC0415 - an extra that production leaves out
        from prober.lab.cluster.errors import ClusterError  # noqa: PLC0415 - as above
        from prober.lab.kinds import DesktopKind  # noqa: PLC0415 - as above
        from prober.lab.lock import LabRunningError  # noqa: PLC0415 - as above
        from prober.lab.operator.client import ApiError  # noqa: PLC0415 - as above
        from prober.lab.platform import Lab  # noqa: PLC0415 - as above
        from prober.lab.serving import run_lab  # noqa: PLC0415 - as above
        from prober.lab.turn.server import TurnError  # noqa: PLC0415 - as above
    fault = _together(faults)
    policy = None if path is None else NetworkPolicy(path)
    _check_desktop(desktop, fault=fault, path=policy, own_cluster=kubeconfig is None)
    _check_namespace(namespace)
    _check_address(address, desktop=desktop)
    if context and kubeconfig is None:
        raise click.BadParameter("needs --kubeconfig", param_hint="--context")
    cluster = None if kubeconfig is None else Foreign(kubeconfig=kubeconfig, context=context)
    platform = Lab(
        state=state,
        fault=fault,
        namespace=namespace,
        cluster=cluster,
        path=policy,
        desktop=DesktopKind(desktop),
        address=address,
    )
    try:
        asyncio.run(run_lab(platform, announce=partial(print, flush=True)))
    except LabRunningError as error:
        raise click.BadParameter(f"{error}; end it, or choose another directory", param_hint="--state") from None
    except (ClusterError, TurnError) as error:
        raise click.ClickException(str(error)) from None
    except ApiError as error:
        click.echo(f"prober: the cluster refused what the lab needs: {error}", err=True)
        return ExitCode.PROBER_ERROR
    return ExitCode.SUCCESS


@click.command()
@click.option("--runs", type=click.IntRange(min=1), help="End after so many runs of each target; for ever without it.")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help=_FAULT_HELP)
@click.option("--desktop", type=click.Choice(_KINDS), default=_SYNTHETIC, show_default=True, help=_DESKTOP_HELP)
@click.option("--path", type=click.Choice(_PATHS), help=_PATH_HELP)
def demo(*, runs: int | None, faults: tuple[str, ...], desktop: str, path: str | None) -> int:
    """Runs the lab and the service together: the prober probes an embedded platform, again and again.

    With --runs its exit code is that of `prober run`.
    """
    with _lab_extra():
        from prober.app.demo import run_demo  # noqa: PLC0415 - needs the lab's extra
        from prober.lab.kinds import DesktopKind  # noqa: PLC0415 - as above
        from prober.lab.process import LabProcessError  # noqa: PLC0415 - as above
    fault = _together(faults)
    kind = DesktopKind(desktop)
    policy = None if path is None else NetworkPolicy(path)
    _check_desktop(desktop, fault=fault, path=policy, own_cluster=True)
    redactor = configure_logging(stream=sys.stdout, json=not sys.stdout.isatty(), level="info")
    say = partial(click.echo, err=True)
    try:
        outcomes = asyncio.run(
            run_demo(runs=runs, fault=fault, path=policy, desktop=kind, environ=os.environ, redactor=redactor, say=say)
        )
    except LabProcessError as error:
        click.echo(f"prober: {error}", err=True)
        return ExitCode.PROBER_ERROR
    if runs is None:
        return ExitCode.SUCCESS
    return exit_code(outcomes) if len(outcomes) >= runs else ExitCode.INTERRUPTED


def _together(faults: tuple[str, ...]) -> str:
    """Returns the faults as the lab knows them, by one name."""
    return ",".join(faults) or "none"


def _check_desktop(desktop: str, *, fault: str, path: NetworkPolicy | None, own_cluster: bool) -> None:
    from prober.lab.abilities import faults_of  # noqa: PLC0415 - an extra that production leaves out
    from prober.lab.fault import FaultError  # noqa: PLC0415 - as above
    from prober.lab.faults import UnnoticedFaultError, find_fault, path_for  # noqa: PLC0415 - as above
    from prober.lab.kinds import DesktopKind  # noqa: PLC0415 - as above
    from prober.lab.selkies.programs import MissingProgramsError, find_programs  # noqa: PLC0415 - as above

    try:
        find_fault(fault, among=faults_of(DesktopKind(desktop), own_cluster=own_cluster))
        path_for(fault, chosen=path)
    except FaultError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None
    except UnnoticedFaultError as error:
        raise click.BadParameter(str(error), param_hint="--path") from None
    if desktop == _SELKIES:
        try:
            find_programs()
        except MissingProgramsError as error:
            raise click.ClickException(str(error)) from None


def _check_namespace(name: str) -> None:
    if re.fullmatch(DNS_LABEL.pattern, name) is None:
        raise click.BadParameter(f"{name!r} {DNS_LABEL.problem}; {DNS_LABEL.mend}", param_hint="--namespace")


def _check_address(address: str, *, desktop: str) -> None:
    try:
        given = IPv4Address(address)
    except ValueError:
        raise click.BadParameter(f"{address!r} is no IPv4 address", param_hint="--address") from None
    if desktop == _SELKIES and not given.is_loopback:
        raise click.BadParameter("Selkies desktops are on loopback alone", param_hint="--address")


@contextmanager
def _lab_extra() -> Iterator[None]:
    """Turns a missing package of the lab into a message that says how to get it."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.startswith("prober") and missing != "prober.lab":
            raise
        if missing == "prober.lab":  # as in the image
            raise click.ClickException("this installation leaves the lab out: pip install 'vdi-prober[lab]'") from None
        raise click.ClickException(
            f"the lab needs packages that are not installed ({error.name}): pip install 'vdi-prober[lab]'"
        ) from error
