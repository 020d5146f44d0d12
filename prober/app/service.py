"""The body of `prober serve`: every target on its schedule until it is told to stop.

All long-lived parts are made, named and joined in `serve`. At the end the schedule pauses, runs under way are
cancelled, which makes each of them tear down, and the service waits for them for at most the configuration's
`shutdown_grace`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from prober import __version__
from prober.adapters.health import LoopLag
from prober.adapters.logs import LogObserver, event_log
from prober.adapters.metrics import Metrics
from prober.adapters.redaction import Redactor
from prober.adapters.schedule import FirstRun, Scheduler
from prober.adapters.web import WebServer
from prober.app.config.settings import Settings, TargetSetting
from prober.app.last_reports import LastReports
from prober.app.observers import Observers
from prober.app.run_ids import new_run_id
from prober.app.sweeping import sweep_places
from prober.app.wiring import Prober, open_prober
from prober.domain.errors import ProberFailed
from prober.domain.ids import TargetName
from prober.domain.outcomes import SkipReason, Trigger
from prober.domain.reasons import Reason
from prober.domain.session import RUN_ID_LABEL
from prober.flow.ports import Observer

SWEEP_EVERY_S = 300.0
"""How often orphans are looked for, in seconds: they hold desktops that users wait for, and a sweep is one list."""

COUNT_PROCESSES_EVERY_S = 15.0
"""How often the browser's processes are counted, in seconds: about a scrape interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who else looks at the service.

    Attributes:
        observers: Hear of each run as it goes.
        started: Called with the URL of the HTTP side once everything runs.
        first_run: When each target is probed first.
    """

    observers: Sequence[Observer] = ()
    started: Callable[[str], None] = lambda _: None
    first_run: FirstRun = FirstRun.STAGGERED


async def serve(
    settings: Settings,
    *,
    environ: Mapping[str, str],
    redactor: Redactor,
    stop: asyncio.Event,
    watch: Watch,
) -> None:
    """Probes every target on its schedule until `stop` is set, then tears down.

    Args:
        settings: The configuration.
        environ: The environment.
        redactor: Is told every secret that is read.
        stop: Ends the service.
        watch: Who else looks at it.

    Raises:
        OSError: The HTTP side's address cannot be listened on.
        ProberFailed: `deadline_exceeded` when runs were still tearing down at the end of the grace.
    """
    metrics, log, last = Metrics(version=__version__), LogObserver(), LastReports(settings)
    observers = Observers([metrics, log, last, *watch.observers])

    def skipped(name: TargetName, reason: SkipReason) -> None:
        metrics.skipped(name, reason)
        log.skipped(name, reason)

    async with open_prober(
        settings, environ=environ, redactor=redactor, observer=observers, on_launch=metrics.browser_launched
    ) as prober:
        metrics.config_loaded(ok=True, at=prober.clock.now())
        scheduler = Scheduler(
            capacity=settings.concurrency, on_skipped=skipped, on_delay=metrics.schedule_delay, on_crashed=_run_crashed
        )
        web = WebServer(
            host=settings.web.host,
            port=settings.web.port,
            metrics=metrics.render,
            why_not_ready=lambda: "shutting down" if stop.is_set() else None,
            reports=last.reports,
            redact=redactor.text,
            version=__version__,
        )
        for setting in settings.targets:
            metrics.add_target(setting.target)
            scheduler.add(
                setting.target.name,
                schedule=setting.schedule,
                job=_job(prober, setting),
                first_run=watch.first_run,
            )
        await web.start()
        try:
            async with _background(
                sweep=_sweep_for_ever(settings, prober=prober, metrics=metrics),
                processes=_count_processes(prober, metrics=metrics),
                loop_lag=LoopLag(report=metrics.loop_lag).run(),
            ):
                await prober.warm_up()
                scheduler.start()
                event_log().info("serving", url=web.url, targets=[str(s.target.name) for s in settings.targets])
                watch.started(web.url)
                await stop.wait()
                await _wind_down(scheduler, settings)
        finally:
            await scheduler.stop()
            await web.stop()


async def _wind_down(scheduler: Scheduler, settings: Settings) -> None:
    """Lets runs under way end by themselves while the grace has room for it, then has them torn down."""
    grace_s = settings.shutdown_grace_s
    teardown_s = max(setting.target.budgets.teardown() for setting in settings.targets)
    event_log().info("stopping", shutdown_grace_s=grace_s, teardown_s=teardown_s)
    scheduler.pause()
    try:
        async with asyncio.timeout(grace_s):
            await scheduler.drain(timeout_s=grace_s - teardown_s)
            await scheduler.cancel_running()
    except TimeoutError:
        summary = f"runs were still tearing down after {grace_s:g} s: their sessions are left to `prober sweep`"
        raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary) from None


def _job(prober: Prober, setting: TargetSetting) -> Callable[[], Coroutine[Any, Any, object]]:
    return lambda: prober.runner.run(setting.target, run_id=new_run_id(), trigger=Trigger.SCHEDULE)


async def _sweep_for_ever(settings: Settings, *, prober: Prober, metrics: Metrics) -> None:
    while True:
        try:
            await _sweep(settings, prober=prober, metrics=metrics)
        except Exception:  # noqa: BLE001 - one sweep's defect must not end all sweeping
            event_log().exception("sweep_crashed")
        await asyncio.sleep(SWEEP_EVERY_S)


async def _sweep(settings: Settings, *, prober: Prober, metrics: Metrics) -> None:
    known = metrics.live_runs()
    swept = await sweep_places(settings, sessions=prober.clusters.sessions, clock=prober.clock)
    for (cluster, namespace), result in swept.items():
        metrics.orphans_deleted(result.removed)
        for session in result.removed:
            event_log().warning("orphan_removed", cluster=cluster, namespace=namespace, session=session.ref.name)
        for fault in result.faults:
            event_log().warning("sweep_failed", cluster=cluster, namespace=namespace, summary=fault.summary)
    if not any(result.faults for result in swept.values()):
        there = {s.labels.get(RUN_ID_LABEL, "") for r in swept.values() for s in (*r.removed, *r.kept, *r.ending)}
        metrics.sessions_gone(known - there)


async def _count_processes(prober: Prober, *, metrics: Metrics) -> None:
    while True:
        metrics.browser_processes(await asyncio.to_thread(prober.browser.process_count))
        await asyncio.sleep(COUNT_PROCESSES_EVERY_S)


@asynccontextmanager
async def _background(**loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs eternal loops beside the block; one that ends by itself is a logged fault with its name."""
    tasks = [asyncio.create_task(loop, name=name) for name, loop in loops.items()]
    for task in tasks:
        task.add_done_callback(_background_ended)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _background_ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        event_log().error("background_task_ended", task=task.get_name(), exc_info=task.exception())


def _run_crashed(name: TargetName, error: Exception) -> None:
    event_log().error("run_crashed", target=name, exc_info=error)
