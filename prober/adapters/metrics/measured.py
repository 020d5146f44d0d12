"""What is measured of targets: a target may cost 400 series, with all of these together."""

from prober.adapters.metrics import buckets
from prober.adapters.metrics.declaration import WITH_TARGET, Declaration, counter, gauge, histogram, info

_LAST_RUN = "Before the target's first run, and after a run that the prober's own error ended."
_LAST_WEBRTC = (
    "When the browser did not say in the last run, which is so too when that got to no stream or ended by the prober's "
    "own error."
)
_NO_INPUT = "For a target that forbids input."

# --- Runs

RUNS = counter("vdi_probe_runs_total", "Runs by how they ended.", "target", "outcome")
FLAKY_RUNS = counter(
    "vdi_probe_flaky_runs_total", "Runs that failed, then passed when they were confirmed: successes.", "target"
)
FAILURES = counter(
    "vdi_probe_failures_total",
    "Attempts of runs that were no success, by what decided; layer prober is our own fault.",
    "target",
    "step",
    "layer",
    "reason",
    absent="Until a target fails in that way. Past 64 ways of one target further ones are counted by layer alone.",
)
RUN_DURATION = histogram(
    "vdi_probe_run_duration_seconds", "Duration of successful runs, teardown included.", "target", buckets=buckets.RUN
)
STEP_DURATION = histogram(
    "vdi_probe_step_duration_seconds",
    "Duration of successful steps, in runs that say something of the target.",
    "target",
    "step",
    buckets=buckets.STEP,
    absent="Step input of a target that forbids input.",
)
STEP_FAILURES = counter(
    "vdi_probe_step_failures_total",
    "Steps that the target failed.",
    "target",
    "step",
    absent="Step input of a target that forbids input.",
)
SUCCESS = gauge(
    "vdi_probe_success", "Whether the last run succeeded (1) or the target failed (0).", "target", absent=_LAST_RUN
)
DEGRADED = gauge("vdi_probe_degraded", "Whether the last run succeeded with warnings (1).", "target", absent=_LAST_RUN)
LAST_RUN = gauge(
    "vdi_probe_last_run_timestamp_seconds",
    "When the last run ended, by the wall clock.",
    "target",
    absent="Before the target's first run since the prober's start.",
)
LAST_SUCCESS = gauge(
    "vdi_probe_last_success_timestamp_seconds",
    "When the last successful run ended.",
    "target",
    absent="Before the target's first success since the prober's start.",
)
BLACKBOX_SUCCESS = gauge(
    "probe_success",
    "The same as vdi_probe_success, under the blackbox exporter's name.",
    "target",
    absent=_LAST_RUN,
)
BLACKBOX_DURATION = gauge(
    "probe_duration_seconds",
    "Duration of the last run that said something of the target.",
    "target",
    absent=_LAST_RUN,
)

# --- Starts and objectives

SESSION_START = histogram(
    "vdi_probe_session_start_seconds",
    "From asking for a desktop to its first frame that is not blank, as a user waits.",
    "target",
    buckets=buckets.SESSION_START,
)
SESSION_STARTS = counter(
    "vdi_probe_session_starts_total",
    "Desktops that showed a first frame, by whether that was as soon as the objective wants.",
    "target",
    "speed",
    absent="For a target without the objective start_time.",
)
OBJECTIVE = gauge(
    "vdi_probe_objective_ratio",
    "Share of runs (availability) or of starts (start_time) that is to be good.",
    "target",
    "objective",
    absent="For an objective that the configuration switches off.",
)
START_OBJECTIVE = gauge(
    "vdi_probe_start_objective_seconds",
    "How soon a desktop is to be there for a start to be on time.",
    "target",
    absent="For a target without the objective start_time.",
)

# --- WebRTC

