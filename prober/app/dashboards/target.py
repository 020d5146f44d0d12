"""The page of one target, or of a few beside each other: where the time goes, and what fails."""

from prober.app.dashboards.limits import VERDICTS, any_is_bad, any_is_odd, below
from prober.app.dashboards.panels import bars, graph, stat
from prober.app.dashboards.parts import Json, Query, dashboard, datasource_variable, label_variable, row
from prober.app.dashboards.promql import (
    CELL,
    RANGE,
    age,
    budget_left,
    growth,
    latest,
    mean,
    of_target,
    quantile,
    sightings,
    success_share,
    verdict,
)
from prober.app.dashboards.shared import left_behind, runs_by_outcome, sessions_live, start_budget, verdicts
from prober.app.dashboards.tables import as_number, table
from prober.app.dashboards.target_steps import waterfall
from prober.app.dashboards.target_stream import stream_rows
from prober.app.dashboards.variables import cluster, targets, window

_FACTS = ("target", "cluster", "namespace", "template", "client", "network_path")


def target() -> Json:
    """Returns the dashboard."""
    step = label_variable(
        "step",
        "Step",
        "The steps in the heat map of steps.",
        'label_values(vdi_probe_step_duration_seconds_count{target=~"$target"}, step)',
    )
    return dashboard(
        "vdi-prober-target",
        "VDI prober / Target",
        "One target, or a few: the waterfall of its steps, its stream, its path, what failed and what it left behind.",
        variables=[datasource_variable(), cluster(), targets(), step, window()],
        panels=[*_now(), *waterfall(), *_failures(), *stream_rows(), *_starts(), *_afterwards()],
    )


def _now() -> list[Json]:
    return row(
        "Now",
        stat(
            "Last run",
            "What the last run said; with several targets the worst of them is not shown alone: each has its value.",
            Query(expr=verdict(), legend="{{target}}", instant=True),
            unit="none",
            mappings=VERDICTS,
        ),
        stat(
            "Age of the last run",
            "Time since the last run ended.",
            Query(expr=age("vdi_probe_last_run_timestamp_seconds"), legend="{{target}}", instant=True),
            unit="s",
        ),
        stat(
            "Age of the last success",
            "Time since the last successful run ended. Empty where there was none since the prober's start.",
            Query(expr=age("vdi_probe_last_success_timestamp_seconds"), legend="{{target}}", instant=True),
            unit="s",
        ),
        stat(
            "Successful runs",
            "Share of successes among the runs of the shown time, errors of the prober left out.",
            Query(expr=success_share(over=RANGE), legend="{{target}}", instant=True),
            unit="percentunit",
            limits=below(0.99, 0.95),
        ),
        stat(
            "Error budget left",
            "Share of the availability objective's error budget that is left of the shown time; below 0 it is missed.",
            Query(expr=budget_left(), legend="{{target}}", instant=True),
            unit="percentunit",
            limits=below(0.25, 0),
        ),
        stat(
            "Certificate ends in",
            "Time until the certificate of the sessions' URL ends, as the last run saw it. Empty without TLS.",
            Query(
                expr=f"min by (target) ({of_target('vdi_probe_certificate_expiry_timestamp_seconds')}) - time()",
                legend="{{target}}",
                instant=True,
            ),
            unit="s",
            limits=below(21 * 86400, 7 * 86400),
        ),
        table(
            "What it is",
            "The target's facts, its interval and its objectives, by the configuration.",
            [
                Query(expr=f"max by ({', '.join(_FACTS)}) ({of_target('vdi_probe_target_info')})", **_TABLE),
                Query(expr=latest("vdi_probe_target_interval_seconds"), **_TABLE),
                Query(expr=latest("vdi_probe_objective_ratio", 'objective="availability"'), **_TABLE),
                Query(expr=latest("vdi_probe_objective_ratio", 'objective="start_time"'), **_TABLE),
                Query(expr=latest("vdi_probe_start_objective_seconds"), **_TABLE),
            ],
            columns={name: name.replace("_", " ").capitalize() for name in _FACTS}
            | {
                "Value #B": "Interval",
                "Value #C": "Runs to succeed",
                "Value #D": "Starts to be on time",
                "Value #E": "On time within",
            },
            looks={
                "Interval": as_number("s"),
                "Runs to succeed": as_number("percentunit"),
                "Starts to be on time": as_number("percentunit"),
                "On time within": as_number("s"),
            },
            height=4,
        ),
    )


