"""The last report of each target, for the status page."""

from collections.abc import Mapping

from prober.app.config.settings import Settings
from prober.app.observers import Quiet
from prober.domain.ids import TargetName
from prober.domain.report import RunReport
from prober.domain.target import Target


class LastReports(Quiet):
    """Keeps one report a target."""

    def __init__(self, settings: Settings) -> None:
        self._reports: dict[TargetName, RunReport | None] = {s.target.name: None for s in settings.targets}

    def run_finished(self, target: Target, report: RunReport) -> None:
        """Keeps the report in the place of the one before."""
        self._reports[target.name] = report

    def reports(self) -> Mapping[TargetName, RunReport | None]:
        """Returns the reports, `None` for a target without a run yet."""
        return dict(self._reports)
