"""Lets `python -m prober.lab` serve a lab without the rest of the prober."""

import argparse
import asyncio
from functools import partial
from pathlib import Path

from prober.domain.transport import NetworkPolicy
from prober.lab.cluster.choice import Foreign
from prober.lab.cluster.errors import ClusterError
from prober.lab.fault import FaultError
from prober.lab.faults import HEALTHY, SEPARATOR, UnnoticedFaultError
from prober.lab.kinds import DesktopKind
from prober.lab.lock import LabRunningError
from prober.lab.platform import NAMESPACE, Lab
from prober.lab.selkies.programs import MissingProgramsError
from prober.lab.serving import run_lab
from prober.lab.turn.server import TurnError

USAGE_ERROR = 3
"""The exit code for what the caller has to mend, as the prober's own commands have it."""

MENDABLE = (
    FaultError,
    UnnoticedFaultError,
    LabRunningError,
    ClusterError,
    TurnError,
    MissingProgramsError,
)
"""What the caller can mend; the message says how."""


def main() -> None:
    """Serves a lab as the arguments say."""
    parser = _parser()
    chosen = parser.parse_args()
    if chosen.context and not chosen.kubeconfig:
        parser.exit(USAGE_ERROR, "--context needs --kubeconfig\n")
    try:
        lab = _lab(chosen)
        asyncio.run(run_lab(lab, until_eof=chosen.until_eof, announce=partial(print, flush=True)))
    except MENDABLE as error:
        parser.exit(USAGE_ERROR, f"{error}\n")


def _lab(chosen: argparse.Namespace) -> Lab:
    return Lab(
        state=chosen.state,
        fault=SEPARATOR.join(chosen.fault or (HEALTHY,)),
        every=chosen.every,
        namespace=chosen.namespace,
        cluster=Foreign(kubeconfig=chosen.kubeconfig, context=chosen.context) if chosen.kubeconfig else None,
        path=chosen.path,
        desktop=chosen.desktop,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m prober.lab", description="A VDI platform for tests.")
    parser.add_argument("--state", type=Path, required=True, help="where its files are written")
    parser.add_argument("--fault", action="append", help="what is broken; given again, or with commas, all of it")
    parser.add_argument("--every", default="3m", help="interval between runs in prober.yaml")
    parser.add_argument("--kubeconfig", type=Path, help="a real cluster to work in, instead of an embedded one")
    parser.add_argument("--context", help="the context of --kubeconfig; its current one without")
    parser.add_argument("--namespace", default=NAMESPACE, help="where sessions are made")
    parser.add_argument(
        "--path", type=NetworkPolicy, choices=list(NetworkPolicy), help="network path; as the fault wants it without"
    )
    parser.add_argument(
        "--desktop", type=DesktopKind, choices=list(DesktopKind), default=DesktopKind.SYNTHETIC, help="kind of desktop"
    )
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    return parser


if __name__ == "__main__":
    main()
