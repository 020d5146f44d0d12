"""How the prober itself fares, as its parts tell it."""

import platform
from datetime import datetime

from prober.adapters.metrics import own
from prober.adapters.metrics.instruments import Instruments
from prober.domain.discovery import Expansion, LeftOut
from prober.domain.ids import TargetName
from prober.domain.outcomes import Outcome

LAUNCHED, NOT_LAUNCHED = Outcome.SUCCESS, Outcome.ERROR
"""How a launch of the browser ends; a browser that does not start is our own fault."""

SOUND, UNSOUND = Outcome.SUCCESS, Outcome.ERROR
"""How a check of the browser ends; one that cannot do WebRTC is our own fault."""

OPERATIONS = ("read", "write", "prune")
"""What can go wrong with the history."""


class OwnMetrics:
    """Counts what it is told of the prober itself.

    Args:
        instruments: The metrics.
        version: The prober's version.
    """

    def __init__(self, instruments: Instruments, *, version: str) -> None:
        self._instruments = instruments
        instruments.describe(own.BUILD, {"version": version, "python": platform.python_version()})
        for outcome in (LAUNCHED, NOT_LAUNCHED):
            instruments.reveal(own.BROWSER_LAUNCHES, outcome)
        for outcome in (SOUND, UNSOUND):
            instruments.reveal(own.SELF_CHECKS, outcome)
        for operation in OPERATIONS:
            instruments.reveal(own.HISTORY_FAILURES, operation)

    def add_discovery(self, name: TargetName) -> None:
        """Makes the series of a discovering target exist, as far as they say something before the first list."""
        self._instruments.reveal(own.DISCOVERY_FAILURES, name)

    def discovered(self, name: TargetName, expansion: Expansion, *, at: datetime) -> None:
        """Sets what a discovering target found, and when."""
        instruments, causes = self._instruments, list(expansion.left_out.values())
        instruments.set(own.DISCOVERY_TARGETS, len(expansion.targets), name)
        for cause in LeftOut:
            instruments.set(own.DISCOVERY_LEFT_OUT, causes.count(cause), name, cause)
        instruments.set(own.DISCOVERY_LAST_SUCCESS, at.timestamp(), name)

    def discovery_failed(self, name: TargetName) -> None:
        """Counts an attempt to list templates that failed; what was found before stays."""
        self._instruments.count(own.DISCOVERY_FAILURES, name)

    def schedule_delay(self, seconds: float) -> None:
        """Observes by how much a run began later than it was due."""
        self._instruments.observe(own.SCHEDULE_DELAY, seconds)

    def loop_lag(self, seconds: float) -> None:
        """Observes by how much the event loop was late."""
        self._instruments.observe(own.LOOP_LAG, seconds)

    def browser_launched(self, outcome: str) -> None:
        """Counts a launch of the browser; whatever is not `success` counts as `error`."""
        self._instruments.count(own.BROWSER_LAUNCHES, LAUNCHED if outcome == LAUNCHED else NOT_LAUNCHED)

    def self_checked(self, outcome: str) -> None:
        """Counts a check of the browser; whatever is not `success` counts as `error`."""
        self._instruments.count(own.SELF_CHECKS, SOUND if outcome == SOUND else UNSOUND)

    def browser_processes(self, number: int) -> None:
        """Sets how many processes the browser has."""
        self._instruments.set(own.BROWSER_PROCESSES, number)

    def evidence_kept(self) -> None:
        """Counts a run whose evidence was kept."""
        self._instruments.count(own.EVIDENCE_KEPT)

    def evidence_failed(self) -> None:
        """Counts an attempt to keep evidence, or to remove what is too much, that failed."""
        self._instruments.count(own.EVIDENCE_FAILURES)

    def evidence_removed(self) -> None:
        """Counts a run whose evidence was removed."""
        self._instruments.count(own.EVIDENCE_REMOVED)

    def evidence_size(self, size: int) -> None:
        """Sets how much all kept evidence takes, in bytes."""
        self._instruments.set(own.EVIDENCE_SIZE, size)

    def config_loaded(self, *, ok: bool, at: datetime) -> None:
        """Sets whether the configuration was loaded, and when it last was."""
        self._instruments.set(own.CONFIG_SUCCESSFUL, float(ok))
        if ok:
            self._instruments.set(own.CONFIG_TIMESTAMP, at.timestamp())

    def sweep_failed(self) -> None:
        """Counts a sweep of a namespace that could not look there, or not remove what it found."""
        self._instruments.count(own.SWEEP_FAILURES)

    def history_failed(self, operation: str) -> None:
        """Counts a run that the history lost (`write`), an attempt to `read` it or to `prune` it that failed."""
        self._instruments.count(own.HISTORY_FAILURES, operation)

    def history_opened(self, *, set_aside: bool, in_memory: bool) -> None:
        """Counts a file that was set aside, and sets whether the history is in memory alone."""
        self._instruments.count(own.HISTORY_SET_ASIDE, by=int(set_aside))
        self._instruments.set(own.HISTORY_IN_MEMORY, float(in_memory))

    def tracing_active(self, *, active: bool) -> None:
        """Sets whether runs are sent to the collector that is configured."""
        self._instruments.set(own.TRACING_ACTIVE, float(active))

    def spans_lost(self, spans: int) -> None:
        """Counts spans that no collector took; any thread may call it."""
        self._instruments.count(own.SPANS_LOST, by=spans)
