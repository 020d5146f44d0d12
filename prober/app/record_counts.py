"""What there is to count of the records beside log and metrics: the history, the traces."""

from typing import Protocol


class RecordCounts(Protocol):
    """Counts what becomes of the records; must neither block nor raise."""

    def history_opened(self, *, set_aside: bool, in_memory: bool) -> None:
        """The history was opened: a file was set aside, or there is none and it lives in memory alone."""

    def history_failed(self, operation: str) -> None:
        """A run was lost (`write`), or the history could not be read (`read`) or shortened (`prune`)."""

    def tracing_active(self, *, active: bool) -> None:
        """Runs are sent to the collector that is configured, or cannot be."""

    def spans_lost(self, spans: int) -> None:
        """So many spans were not delivered; called from another thread too."""


class Uncounted(RecordCounts):
    """Counts nothing, for commands that nobody scrapes."""

    def history_opened(self, *, set_aside: bool, in_memory: bool) -> None:
        """Does nothing."""

    def history_failed(self, operation: str) -> None:
        """Does nothing."""

    def tracing_active(self, *, active: bool) -> None:
        """Does nothing."""

    def spans_lost(self, spans: int) -> None:
        """Does nothing."""
