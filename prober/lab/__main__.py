"""Lets `python -m prober.lab` serve a lab without the rest of the prober."""

import argparse
import asyncio
from functools import partial
from pathlib import Path

from prober.lab.faults import FAULTS, HEALTHY
from prober.lab.lock import LabRunningError
from prober.lab.serving import run_lab

USAGE_ERROR = 3
"""The exit code for what the caller has to mend, as the prober's own commands have it."""


def main() -> None:
    """Serves a lab as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m prober.lab", description="An embedded VDI platform.")
    parser.add_argument("--state", type=Path, required=True, help="where its files are written")
    parser.add_argument("--fault", choices=(HEALTHY, *FAULTS), default=HEALTHY, help="what is broken")
    parser.add_argument("--every", default="3m", help="interval between runs in prober.yaml")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    chosen = parser.parse_args()
    serving = run_lab(
        state=chosen.state,
        fault=chosen.fault,
        every=chosen.every,
        until_eof=chosen.until_eof,
        announce=partial(print, flush=True),
    )
    try:
        asyncio.run(serving)
    except LabRunningError as error:
        parser.exit(USAGE_ERROR, f"{error}\n")


if __name__ == "__main__":
    main()
