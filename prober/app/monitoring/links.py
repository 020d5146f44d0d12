"""Where an alert leads: its part of the runbook, and a dashboard where there is one."""

from dataclasses import dataclass

from prober.app.monitoring.words import Alert

PROJECT = "https://github.com/vdi-prober/vdi-prober"
"""The project's place, as pyproject.toml has it."""
RUNBOOK = f"{PROJECT}/blob/main/docs/runbook.md"
"""The runbook that is written for these alerts."""

TARGET_DASHBOARD, PROBER_DASHBOARD = "vdi-prober-target", "vdi-prober-itself"
"""The uids of the dashboards about one target, and about the prober itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The beginnings of an alert's links.

    Attributes:
        runbook: The URL of the runbook; an alert's part of it follows as `#name`.
        grafana: The URL of the Grafana with the prober's dashboards; empty where there is none.
    """

    runbook: str = RUNBOOK
    grafana: str = ""

    def annotations(self, alert: Alert) -> dict[str, str]:
        """Returns the annotations that are links."""
        found = {"runbook_url": f"{self.runbook}#{alert.name.lower()}"}
        if self.grafana:
            found["dashboard_url"] = f"{self.grafana.rstrip('/')}/d/{_dashboard(alert)}"
        return found


def _dashboard(alert: Alert) -> str:
    if alert.name.startswith("VDIProber"):
        return PROBER_DASHBOARD
    return f"{TARGET_DASHBOARD}?var-target={{{{ $labels.target }}}}"
