"""Every metric of the prober, declared once.

`vdi_probe_` is what is measured, `vdi_prober_` the prober itself, `probe_` the blackbox exporter's names for
dashboards that know them. Base units; counters end in `_total`. A target's metrics have the label `target` first;
what else a target is sits on `vdi_probe_target_info` alone. A target may cost 400 series, so a bucket must earn its
place: each row of buckets says what it is for.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The exposition formats' metric types that are used here."""

    COUNTER = "counter"
    """Only grows, from 0 at the prober's start."""
    GAUGE = "gauge"
    """The value of now, or of the last run; absent where there is none."""
    HISTOGRAM = "histogram"
    """Observations in cumulative buckets."""
    INFO = "info"
    """Facts as labels, the value is always 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One metric.

    Attributes:
        name: As exposed, suffixes `_total` and `_info` included.
        kind: Its type.
        help: One sentence for the exposition and the docs.
        labels: Label names, `target` first where it is a target's. An info metric's facts come on top.
        buckets: Upper bounds of a histogram's buckets, in the metric's unit; the infinite one is implied.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def unit(self) -> str:
        """The base unit, read from the name; empty where there is none."""
        return next((unit for unit in _UNITS if self.name.endswith(f"_{unit}")), "")


_UNITS = ("bits_per_second", "frames_per_second", "seconds", "ratio", "pixels", "bytes")
"""Longest first, for `bits_per_second` ends in a unit's name too."""

# --- Buckets, in seconds

