"""The last report of each target, for the status page."""

from collections.abc import Iterable, Mapping

from prober.app.observers import Quiet
from prober.domain.ids import TargetName
from prober.domain.report import RunReport
from prober.domain.target import Target


class LastReports(Quiet):
    """Keeps one report a target, of the targets that it was told of."""

    def __init__(self) -> None:
        self._reports: dict[TargetName, RunReport | None] = {}
        self._remembered: dict[TargetName, RunReport] = {}

    def remember(self, reports: Iterable[RunReport]) -> None:
        """Takes the last reports of a time before, for targets that are added from now on."""
        self._remembered = {report.target: report for report in reports}

    def add(self, name: TargetName) -> None:
        """Makes room for a target; the report of one that is known stays."""
        self._reports.setdefault(name, self._remembered.pop(name, None))

    def remove(self, name: TargetName) -> None:
        """Forgets a target; a run of it that still ends is not kept."""
        self._reports.pop(name, None)

    def run_finished(self, target: Target, report: RunReport) -> None:
        """Keeps the report in the place of the one before."""
        if target.name in self._reports:
            self._reports[target.name] = report

    def reports(self) -> Mapping[TargetName, RunReport | None]:
        """Returns the reports, `None` for a target without a run yet."""
        return dict(self._reports)
