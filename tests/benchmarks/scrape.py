"""How long a scrape of many targets takes: `make bench`.

The exposition is asked for over HTTP on loopback, as Prometheus asks for it: by another process, from the server that
`prober serve` has.
Between two scrapes as many runs end as do in 15 s of 200 targets with an interval of 5 minutes. No test: a figure of a
machine, which docs/metrics.md states.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from prober.adapters.metrics import Metrics
from prober.adapters.web import WebServer
from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.domain.target import Target
from tests.adapters.reporting import make_failure, make_report, make_target

ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
"""What Prometheus sends."""

SCRAPE_EVERY_S = 15
INTERVAL_S = 300


def _say(text: str) -> None:
    print(text)  # noqa: T201 - the point of a benchmark


def _fed(number: int) -> tuple[Metrics, Sequence[Target]]:
    """Returns the metrics of targets that each have failed once and succeeded once."""
    metrics = Metrics(version="benchmark")
    targets = [make_target(f"target-{place:03}") for place in range(number)]
    for target in targets:
        metrics.add_target(target, interval_s=INTERVAL_S)
        metrics.run_finished(target, make_failure(Reason.ICE_FAILED, StepName.CONNECT, target=target.name))
        metrics.run_finished(target, make_report(target=target.name))
    return metrics, targets


_SCRAPER = """
import http.client, sys, time
host, port, accept = sys.argv[1:]
for _ in sys.stdin:
    begin = time.perf_counter()
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    connection.request("GET", "/metrics", headers={"Accept": accept})
    size = len(connection.getresponse().read())
    print(time.perf_counter() - begin, size, flush=True)
    connection.close()
"""


class _Scraper:
    """Another process that scrapes when it is told to."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, url: str) -> Self:
        """Starts the process."""
        there = urlsplit(url)
        command = [sys.executable, "-c", _SCRAPER, str(there.hostname), str(there.port), ACCEPT]
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))

    async def scrape(self) -> tuple[float, int]:
        """Scrapes once; returns how long it took, in seconds, and how many bytes came."""
        asking, answering = self._process.stdin, self._process.stdout
        if asking is None or answering is None:
            raise RuntimeError("the process was started without its pipes")
        asking.write(b"\n")
        await asking.drain()
        took, size = (await answering.readline()).split()
        return float(took), int(size)

    async def end(self) -> None:
        """Ends the process."""
        await self._process.communicate(b"")  # without input its standard input would stay open


async def _measure(number: int, *, scrapes: int) -> None:
    metrics, targets = _fed(number)
    runs = max(1, number * SCRAPE_EVERY_S // INTERVAL_S)
    server = WebServer(
        host="127.0.0.1",
        port=0,
        metrics=metrics.render,
        why_not_ready=lambda: None,
        reports=dict,
        discoveries=tuple,
        redact=lambda text: text,
        version="benchmark",
    )
    await server.start()
    try:
        scraper = await _Scraper.start(server.url)
        first, size = await scraper.scrape()
        took = []
        for scrape in range(scrapes):
            for place in range(runs):
                target = targets[(scrape * runs + place) % number]
                metrics.run_finished(target, make_report(target=target.name))
            took.append((await scraper.scrape())[0])
        await scraper.end()
    finally:
        await server.stop()
    lines = metrics.render(ACCEPT)[0].count(b"\n")
    _say(f"{number} targets, {lines} lines, {size / 1e6:.1f} MB, {runs} runs between two scrapes, {scrapes} scrapes")
    _say(
        f"median {statistics.median(took) * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms, first {first * 1000:.0f} ms"
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--scrapes", type=int, default=50)
    chosen = parser.parse_args()
    asyncio.run(_measure(chosen.targets, scrapes=chosen.scrapes))


if __name__ == "__main__":
    main()
