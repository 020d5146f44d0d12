"""A lab in a process of its own whose fault can be turned while it runs, which `prober lab` has no need of.

Each line on standard input names the fault that sessions have from now on that choose none themselves, `none` for
health; the end of standard input ends the lab. Its desktops are served over HTTPS, by a certificate near its end.
"""

import asyncio
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from prober.lab.platform import Lab
from prober.lab.serving import serve_lab

CERTIFICATE = timedelta(hours=20)
"""Near enough to its end for every alert on that."""


async def _serve(state: Path) -> None:
    lab = Lab(state=state, certificate=CERTIFICATE)
    stop = asyncio.Event()
    turning = asyncio.create_task(_turn(lab, stop), name="turning faults")
    await serve_lab(lab, announce=partial(print, flush=True), stop=stop)
    await turning


async def _turn(lab: Lab, stop: asyncio.Event) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        lab.faults.choose(line.strip())
    stop.set()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