CONNECTIONS = counter(
    "vdi_probe_webrtc_connections_total", "Attempts to connect WebRTC, by outcome.", "target", "outcome"
)
FIRST_FRAME = histogram(
    "vdi_probe_webrtc_time_to_first_frame_seconds",
    "From the page's navigation to the first frame that is not blank.",
    "target",
    buckets=buckets.FIRST_FRAME,
)
ICE_CONNECT = histogram(
    "vdi_probe_webrtc_ice_connect_seconds", "ICE from checking to connected.", "target", buckets=buckets.CONNECTING
)
DTLS = histogram("vdi_probe_webrtc_dtls_seconds", "From ICE to DTLS connected.", "target", buckets=buckets.CONNECTING)
SIGNALLING = histogram(
    "vdi_probe_webrtc_signalling_seconds",
    "From the first sign of signalling to the other side's session description.",
    "target",
    buckets=buckets.CONNECTING,
)
ROUND_TRIP = histogram(
    "vdi_probe_webrtc_round_trip_time_seconds",
    "Round-trip time of the selected candidate pair, a run's mean.",
    "target",
    buckets=buckets.ROUND_TRIP,
)
JITTER = histogram(
    "vdi_probe_webrtc_jitter_seconds", "RTP jitter, a run's worst sample.", "target", buckets=buckets.JITTER
)
JITTER_BUFFER = histogram(
    "vdi_probe_webrtc_jitter_buffer_delay_seconds",
    "Time a frame waits in the jitter buffer, a run's mean.",
    "target",
    buckets=buckets.JITTER_BUFFER,
)
INPUT_LATENCY = histogram(
    "vdi_probe_webrtc_input_latency_seconds",
    "From an input event to changed pixels, a run's median.",
    "target",
    buckets=buckets.INPUT,
    absent=_NO_INPUT,
)
FRAME_RATE = gauge(
    "vdi_probe_webrtc_frames_per_second",
    "Rendered frames per second under a stimulus, last run.",
    "target",
    absent=_LAST_WEBRTC,
)
PACKET_LOSS = gauge(
    "vdi_probe_webrtc_packet_loss_ratio", "Packets lost of packets sent, last run.", "target", absent=_LAST_WEBRTC
)
FRAMES_DROPPED = gauge(
    "vdi_probe_webrtc_frames_dropped_ratio",
    "Frames dropped of frames received, last run.",
    "target",
    absent=_LAST_WEBRTC,
)
FREEZE = gauge(
    "vdi_probe_webrtc_freeze_ratio", "Share of the window spent frozen, last run.", "target", absent=_LAST_WEBRTC
)
BITRATE = gauge(
    "vdi_probe_webrtc_bitrate_bits_per_second", "Video bitrate received, last run.", "target", absent=_LAST_WEBRTC
)
FRAME_HEIGHT = gauge(
    "vdi_probe_webrtc_frame_height_pixels", "Height of the picture, last run.", "target", absent=_LAST_WEBRTC
)
PATH = info(
    "vdi_probe_webrtc_path_info",
    "Network path, codec and transport of the last run.",
    "target",
    facts=("local_candidate", "remote_candidate", "protocol", "relay_protocol", "codec", "transport"),
    absent="When the last run got to no connection, or ended by the prober's own error.",
)

# --- Exposure, teardown, target

CERTIFICATE_EXPIRY = gauge(
    "vdi_probe_certificate_expiry_timestamp_seconds",
    "When the URL's certificate ends, as last seen.",
    "target",
    absent="Until a run got an answer from the URL by TLS.",
)
SESSIONS_LIVE = gauge(
    "vdi_probe_sessions_live",
    "Sessions that this prober created and has not seen gone.",
    "target",
    absent=WITH_TARGET,
)
ORPHANS_DELETED = counter("vdi_probe_orphans_deleted_total", "Sessions of dead runs that were deleted.", "target")
CHILDREN_LEFT = counter(
    "vdi_probe_children_left_total",
    "What was left of a session at the end of its run, by kind.",
    "target",
    "kind",
    absent="A kind beyond the platform's own, until one is left. Past 8 kinds of one target further ones are other.",
)
TARGET = info(
    "vdi_probe_target_info",
    "What a target is.",
    "target",
    facts=("cluster", "namespace", "template", "client", "network_path"),
    absent=WITH_TARGET,
)
INTERVAL = gauge(
    "vdi_probe_target_interval_seconds",
    "Time between two due runs, a cron expression's longest, jitter left out.",
    "target",
    absent="For a cron expression that never has two runs.",
)
RUNS_SKIPPED = counter("vdi_prober_runs_skipped_total", "Due runs that did not begin.", "target", "reason")

METRICS = tuple(value for value in tuple(globals().values()) if isinstance(value, Declaration))
"""All of the above, in that order."""
