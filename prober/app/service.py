"""The body of `prober serve`: every target on its schedule until it is told to stop.

All long-lived parts are made, named and joined in `serve`. At the end the schedule pauses, runs under way are
cancelled, which makes each of them tear down, and the service waits for them for at most the configuration's
`shutdown_grace`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from prober import __version__
from prober.adapters.logs import LogObserver, event_log
from prober.adapters.metrics import Metrics
from prober.adapters.redaction import Redactor
from prober.adapters.schedule import FirstRun, Scheduler
from prober.adapters.web import WebServer
from prober.app.background import background
from prober.app.config.settings import Settings
from prober.app.discovery import Discovery
from prober.app.housekeeping import count_processes, sweep_for_ever
from prober.app.last_reports import LastReports
from prober.app.observers import Observers
from prober.app.records import open_records
from prober.app.roster import Roster
from prober.app.run_ids import new_run_id
from prober.app.wiring import Prober, open_prober
from prober.domain.errors import ProberFailed
from prober.domain.ids import TargetName
from prober.domain.outcomes import SkipReason, Trigger
from prober.domain.reasons import Reason
from prober.domain.target import Target
from prober.flow.ports import Observer


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
    metrics, log, last = Metrics(version=__version__), LogObserver(redactor=redactor), LastReports()

    def skipped(name: TargetName, reason: SkipReason) -> None:
        metrics.skipped(name, reason)
        log.skipped(name, reason)

    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(
            open_records(settings, environ=environ, redactor=redactor, counts=metrics)
        )
        last.remember(await records.last_reports())
        prober = await stack.enter_async_context(
            open_prober(
                settings,
                environ=environ,
                redactor=redactor,
                observer=Observers([metrics, log, last, *records.observers, *watch.observers]),
                on_launch=metrics.browser_launched,
                on_self_check=metrics.self_checked,
                evidence_counts=metrics,
                on_loop_lag=metrics.loop_lag,
            )
        )
        metrics.config_loaded(ok=True, at=prober.clock.now())
        scheduler = Scheduler(
            capacity=settings.concurrency, on_skipped=skipped, on_delay=metrics.schedule_delay, on_crashed=_run_crashed
        )
        roster = Roster(
            scheduler=scheduler,
            metrics=metrics,
            last=last,
            probe=partial(_probe, prober),
            first_run=watch.first_run,
        )
        discovery = Discovery(
            settings, templates=prober.clusters.templates, roster=roster, metrics=metrics, clock=prober.clock
        )
        web = WebServer(
            host=settings.web.host,
            port=settings.web.port,
            metrics=metrics.render,
            why_not_ready=lambda: "shutting down" if stop.is_set() else None,
            reports=last.reports,
            discoveries=discovery.states,
            redact=redactor.text,
            version=__version__,
        )
        for setting in settings.targets:
            roster.add(setting.target, schedule=setting.schedule)
        await discovery.refresh()  # before the first scrape, so that it has the series of what is found
        await web.start()
        try:
            async with background(
                sweep=sweep_for_ever(settings, prober=prober, metrics=metrics),
                discovery=discovery.follow(),
                processes=count_processes(prober, metrics=metrics),
            ):
                await prober.warm_up()
                scheduler.start()
                event_log().info("serving", url=web.url, targets=list(map(str, roster.names)))
                watch.started(web.url)
                await stop.wait()
                await _wind_down(scheduler, settings)
        finally:
            await scheduler.stop()
            await web.stop()


async def _wind_down(scheduler: Scheduler, settings: Settings) -> None:
    """Lets runs under way end by themselves while the grace has room for it, then has them torn down."""
    grace_s = settings.shutdown_grace_s
    teardown_s = max(target.budgets.teardown() for target in settings.patterns())
    event_log().info("stopping", shutdown_grace_s=grace_s, teardown_s=teardown_s)
    scheduler.pause()
    try:
        async with asyncio.timeout(grace_s):
            await scheduler.drain(timeout_s=grace_s - teardown_s)
            await scheduler.cancel_running()
    except TimeoutError:
        summary = f"runs were still tearing down after {grace_s:g} s: their sessions are left to `prober sweep`"
        raise ProberFailed.because(Reason.DEADLINE_EXCEEDED, summary) from None


async def _probe(prober: Prober, target: Target) -> None:
    await prober.runner.run(target, run_id=new_run_id(), trigger=Trigger.SCHEDULE)


def _run_crashed(name: TargetName, error: Exception) -> None:
    event_log().error("run_crashed", target=name, exc_info=error)
