"""What the service looks after beside its runs: orphans of other runs, the browser's processes."""

import asyncio
from collections.abc import Mapping

from prober.adapters.logs import event_log
from prober.adapters.metrics import Metrics
from prober.app.config.settings import Settings
from prober.app.sweeping import sweep_places
from prober.app.wiring import Prober
from prober.domain.ids import ClusterName
from prober.domain.reasons import Reason
from prober.domain.session import RUN_ID_LABEL
from prober.flow.creations import Place
from prober.flow.ports import Clock, Sessions
from prober.flow.sweep import Swept

SWEEP_EVERY_S = 300.0
"""How often orphans are looked for, in seconds: they hold desktops that users wait for, and a sweep is one list."""

COUNT_PROCESSES_EVERY_S = 15.0
"""How often the browser's processes are counted, in seconds: about a scrape interval."""


async def sweep_for_ever(settings: Settings, *, prober: Prober, metrics: Metrics) -> None:
    """Removes orphans, at once, then again and again."""
    while True:
        try:
            await sweep_once(settings, sessions=prober.clusters.sessions, clock=prober.clock, metrics=metrics)
        except Exception:  # noqa: BLE001 - one sweep's defect must not end all sweeping
            metrics.sweep_failed()
            event_log().exception("sweep_crashed")
        await asyncio.sleep(SWEEP_EVERY_S)


async def count_processes(prober: Prober, *, metrics: Metrics) -> None:
    """Counts the browser's processes again and again."""
    while True:
        metrics.browser_processes(await asyncio.to_thread(prober.browser.process_count))
        await asyncio.sleep(COUNT_PROCESSES_EVERY_S)


async def sweep_once(
    settings: Settings, *, sessions: Mapping[ClusterName, Sessions], clock: Clock, metrics: Metrics
) -> None:
    """Removes orphans; counts what is gone and tells what there is to do for somebody."""
    known = metrics.live_runs()
    swept = await sweep_places(settings, sessions=sessions, clock=clock)
    for place, result in swept.items():
        metrics.orphans_deleted(result.removed)
        for remains in result.left:
            metrics.objects_left(remains.session, remains.objects)
        if result.faults:
            metrics.sweep_failed()
        _tell(place, result)
    lists = [result.listed for result in swept.values() if result.listed is not None]
    if len(lists) == len(swept):
        metrics.sessions_gone(known - {session.labels.get(RUN_ID_LABEL, "") for there in lists for session in there})


def _tell(place: Place, swept: Swept) -> None:
    cluster, namespace = place
    log = event_log().bind(cluster=cluster, namespace=namespace)
    for session in swept.removed:
        log.warning("orphan_removed", session=session.ref.name)
    for remains in swept.left:
        log.warning("orphan_left_objects", summary=remains.fault().summary)
    for fault in swept.faults:
        stuck = fault.reason is Reason.FINALIZER_STUCK
        log.warning("orphan_stuck" if stuck else "sweep_failed", summary=fault.summary)
    for gap in swept.gaps:
        log.warning("sweep_gap", summary=gap)
