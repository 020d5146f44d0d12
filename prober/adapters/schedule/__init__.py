"""When runs begin: APScheduler as the clock, everything else our own.

`triggers` turns a schedule into due times. `scheduler` begins what is due, counts what cannot begin, and ends in order.
What a run is does not matter here.
"""

from prober.adapters.schedule.scheduler import FirstRun, Scheduler
from prober.adapters.schedule.triggers import check_schedule

__all__ = ["FirstRun", "Scheduler", "check_schedule"]
