"""All rules, in groups."""

from prober.app.monitoring import own, seen, targets
from prober.app.monitoring.intervals import Window
from prober.app.monitoring.objectives import budgets, burning, counting, hourly, interval, remaining
from prober.app.monitoring.words import Alert, Group, Record

_NOW = frozenset({Window.BURST, Window.SHORT})
_DAYS = frozenset({Window.MEDIUM, Window.LONG})

GROUPS = (
    Group(
        name="vdi-prober-runs",
        interval="1m",
        rules=(
            interval(),
            seen.info(),
            *budgets(),
            *hourly(),
            *counting(_NOW),
            *burning(_NOW),
            *seen.failures(),
            *seen.starts(),
            *seen.degraded(),
        ),
    ),
    # What changes by the hour need not be looked at every minute; below Prometheus' lookback of 5 minutes all the same.
    Group(name="vdi-prober-days", interval="2m", rules=(*counting(_DAYS), *burning(_DAYS), *remaining())),
    Group(name="vdi-prober-targets", interval="1m", rules=targets.alerts()),
    Group(name="vdi-prober-itself", interval="1m", rules=own.alerts()),
)
"""Records first: an alert reads what was recorded before."""

RECORDS = tuple(rule for group in GROUPS for rule in group.rules if isinstance(rule, Record))
ALERTS = tuple(rule for group in GROUPS for rule in group.rules if isinstance(rule, Alert))
