"""How the prober itself fares."""

from prober.adapters.metrics import buckets
from prober.adapters.metrics.declaration import NEVER, Declaration, counter, gauge, histogram, info

_BEFORE_LIST = "Before the discovering target's first list of templates."

BUILD = info("vdi_prober_build_info", "Which prober this is.", facts=("version", "python"), absent=NEVER)
CONFIG_SUCCESSFUL = gauge(
    "vdi_prober_config_last_reload_successful",
    "Whether the last attempt to load the configuration succeeded (1).",
    absent=NEVER,
)
CONFIG_TIMESTAMP = gauge(
    "vdi_prober_config_last_reload_success_timestamp_seconds",
    "When the configuration was last loaded with success.",
    absent=NEVER,
)
RUNS_IN_FLIGHT = gauge("vdi_prober_runs_in_flight", "Runs under way.", absent=NEVER)
SCHEDULE_DELAY = histogram(
    "vdi_prober_schedule_delay_seconds",
    "From when a run was due to when it began.",
    buckets=buckets.DELAY,
    absent=NEVER,
)
LOOP_LAG = histogram(
    "vdi_prober_event_loop_lag_seconds",
    "How much later than asked the event loop wakes a timer.",
    buckets=buckets.LAG,
    absent=NEVER,
)

# --- Discovery

DISCOVERY_TARGETS = gauge(
    "vdi_prober_discovery_targets", "Targets made of the templates found.", "discovery", absent=_BEFORE_LIST
)
DISCOVERY_LEFT_OUT = gauge(
    "vdi_prober_discovery_left_out",
    "Templates found that are not probed, by why.",
    "discovery",
    "reason",
    absent=_BEFORE_LIST,
)
DISCOVERY_FAILURES = counter(
    "vdi_prober_discovery_failures_total",
    "Attempts to list templates that failed; targets stay.",
    "discovery",
    absent="Where no target discovers.",
)
DISCOVERY_LAST_SUCCESS = gauge(
    "vdi_prober_discovery_last_success_timestamp_seconds",
    "When templates were last listed.",
    "discovery",
    absent=_BEFORE_LIST,
)

# --- The browser

BROWSER_LAUNCHES = counter(
    "vdi_prober_browser_launches_total", "Launches of the browser, by outcome.", "outcome", absent=NEVER
)
BROWSER_PROCESSES = gauge(
    "vdi_prober_browser_processes", "Processes of the browser.", absent="Until they are counted, at the start."
)
SELF_CHECKS = counter(
    "vdi_prober_self_checks_total",
    "Checks of the browser against itself, one after each launch, by outcome.",
    "outcome",
    absent=NEVER,
)

# --- What is kept and told elsewhere

SWEEP_FAILURES = counter(
    "vdi_prober_sweep_failures_total",
    "Sweeps of a namespace for orphans that could not look there, or not remove what they found.",
    absent=NEVER,
)
EVIDENCE_KEPT = counter("vdi_prober_evidence_kept_total", "Runs whose evidence was kept.", absent=NEVER)
EVIDENCE_FAILURES = counter(
    "vdi_prober_evidence_failures_total",
    "Attempts to keep evidence, or to remove what is too much, that failed.",
    absent=NEVER,
)
EVIDENCE_REMOVED = counter(
    "vdi_prober_evidence_removed_total", "Runs whose evidence was removed by retention.", absent=NEVER
)
EVIDENCE_SIZE = gauge(
    "vdi_prober_evidence_bytes",
    "How much all kept evidence takes, as last listed.",
    absent="Until it is listed; where none is kept.",
)
HISTORY_FAILURES = counter(
    "vdi_prober_history_failures_total",
    "Runs that the history lost (write), and attempts to read it or to forget old runs (prune) that failed.",
    "operation",
    absent=NEVER,
)
HISTORY_SET_ASIDE = counter(
    "vdi_prober_history_set_aside_total",
    "History files that could not be read and were set aside for a new one.",
    absent=NEVER,
)
HISTORY_IN_MEMORY = gauge(
    "vdi_prober_history_in_memory",
    "Whether the history is kept in memory alone (1), since its file cannot be used.",
    absent="Where no history is kept.",
)
TRACING_ACTIVE = gauge(
    "vdi_prober_tracing_active",
    "Whether runs are sent to the collector (1), or not for want of a header's secret (0).",
    absent="Where no collector is configured.",
)
SPANS_LOST = counter("vdi_prober_trace_spans_lost_total", "Spans that no collector took.", absent=NEVER)

METRICS = tuple(value for value in tuple(globals().values()) if isinstance(value, Declaration))
"""All of the above, in that order."""