def _failures() -> list[Json]:
    failures = of_target("vdi_probe_failures_total")
    return row(
        "What failed",
        bars(
            "Failed attempts, by reason",
            "Attempts of runs that were no success, by layer and reason. docs/reasons.md says what each means, what "
            "proves it and what to do. The dots are runs: their run_id names the log line and the evidence's folder.",
            Query(expr=sightings(failures, "layer, reason", over=CELL), legend="{{layer}}: {{reason}}", exemplar=True),
        ),
        table(
            "Failed attempts of the shown time",
            "By step, layer and reason, over the shown time. Layer prober is our own fault. The newest failure of "
            "each target stays in the evidence store: its log line, found by target and reason, has the folder.",
            [Query(expr=sightings(failures, "target, step, layer, reason", over=RANGE), **_TABLE)],
            columns={"target": "Target", "step": "Step", "layer": "Layer", "reason": "Reason", "Value": "Attempts"},
            looks={"Attempts": as_number("short", any_is_bad())},
            nothing="Nothing failed",
            width=12,
        ),
        verdicts(height=5),
        bars(
            "Failed steps",
            "Steps that the target failed, by step: where in the flow it ends.",
            Query(expr=growth(of_target("vdi_probe_step_failures_total"), "step", over=CELL), legend="{{step}}"),
            width=8,
        ),
        runs_by_outcome(width=8),
        bars(
            "Flaky and skipped runs",
            "Runs that failed and then passed when they were confirmed, which count as successes; due runs that did "
            "not begin, by why.",
            [
                Query(expr=growth(of_target("vdi_probe_flaky_runs_total"), "target", over=CELL), legend="flaky"),
                Query(
                    expr=growth(of_target("vdi_prober_runs_skipped_total"), "reason", over=CELL),
                    legend="skipped: {{reason}}",
                ),
            ],
            limits=any_is_odd(),
            width=8,
        ),
    )


def _starts() -> list[Json]:
    return row(
        "Start of a session",
        graph(
            "Session start",
            "From asking for a desktop to its first frame that is not blank, as a user waits: mean and 90th "
            "percentile over the runs within the window, with what the objective wants. The dots are runs, each with "
            "its run_id.",
            [
                Query(expr=mean("vdi_probe_session_start_seconds", "target"), legend="{{target}}: mean"),
                Query(
                    expr=quantile(0.9, of_target("vdi_probe_session_start_seconds_bucket"), "target"),
                    legend="{{target}}: p90",
                    exemplar=True,
                ),
                Query(expr=latest("vdi_probe_start_objective_seconds"), legend="{{target}}: objective"),
            ],
            unit="s",
        ),
        bars(
            "Starts, on time and late",
            "Desktops that showed a first frame, by whether that was as soon as the objective wants.",
            Query(expr=growth(of_target("vdi_probe_session_starts_total"), "speed", over=CELL), legend="{{speed}}"),
            width=6,
        ),
        start_budget(width=6),
    )


def _afterwards() -> list[Json]:
    return row(
        "Afterwards",
        sessions_live(width=8),
        left_behind(width=8),
        graph(
            "Certificate, time left",
            "Time until the certificate of the sessions' URL ends, as the last run saw it: a line that falls, and "
            "jumps when the certificate is renewed.",
            Query(
                expr=f"min by (target) ({of_target('vdi_probe_certificate_expiry_timestamp_seconds')}) - time()",
                legend="{{target}}",
            ),
            unit="s",
            limits=below(21 * 86400, 7 * 86400),
            width=8,
            at_least=None,
        ),
    )


_TABLE: Json = {"instant": True, "shape": "table"}
