"""The body of `prober run`: chosen targets, each once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from signal import Signals

from prober.adapters.redaction import Redactor
from prober.app.choosing import Choice, resolve
from prober.app.config.settings import Settings
from prober.app.observers import Observers
from prober.app.records import open_records
from prober.app.run_ids import new_run_id
from prober.app.signals import on_stop_signal
from prober.app.wiring import Prober, open_prober
from prober.domain.errors import Fault
from prober.domain.outcomes import Trigger
from prober.domain.target import Target
from prober.flow.ports import Observer


async def run_once(
    settings: Settings,
    *,
    choices: Sequence[Choice],
    environ: Mapping[str, str],
    redactor: Redactor,
    watchers: Sequence[Observer],
    say: Callable[[str], None],
) -> tuple[Fault, ...]:
    """Probes each target once, as many at a time as the configuration allows.

    Args:
        settings: The configuration.
        choices: Which targets.
        environ: The environment.
        redactor: Is told every secret that is read.
        watchers: Hear of each run as it goes.
        say: Called with each line for the user.

    A stop signal cancels what is under way; each run tears down before this returns.

    Returns:
        Why choices came to no target, which was said too.

    Raises:
        ProberFailed: A cluster's identity cannot be loaded.
    """
    async with (
        open_records(settings, environ=environ, redactor=redactor) as records,
        open_prober(
            settings, environ=environ, redactor=redactor, observer=Observers([*watchers, *records.observers])
        ) as prober,
    ):
        runs = asyncio.create_task(_run_all(prober, choices, settings=settings, say=say), name="runs")

        def stop(number: Signals) -> None:
            say(f"{number.name}: ending the session and cleaning up; at most {settings.shutdown_grace_s:g} s")
            runs.cancel()

        with on_stop_signal(stop):
            await asyncio.wait([runs])
        return () if runs.cancelled() else runs.result()


async def _run_all(
    prober: Prober, choices: Sequence[Choice], *, settings: Settings, say: Callable[[str], None]
) -> tuple[Fault, ...]:
    resolved = await resolve(choices, settings=settings, templates=prober.clusters.templates)
    for line in (*resolved.notes, *(f"{fault.layer}/{fault.reason}: {fault.summary}" for fault in resolved.faults)):
        say(line)
    if resolved.targets:
        await _run_each(prober, resolved.targets, limit=settings.concurrency)
    return resolved.faults


async def _run_each(prober: Prober, targets: Sequence[Target], *, limit: int) -> None:
    await prober.warm_up()
    places = asyncio.Semaphore(limit)

    async def one(target: Target) -> None:
        async with places:
            await prober.runner.run(target, run_id=new_run_id(), trigger=Trigger.MANUAL)

    async with asyncio.TaskGroup() as group:
        for target in targets:
            group.create_task(one(target), name=f"run {target.name}")
    if prober.evidence is not None:
        # The next command may be a day away.
        await prober.evidence.tidy_if_due()
