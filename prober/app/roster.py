"""The targets that are probed now, known alike to the schedule, the metrics, the status page."""

from collections.abc import Awaitable, Callable

from prober.adapters.metrics import Metrics
from prober.adapters.schedule import FirstRun, Scheduler
from prober.app.config.fitting import nominal_interval_s
from prober.app.last_reports import LastReports
from prober.domain.ids import TargetName
from prober.domain.target import Schedule, Target


class Roster:
    """Takes targets on and off while the service runs.

    Args:
        scheduler: Begins their runs.
        metrics: Has their series.
        last: Has their last reports.
        probe: Runs one target once.
        first_run: When a target is probed first.
    """

    def __init__(
        self,
        *,
        scheduler: Scheduler,
        metrics: Metrics,
        last: LastReports,
        probe: Callable[[Target], Awaitable[object]],
        first_run: FirstRun,
    ) -> None:
        self._scheduler = scheduler
        self._metrics = metrics
        self._last = last
        self._probe = probe
        self._first_run = first_run
        self._targets: dict[TargetName, Target] = {}
        self._leaving: set[TargetName] = set()

    @property
    def names(self) -> tuple[TargetName, ...]:
        """Who is probed, in the order of joining."""
        return tuple(self._targets)

    def add(self, target: Target, *, schedule: Schedule) -> None:
        """Takes a target on; one of the same name is replaced, with its counts kept and a run under way left alone.

        Raises:
            ValueError: The schedule cannot be read.
        """
        self._leaving.discard(target.name)
        self._targets[target.name] = target
        self._metrics.add_target(target, interval_s=nominal_interval_s(schedule))
        self._last.add(target.name)
        self._scheduler.add(target.name, schedule=schedule, job=lambda: self._probe(target), first_run=self._first_run)

    def remove(self, name: TargetName) -> None:
        """Takes a target off: no further run begins, one under way ends as it would have.

        What is known of it stays until `settle` finds that no run of it is under way: its last run counts.
        """
        del self._targets[name]
        self._scheduler.remove(name)
        self._leaving.add(name)

    def settle(self) -> None:
        """Forgets the removed targets whose last run is over, series included."""
        for name in [name for name in self._leaving if not self._scheduler.running(name)]:
            self._leaving.discard(name)
            self._metrics.remove_target(name)
            self._last.remove(name)
