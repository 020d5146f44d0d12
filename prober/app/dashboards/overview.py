"""The first page: all targets, what is wrong now, and who promised what."""

from prober.app.dashboards.limits import VERDICTS, above, any_is_bad, any_is_odd, below
from prober.app.dashboards.panels import bars, gauges, graph, stat
from prober.app.dashboards.parts import Json, Query, dashboard, datasource_variable, leading_to_targets, row
from prober.app.dashboards.promql import (
    BLAMELESS,
    CELL,
    RANGE,
    age,
    budget_left,
    latest,
    mean,
    of_target,
    quantile,
    share,
    sightings,
    success_share,
    verdict,
)
from prober.app.dashboards.shared import (
    frames_per_second,
    left_behind,
    packet_loss,
    runs_by_outcome,
    sessions_live,
    start_budget,
    time_frozen,
    verdicts,
)
from prober.app.dashboards.tables import LEADS_TO_ITS_TARGET, as_number, table
from prober.app.dashboards.variables import cluster, targets, window

_FACTS = "cluster, namespace, template, client, network_path"


def overview() -> Json:
    """Returns the dashboard."""
    return dashboard(
        "vdi-prober-overview",
        "VDI prober / Overview",
        "All targets: who fails, whose fault it is, how much of the error budgets is left, how good the streams are.",
        variables=[datasource_variable(), cluster(), targets(), window()],
        panels=leading_to_targets([*_now(), *_wrong(), *_objectives(), *_starts(), *_streams(), *_runs()]),
    )


def _now() -> list[Json]:
    success = latest("vdi_probe_success")
    known = f"count({latest('vdi_probe_target_info')})"
    whole = of_target("vdi_probe_runs_total", BLAMELESS)
    good = of_target("vdi_probe_runs_total", 'outcome="success"')
    return row(
        "Now",
        stat(
            "Targets failing",
            "Targets whose last run failed. A run that ended in an error of the prober's own does not count here.",
            Query(expr=f"count({success} == 0) or vector(0)", instant=True),
            unit="none",
            limits=any_is_bad(),
        ),
        stat(
            "Targets degraded",
            "Targets whose last run succeeded with warnings, such as a slow step or a poor stream.",
            Query(expr=f"sum({latest('vdi_probe_degraded')}) or vector(0)", instant=True),
            unit="none",
            limits=any_is_odd(),
        ),
        stat(
            "Targets without a verdict",
            "Targets of which nothing is known: no run yet, or the last run ended in an error of the prober's own.",
            Query(expr=f"({known} - (count({success}) or vector(0))) or vector(0)", instant=True),
            unit="none",
            limits=any_is_odd(),
        ),
        stat(
            "Successful runs",
            "Share of successes among the runs of the shown time that say something of their target. Errors of the "
            "prober, skipped and cancelled runs are left out; a run that passed when it was confirmed is a success.",
            Query(expr=f"sum(increase({good}[$__range])) / (sum(increase({whole}[$__range])) > 0)", instant=True),
            unit="percentunit",
            limits=below(0.99, 0.95),
        ),
        stat(
            "Sessions live now",
            "Sessions that the probers made and have not seen gone. Between runs it is to come down to 0.",
            Query(expr=f"sum({of_target('vdi_probe_sessions_live')})", instant=True),
            unit="none",
        ),
        stat(
            "Longest silence, in intervals",
            "Time since a target's last run ended, in units of its interval, of the target that waits longest. Above "
            "2 a run is missing: see the prober's own dashboard.",
            Query(
                expr=f"max(({age('vdi_probe_last_run_timestamp_seconds')}) "
                f"/ {latest('vdi_probe_target_interval_seconds')})",
                instant=True,
            ),
            unit="none",
            limits=above(2, 3),
        ),
    )


def _wrong() -> list[Json]:
    failures = of_target("vdi_probe_failures_total")
    return row(
        "What is wrong",
        table(
            "What failed, by layer and reason",
            "Attempts of runs that were no success within the window: which layer was at fault, at which step, for "
            "which reason. Layer prober is our own fault. An empty step is a run that no step decided. Counts of "
            "series that are older than the window are extrapolated by Prometheus, so they need not be whole.",
            [Query(expr=sightings(failures, "target, layer, step, reason"), instant=True, shape="table")],
            columns={"target": "Target", "layer": "Layer", "step": "Step", "reason": "Reason", "Value": "Attempts"},
            looks={"Target": LEADS_TO_ITS_TARGET, "Attempts": as_number("short", any_is_bad())},
            nothing="Nothing failed",
            width=12,
        ),
        bars(
            "Failed attempts, by layer",
            "Attempts of runs that were no success, by the layer at fault. The first one of its kind counts too, "
            "though its series begins with it. The dots are runs, each with its run_id.",
            Query(expr=sightings(failures, "layer", over=CELL), legend="{{layer}}", exemplar=True),
        ),
        verdicts(height=8),
        _targets(),
    )


