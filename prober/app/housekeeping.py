"""What the service looks after beside its runs: orphans of other runs, the browser's processes."""

import asyncio

from prober.adapters.logs import event_log
from prober.adapters.metrics import Metrics
from prober.app.config.settings import Settings
from prober.app.sweeping import sweep_places
from prober.app.wiring import Prober
from prober.domain.session import RUN_ID_LABEL

SWEEP_EVERY_S = 300.0
"""How often orphans are looked for, in seconds: they hold desktops that users wait for, and a sweep is one list."""

COUNT_PROCESSES_EVERY_S = 15.0
"""How often the browser's processes are counted, in seconds: about a scrape interval."""


async def sweep_for_ever(settings: Settings, *, prober: Prober, metrics: Metrics) -> None:
    """Removes orphans, at once, then again and again."""
    while True:
        try:
            await _sweep(settings, prober=prober, metrics=metrics)
        except Exception:  # noqa: BLE001 - one sweep's defect must not end all sweeping
            event_log().exception("sweep_crashed")
        await asyncio.sleep(SWEEP_EVERY_S)


async def count_processes(prober: Prober, *, metrics: Metrics) -> None:
    """Counts the browser's processes again and again."""
    while True:
        metrics.browser_processes(await asyncio.to_thread(prober.browser.process_count))
        await asyncio.sleep(COUNT_PROCESSES_EVERY_S)


async def _sweep(settings: Settings, *, prober: Prober, metrics: Metrics) -> None:
    known = metrics.live_runs()
    swept = await sweep_places(settings, sessions=prober.clusters.sessions, clock=prober.clock)
    for (cluster, namespace), result in swept.items():
        metrics.orphans_deleted(result.removed)
        for session in result.removed:
            event_log().warning("orphan_removed", cluster=cluster, namespace=namespace, session=session.ref.name)
        for remains in result.left:
            metrics.objects_left(remains.session, remains.objects)
            summary = remains.fault().summary
            event_log().warning("orphan_left_objects", cluster=cluster, namespace=namespace, summary=summary)
        for fault in result.faults:
            event_log().warning("sweep_failed", cluster=cluster, namespace=namespace, summary=fault.summary)
    if not any(result.faults for result in swept.values()):
        there = {s.labels.get(RUN_ID_LABEL, "") for r in swept.values() for s in (*r.removed, *r.kept, *r.ending)}
        metrics.sessions_gone(known - there)