_RUN = (10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0)
"""A healthy run is its 10 s window and a few seconds more; all default budgets together are just under 300 s."""
_STEP = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0)
"""Every step's default budget (10, 15, 30, 60) is an edge, so are the platform's promises (10, 30); 120 is for
targets with raised budgets."""
_FIRST_FRAME = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 30.0)
"""Users notice seconds; 30 s is the step's budget, 10 s the usual expectation."""
_CONNECTING = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
"""A few round trips on a good path, seconds where a pair of addresses is retried; 15 s is the step's budget."""
_ROUND_TRIP = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0)
"""Edges at the warning (100 ms) and failing (250 ms) thresholds."""
_JITTER = (0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)
"""Edges at the warning (30 ms) and failing (200 ms) thresholds."""
_JITTER_BUFFER = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
"""Edges at the warning (100 ms) and failing (500 ms) thresholds."""
_INPUT = (0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""Edges at the platform's promise (50 ms), the warning (150 ms) and the failing (300 ms) threshold; 1 s is a miss."""
_SESSION_START = (5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 180.0)
"""Edges at the platform's promises (10, 30, 60); the default budgets up to the first frame together are 175 s."""
_DELAY = (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Milliseconds when idle; seconds and minutes are spent waiting for a place, at most 300 s."""
_LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Measured times are off by the lag: from 50 ms on that is what separates two verdicts."""


def _counter(name: str, text: str, *labels: str) -> Declaration:
    return Declaration(name=name, kind=Kind.COUNTER, help=text, labels=labels)


def _gauge(name: str, text: str, *labels: str) -> Declaration:
    return Declaration(name=name, kind=Kind.GAUGE, help=text, labels=labels)


def _histogram(name: str, text: str, *labels: str, buckets: tuple[float, ...]) -> Declaration:
    return Declaration(name=name, kind=Kind.HISTOGRAM, help=text, labels=labels, buckets=buckets)


def _info(name: str, text: str, *labels: str) -> Declaration:
    return Declaration(name=name, kind=Kind.INFO, help=text, labels=labels)


# --- Runs

RUNS = _counter("vdi_probe_runs_total", "Runs by how they ended.", "target", "outcome")
FLAKY_RUNS = _counter(
    "vdi_probe_flaky_runs_total", "Runs that failed, then passed when they were confirmed: successes.", "target"
)
FAILURES = _counter(
    "vdi_probe_failures_total",
    "Attempts of runs that were no success, by what decided; layer prober is our own fault.",
    "target",
    "step",
    "layer",
    "reason",
)
RUN_DURATION = _histogram(
    "vdi_probe_run_duration_seconds", "Duration of successful runs, teardown included.", "target", buckets=_RUN
)
STEP_DURATION = _histogram(
    "vdi_probe_step_duration_seconds", "Duration of successful steps.", "target", "step", buckets=_STEP
)
STEP_FAILURES = _counter("vdi_probe_step_failures_total", "Steps that the target failed.", "target", "step")
SUCCESS = _gauge(
    "vdi_probe_success",
    "Whether the last run succeeded (1) or the target failed (0); absent after our error.",
    "target",
)
DEGRADED = _gauge(
    "vdi_probe_degraded", "Whether the last run succeeded with warnings (1); absent after our error.", "target"
)
LAST_RUN = _gauge("vdi_probe_last_run_timestamp_seconds", "When the last run ended, by the wall clock.", "target")
LAST_SUCCESS = _gauge("vdi_probe_last_success_timestamp_seconds", "When the last successful run ended.", "target")
BLACKBOX_SUCCESS = _gauge(
    "probe_success", "The same as vdi_probe_success, under the blackbox exporter's name.", "target"
)
BLACKBOX_DURATION = _gauge(
    "probe_duration_seconds", "Duration of the last run that said something of the target.", "target"
)

# --- WebRTC

CONNECTIONS = _counter(
    "vdi_probe_webrtc_connections_total", "Attempts to connect WebRTC, by outcome.", "target", "outcome"
)
FIRST_FRAME = _histogram(
    "vdi_probe_webrtc_time_to_first_frame_seconds",
    "From the page's navigation to the first frame that is not blank.",
    "target",
    buckets=_FIRST_FRAME,
)
ICE_CONNECT = _histogram(
    "vdi_probe_webrtc_ice_connect_seconds", "ICE from checking to connected.", "target", buckets=_CONNECTING
)
DTLS = _histogram("vdi_probe_webrtc_dtls_seconds", "From ICE to DTLS connected.", "target", buckets=_CONNECTING)
SIGNALLING = _histogram(
    "vdi_probe_webrtc_signalling_seconds",
    "From the first sign of signalling to the other side's session description.",
    "target",
    buckets=_CONNECTING,
)
ROUND_TRIP = _histogram(
    "vdi_probe_webrtc_round_trip_time_seconds",
    "Round-trip time of the selected candidate pair, a run's mean.",
    "target",
    buckets=_ROUND_TRIP,
)
JITTER = _histogram("vdi_probe_webrtc_jitter_seconds", "RTP jitter, a run's worst sample.", "target", buckets=_JITTER)
JITTER_BUFFER = _histogram(
    "vdi_probe_webrtc_jitter_buffer_delay_seconds",
    "Time a frame waits in the jitter buffer, a run's mean.",
    "target",
    buckets=_JITTER_BUFFER,
)
INPUT_LATENCY = _histogram(
    "vdi_probe_webrtc_input_latency_seconds",
    "From an input event to changed pixels, a run's median.",
    "target",
    buckets=_INPUT,
)
FRAME_RATE = _gauge(
    "vdi_probe_webrtc_frames_per_second", "Rendered frames per second under a stimulus, last run.", "target"
)
PACKET_LOSS = _gauge("vdi_probe_webrtc_packet_loss_ratio", "Packets lost of packets sent, last run.", "target")
FRAMES_DROPPED = _gauge(
    "vdi_probe_webrtc_frames_dropped_ratio", "Frames dropped of frames received, last run.", "target"
)
FREEZE = _gauge("vdi_probe_webrtc_freeze_ratio", "Share of the window spent frozen, last run.", "target")
BITRATE = _gauge("vdi_probe_webrtc_bitrate_bits_per_second", "Video bitrate received, last run.", "target")
FRAME_HEIGHT = _gauge("vdi_probe_webrtc_frame_height_pixels", "Height of the picture, last run.", "target")
PATH = _info("vdi_probe_webrtc_path_info", "Network path, codec and transport of the last run.", "target")

# --- Exposure, teardown, target

CERTIFICATE_EXPIRY = _gauge(
    "vdi_probe_certificate_expiry_timestamp_seconds", "When the URL's certificate ends, as last seen.", "target"
)
SESSIONS_LIVE = _gauge("vdi_probe_sessions_live", "Sessions that this prober created and has not seen gone.", "target")
ORPHANS_DELETED = _counter("vdi_probe_orphans_deleted_total", "Sessions of dead runs that were deleted.", "target")
CHILDREN_LEFT = _counter(
    "vdi_probe_children_left_total", "What was left of a session at the end of its run, by kind.", "target", "kind"
)
TARGET = _info("vdi_probe_target_info", "What a target is.", "target")
INTERVAL = _gauge(
    "vdi_probe_target_interval_seconds",
    "Time between two due runs, a cron expression's longest, jitter left out.",
    "target",
)

# --- Objectives

OBJECTIVE = _gauge(
    "vdi_probe_objective_ratio",
    "Share of runs (availability) or starts (start_time) that is to be good.",
    "target",
    "objective",
)
START_OBJECTIVE = _gauge(
    "vdi_probe_start_objective_seconds", "How soon a desktop is to be there for a start to be on time.", "target"
)
SESSION_START = _histogram(
    "vdi_probe_session_start_seconds",
    "From asking for a desktop to its first frame that is not blank, as a user waits.",
    "target",
    buckets=_SESSION_START,
)
SESSION_STARTS = _counter(
    "vdi_probe_session_starts_total",
    "Desktops that showed a first frame, by whether that was as soon as the objective wants.",
    "target",
    "speed",
)

# --- The prober itself

BUILD = _info("vdi_prober_build_info", "Which prober this is.")
CONFIG_SUCCESSFUL = _gauge(
    "vdi_prober_config_last_reload_successful", "Whether the last attempt to load the configuration succeeded (1)."
)
CONFIG_TIMESTAMP = _gauge(
    "vdi_prober_config_last_reload_success_timestamp_seconds", "When the configuration was last loaded with success."
)
RUNS_IN_FLIGHT = _gauge("vdi_prober_runs_in_flight", "Runs under way.")
RUNS_SKIPPED = _counter("vdi_prober_runs_skipped_total", "Due runs that did not begin.", "target", "reason")
DISCOVERY_TARGETS = _gauge(
    "vdi_prober_discovery_targets", "Targets made of the templates found; absent before the first list.", "discovery"
)
DISCOVERY_LEFT_OUT = _gauge(
    "vdi_prober_discovery_left_out", "Templates found that are not probed, by why.", "discovery", "reason"
)
DISCOVERY_FAILURES = _counter(
    "vdi_prober_discovery_failures_total", "Attempts to list templates that failed; targets stay.", "discovery"
)
DISCOVERY_LAST_SUCCESS = _gauge(
    "vdi_prober_discovery_last_success_timestamp_seconds", "When templates were last listed.", "discovery"
)
SCHEDULE_DELAY = _histogram(
    "vdi_prober_schedule_delay_seconds", "From when a run was due to when it began.", buckets=_DELAY
)
LOOP_LAG = _histogram(
    "vdi_prober_event_loop_lag_seconds", "How much later than asked the event loop wakes a timer.", buckets=_LAG
)
BROWSER_LAUNCHES = _counter("vdi_prober_browser_launches_total", "Launches of the browser, by outcome.", "outcome")
BROWSER_PROCESSES = _gauge("vdi_prober_browser_processes", "Processes of the browser.")
SELF_CHECKS = _counter("vdi_prober_self_checks_total", "Checks of the browser by itself, by outcome.", "outcome")
SWEEP_FAILURES = _counter(
    "vdi_prober_sweep_failures_total", "Sweeps of a namespace for orphans that could not look or not remove all."
)
HISTORY_FAILURES = _counter(
    "vdi_prober_history_failures_total",
    "Runs that the history lost (write), and attempts to read it or to forget old runs that failed.",
    "operation",
)
HISTORY_SET_ASIDE = _counter(
    "vdi_prober_history_set_aside_total", "History files that could not be read and were set aside for a new one."
)
HISTORY_IN_MEMORY = _gauge(
    "vdi_prober_history_in_memory", "Whether the history is kept in memory alone (1), since its file cannot be used."
)
TRACING_ACTIVE = _gauge(
    "vdi_prober_tracing_active", "Whether runs are sent to the collector (1), or cannot be for want of a header (0)."
)
SPANS_LOST = _counter("vdi_prober_trace_spans_lost_total", "Spans that no collector took.")
EVIDENCE_KEPT = _counter("vdi_prober_evidence_kept_total", "Runs whose evidence was kept.")
EVIDENCE_FAILURES = _counter(
    "vdi_prober_evidence_failures_total", "Attempts to keep evidence, or to remove what is too much, that failed."
)
EVIDENCE_REMOVED = _counter("vdi_prober_evidence_removed_total", "Runs whose evidence was removed by retention.")
EVIDENCE_SIZE = _gauge("vdi_prober_evidence_bytes", "How much all kept evidence takes, as last listed.")

CATALOG = tuple(value for value in tuple(globals().values()) if isinstance(value, Declaration))
"""All of the above, in that order."""
