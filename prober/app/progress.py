"""Runs as they go, on a terminal or into a pipe."""

from collections.abc import Callable

import click

from prober.app.output import MARKS, report_lines, step_line
from prober.domain.ids import RunId
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.report import RunReport
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import Target
from prober.flow.ports import Observer


class Progress(Observer):
    """Prints a line per step; on a terminal the step under way shows too, where only one run goes on.

    Args:
        live: Whether the last line may be rewritten.
        write: Prints a text without adding a line end.
        width: How many characters a line has.
    """

    def __init__(self, *, live: bool, write: Callable[[str], None], width: int = 100) -> None:
        self._live = live
        self._write = write
        self._width = width
        self._running = 0

    def run_started(self, run_id: RunId, target: Target, trigger: Trigger) -> None:  # noqa: ARG002 - the port's
        """Prints which run it is."""
        self._running += 1
        self._line(f"{target.name}  {run_id}")

    def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:  # noqa: ARG002 - the port's
        """Shows the step that is under way."""
        if self._live and self._running == 1:
            self._write(f"\r\x1b[K  ...   {step}")

    def step_finished(self, run_id: RunId, target: Target, record: StepRecord) -> None:  # noqa: ARG002 - the port's
        """Prints the step with its time."""
        prefix = "" if self._running == 1 else f"[{target.name}] "
        self._line(self._coloured(prefix + step_line(record), record.outcome))

    def run_finished(self, target: Target, report: RunReport) -> None:  # noqa: ARG002 - the port's
        """Prints the verdict."""
        self._running -= 1
        self._line(self._coloured(report_lines(report, width=self._width), report.outcome))

    def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
        """Leaves the traceback to the log."""

    def _coloured(self, text: str, outcome: Outcome) -> str:
        return click.style(text, fg=MARKS[outcome][1]) if self._live and outcome is not Outcome.SUCCESS else text

    def _line(self, text: str) -> None:
        self._write(f"\r\x1b[K{text}\n" if self._live else f"{text}\n")