def _targets() -> Json:
    here = of_target("vdi_probe_target_info", 'cluster=~"$cluster"')
    queries = {
        "": f"max by (target, {_FACTS}) ({here})",
        "Verdict": verdict(),
        "Successful": success_share(over=RANGE),
        "Budget left": budget_left(),
        "Start, mean": mean("vdi_probe_session_start_seconds", "target", over=RANGE),
        "Frames per second": latest("vdi_probe_webrtc_frames_per_second"),
        "Last run": age("vdi_probe_last_run_timestamp_seconds"),
        "Last success": age("vdi_probe_last_success_timestamp_seconds"),
        "Interval": latest("vdi_probe_target_interval_seconds"),
    }
    looks = {
        "Target": LEADS_TO_ITS_TARGET,
        "Verdict": as_number("none", mappings=VERDICTS),
        "Successful": as_number("percentunit", below(0.99, 0.95)),
        "Budget left": as_number("percentunit", below(0.25, 0)),
        "Start, mean": as_number("s"),
        "Frames per second": as_number("short", below(24, 10)),
        "Last run": as_number("s"),
        "Last success": as_number("s"),
        "Interval": as_number("s"),
    }
    values = {f"Value #{letter}": name for letter, name in zip("ABCDEFGHI", queries, strict=True) if name}
    facts = {name: name.replace("_", " ").capitalize() for name in ("target", *_FACTS.split(", "))}
    return table(
        "Targets",
        "One line a target: what it is, what its last run said, how it did over the shown time. The share of "
        "successes and the budget leave out errors of the prober; the budget is that of the availability objective, "
        "below 0 the objective is missed. Empty is not known.",
        [Query(expr=expr, instant=True, shape="table") for expr in queries.values()],
        columns=facts | values,
        looks=looks,
        height=10,
    )


def _objectives() -> list[Json]:
    return row(
        "Objectives",
        gauges(
            "Error budget left, availability",
            "Share of the error budget that is left of the shown time: 1 with no failure, 0 when the objective is "
            "just met, below that it is missed. With few runs one failure takes much: choose a time with some "
            "hundred runs.",
            Query(expr=budget_left(), legend="{{target}}", instant=True),
            unit="percentunit",
            limits=below(0.25, 0),
            at_most=1,
        ),
        start_budget(width=12),
        graph(
            "Successful runs over time",
            "Share of successes among the runs within the window before each moment, errors of the prober left out.",
            Query(expr=success_share(), legend="{{target}}"),
            unit="percentunit",
            limits=below(0.99, 0.95),
            at_most=1,
        ),
        _burn_rate("availability", ""),
    )


def _burn_rate(objective: str, text: str) -> Json:
    return graph(
        f"Burn rate, {objective.replace('_', ' ')}",
        f"How many times too fast the error budget of 30 days is used up{text}. The recording rules of "
        "dashboards/alerts give it, over windows that follow each target's interval: an hour (short) and six hours "
        "(medium) for one that is due every 5 minutes. 1 uses the budget up exactly, 14.4 in two days.",
        [
            Query(
                expr=of_target(f"target:vdi_probe_{objective}:burn_rate_{window}"), legend=f"{{{{target}}}}: {window}"
            )
            for window in ("short", "medium")
        ],
        unit="none",
        limits=above(6, 14.4),
    )


def _starts() -> list[Json]:
    late = of_target("vdi_probe_session_starts_total", 'speed="late"')
    return row(
        "Start of a session",
        graph(
            "Session start, 90th percentile",
            "From asking for a desktop to its first frame that is not blank, as a user waits, over the runs within "
            "the window. Read out of buckets: between two edges it is a guess. The dots are runs; each carries its "
            "run_id.",
            Query(
                expr=quantile(0.9, of_target("vdi_probe_session_start_seconds_bucket"), "target"),
                legend="{{target}}",
                exemplar=True,
            ),
            unit="s",
        ),
        graph(
            "Starts that were late",
            "Share of the starts within the window that took longer than their target's objective.",
            Query(
                expr=share(late, of_target("vdi_probe_session_starts_total"), "target"),
                legend="{{target}}",
            ),
            unit="percentunit",
            limits=above(0.05, 0.1),
            at_most=1,
        ),
        _burn_rate("start_time", " by late starts"),
    )


def _streams() -> list[Json]:
    return row(
        "Stream quality",
        frames_per_second(width=8),
        graph(
            "Round-trip time, mean",
            "Of the selected candidate pair, over the runs within the window. The lines are the default limits.",
            Query(expr=mean("vdi_probe_webrtc_round_trip_time_seconds", "target"), legend="{{target}}"),
            unit="s",
            limits=above(0.1, 0.25),
            width=8,
        ),
        graph(
            "Input latency, mean",
            "From an input event to changed pixels, over the runs within the window; of each run the median. Targets "
            "whose input is not tried have none.",
            Query(expr=mean("vdi_probe_webrtc_input_latency_seconds", "target"), legend="{{target}}"),
            unit="s",
            limits=above(0.15, 0.3),
            width=8,
        ),
        packet_loss(width=8),
        time_frozen(width=8),
        graph(
            "Time to first frame, mean",
            "From the page's navigation to the first frame that is not blank, over the runs within the window.",
            Query(expr=mean("vdi_probe_webrtc_time_to_first_frame_seconds", "target"), legend="{{target}}"),
            unit="s",
            limits=above(10, 30),
            width=8,
        ),
    )


def _runs() -> list[Json]:
    return row(
        "Runs and sessions",
        runs_by_outcome(width=12),
        graph(
            "Age of the last run, in intervals",
            "Time since each target's last run ended, in units of its interval: a saw that reaches 1. Above 2 a run "
            "is missing.",
            Query(
                expr=f"({age('vdi_probe_last_run_timestamp_seconds')}) / {latest('vdi_probe_target_interval_seconds')}",
                legend="{{target}}",
            ),
            unit="none",
            limits=above(2, 3),
        ),
        sessions_live(width=12),
        left_behind(width=12),
    )
