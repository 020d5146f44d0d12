"""Panels that stand on more than one page."""

from prober.app.dashboards.limits import VERDICTS, above, any_is_bad, below
from prober.app.dashboards.panels import bars, gauges, graph, timeline
from prober.app.dashboards.parts import Json, Query
from prober.app.dashboards.promql import CELL, growth, latest, of_target, start_budget_left, verdict


def verdicts(*, height: int) -> Json:
    """Returns what the last run said of each target, over time."""
    return timeline(
        "Verdict of the last run",
        "Each target over time. A gap is a time without a verdict: no run yet, or an error of the prober's own.",
        Query(expr=verdict(), legend="{{target}}"),
        mappings=VERDICTS,
        height=height,
    )


def runs_by_outcome(*, width: int) -> Json:
    """Returns how runs ended."""
    return bars(
        "Runs, by outcome",
        "How runs ended: success and failure say something of the target, error is our own fault, skipped ones never "
        "began, cancelled ones were stopped.",
        Query(expr=growth(of_target("vdi_probe_runs_total"), "outcome", over=CELL), legend="{{outcome}}"),
        width=width,
    )


def sessions_live(*, width: int) -> Json:
    """Returns the sessions that are up."""
    return graph(
        "Sessions live",
        "Sessions that the prober made and has not seen gone. One that stays up between runs is an orphan.",
        Query(expr=f"sum by (target) ({of_target('vdi_probe_sessions_live')})", legend="{{target}}"),
        unit="none",
        width=width,
    )


def left_behind(*, width: int) -> Json:
    """Returns what outlived its session."""
    left, orphans = of_target("vdi_probe_children_left_total"), of_target("vdi_probe_orphans_deleted_total")
    return bars(
        "What sessions left behind",
        "Objects that outlived their session, by kind, and sessions of dead runs that the sweep deleted.",
        [
            Query(expr=growth(left, "kind", over=CELL), legend="left: {{kind}}"),
            Query(expr=growth(orphans, "target", over=CELL), legend="{{target}}: orphans deleted"),
        ],
        limits=any_is_bad(),
        width=width,
    )


def start_budget(*, width: int) -> Json:
    """Returns what is left of the budgets of late starts."""
    return gauges(
        "Error budget left, start time",
        "Share of the budget of late starts that is left of the shown time; below 0 the objective is missed. A start "
        "that never showed a frame is no late one: it failed. Empty without an objective for the start.",
        Query(expr=start_budget_left(), legend="{{target}}", instant=True),
        unit="percentunit",
        limits=below(0.25, 0),
        width=width,
        at_most=1,
    )


def frames_per_second(*, width: int) -> Json:
    """Returns the frame rates."""
    return graph(
        "Frames per second",
        "Rendered frames per second under a stimulus, by the last run. The lines are the default limits.",
        Query(expr=latest("vdi_probe_webrtc_frames_per_second"), legend="{{target}}"),
        unit="short",
        limits=below(24, 10),
        width=width,
    )


def packet_loss(*, width: int) -> Json:
    """Returns the packet losses."""
    return graph(
        "Packet loss",
        "Packets lost of packets sent, by the last run. The lines are the default limits.",
        Query(expr=latest("vdi_probe_webrtc_packet_loss_ratio"), legend="{{target}}"),
        unit="percentunit",
        limits=above(0.01, 0.05),
        width=width,
    )


def time_frozen(*, width: int) -> Json:
    """Returns the freezes."""
    return graph(
        "Time spent frozen",
        "Share of the observed window in which the picture stood still, by the last run. The upper line is the "
        "default limit.",
        Query(expr=latest("vdi_probe_webrtc_freeze_ratio"), legend="{{target}}"),
        unit="percentunit",
        limits=above(0.1, 0.3),
        width=width,
    )
