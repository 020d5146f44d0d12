"""The history of runs, in an SQLite file that survives the prober.

Belongs here: what is kept of a run, for how long, what happens when the file is broken. All of SQLite happens in one
thread of the history's own: nothing here blocks the event loop, nothing here decides how a run ends.
"""

from prober.adapters.history.file import Opening
from prober.adapters.history.history import HistoryCorruptError, HistoryError, RunHistory

__all__ = ["HistoryCorruptError", "HistoryError", "Opening", "RunHistory"]
