"""The page of the prober itself: do its runs begin when they are due, is it fit to judge, what does it keep."""

from prober.app.dashboards.itself_health import browser, keeping, process
from prober.app.dashboards.limits import WHETHER, above, any_is_bad, any_is_odd, below
from prober.app.dashboards.panels import bars, graph, heatmap, stat
from prober.app.dashboards.parts import Json, Query, dashboard, datasource_variable, row
from prober.app.dashboards.promql import CELL, RANGE, growth, of_prober, quantile, sightings
from prober.app.dashboards.tables import as_number, table
from prober.app.dashboards.variables import instance, job, window

_SERIES = "{{instance}}"


def itself() -> Json:
    """Returns the dashboard."""
    return dashboard(
        "vdi-prober-itself",
        "VDI prober / Prober",
        "The prober itself: whether its runs begin when they are due, whether it had the time to judge, what it kept.",
        variables=[datasource_variable(), job(), instance(), window()],
        panels=[*_now(), *_runs(), *browser(), *keeping(), *_configuration(), *process()],
    )


def _now() -> list[Json]:
    build = of_prober("vdi_prober_build_info")
    errors = of_prober("vdi_probe_runs_total", 'outcome="error"')
    ended = of_prober("vdi_probe_runs_total", 'outcome=~"success|failure|error"')
    return row(
        "Now",
        stat(
            "Probers scraped",
            "Probers that Prometheus scrapes with success.",
            Query(expr=f"count({build}) or vector(0)", instant=True),
            unit="none",
            limits=below(1, 1),
        ),
        stat(
            "Scrapes that succeed",
            "Share of successful scrapes in the shown time, of probers that were there at some time in it.",
            Query(
                expr=f"avg(avg_over_time({of_prober('up')}[{RANGE}]) "
                f"and on (job, instance) last_over_time({build}[{RANGE}]))",
                instant=True,
            ),
            unit="percentunit",
            limits=below(0.99, 0.9),
        ),
        stat(
            "Runs that were our own error",
            "Share of errors among the runs of the shown time that ended by themselves. They say nothing of the "
            "targets.",
            Query(
                expr=f"sum(increase({errors}[{RANGE}])) / (sum(increase({ended}[{RANGE}])) > 0)",
                instant=True,
            ),
            unit="percentunit",
            limits=above(0.01, 0.1),
        ),
        stat(
            "Runs in flight now",
            "Runs under way.",
            Query(expr=f"sum({of_prober('vdi_prober_runs_in_flight')})", instant=True),
            unit="none",
        ),
        stat(
            "Configuration loaded",
            "Whether the last attempt to load the configuration succeeded, on every prober. After a failed reload "
            "the old one stays in force.",
            Query(expr=f"min({of_prober('vdi_prober_config_last_reload_successful')})", instant=True),
            unit="none",
            mappings=WHETHER,
        ),
        stat(
            "Age of the configuration",
            "Time since the configuration was last loaded with success, of the prober whose one is oldest.",
            Query(
                expr=f"time() - min({of_prober('vdi_prober_config_last_reload_success_timestamp_seconds')})",
                instant=True,
            ),
            unit="s",
        ),
    )


def _runs() -> list[Json]:
    errors = of_prober("vdi_probe_failures_total", 'layer="prober"')
    return row(
        "Runs",
        graph(
            "Runs in flight",
            "Runs under way. A line that stays at the limit of the configuration is a prober with too much to do.",
            Query(expr=of_prober("vdi_prober_runs_in_flight"), legend=_SERIES),
            unit="none",
            width=8,
        ),
        bars(
            "Runs skipped",
            "Due runs that did not begin. overlap: the target's previous run was under way; misfire: the scheduler "
            "came too late; capacity: no place came free before the next run was due; maintenance: on purpose.",
            Query(expr=growth(of_prober("vdi_prober_runs_skipped_total"), "reason", over=CELL), legend="{{reason}}"),
            limits=any_is_odd(),
            width=8,
        ),
        bars(
            "Errors of the prober, by reason",
            "Attempts of runs that ended in our own fault. docs/reasons.md says what each means and what to do. The "
            "dots are runs, each with its run_id.",
            Query(expr=sightings(errors, "reason", over=CELL), legend="{{reason}}", exemplar=True),
            limits=any_is_bad(),
            width=8,
        ),
        heatmap(
            "Delay of runs",
            "From when a run was due to when it began: milliseconds when idle; seconds and minutes are spent waiting "
            "for a place. Jitter of the schedule is no delay.",
            Query(
                expr=growth(of_prober("vdi_prober_schedule_delay_seconds_bucket"), "le", over=CELL),
                legend="{{le}}",
                exemplar=True,
                shape="heatmap",
            ),
        ),
        graph(
            "Delay of runs, 90th percentile",
            "Over the runs within the window, read out of buckets.",
            Query(
                expr=quantile(0.9, of_prober("vdi_prober_schedule_delay_seconds_bucket"), "instance"),
                legend=_SERIES,
                exemplar=True,
            ),
            unit="s",
            limits=above(15, 60),
        ),
    )


def _configuration() -> list[Json]:
    return row(
        "Configuration and discovery",
        table(
            "Probers",
            "Version, configuration, where runs are remembered and sent. History in memory is lost with the prober; "
            "traces are empty where none are configured.",
            [
                Query(expr=f"max by (instance, version, python) ({of_prober('vdi_prober_build_info')})", **_TABLE),
                Query(expr=_by_instance("min", "vdi_prober_config_last_reload_successful"), **_TABLE),
                Query(
                    expr=f"time() - {_by_instance('max', 'vdi_prober_config_last_reload_success_timestamp_seconds')}",
                    **_TABLE,
                ),
                Query(expr=f"1 - {_by_instance('max', 'vdi_prober_history_in_memory')}", **_TABLE),
                Query(expr=_by_instance("min", "vdi_prober_tracing_active"), **_TABLE),
            ],
            columns={
                "instance": "Instance",
                "version": "Version",
                "python": "Python",
                "Value #B": "Configuration loaded",
                "Value #C": "Loaded before",
                "Value #D": "History in a file",
                "Value #E": "Traces sent",
            },
            looks={
                "Configuration loaded": as_number("none", mappings=WHETHER),
                "Loaded before": as_number("s"),
                "History in a file": as_number("none", mappings=WHETHER),
                "Traces sent": as_number("none", mappings=WHETHER),
            },
            width=12,
        ),
        table(
            "Discovery",
            "Targets that list templates: how many targets came of it, how long ago, how many lists failed within "
            "the window. Empty where no target discovers.",
            [
                Query(expr=_by_discovery("sum", "vdi_prober_discovery_targets"), **_TABLE),
                Query(
                    expr=f"time() - {_by_discovery('min', 'vdi_prober_discovery_last_success_timestamp_seconds')}",
                    **_TABLE,
                ),
                Query(expr=growth(of_prober("vdi_prober_discovery_failures_total"), "discovery"), **_TABLE),
            ],
            columns={
                "discovery": "Discovery",
                "Value #A": "Targets",
                "Value #B": "Last list",
                "Value #C": "Lists that failed",
            },
            looks={
                "Targets": as_number("none"),
                "Last list": as_number("s"),
                "Lists that failed": as_number("short", any_is_bad()),
            },
            nothing="No target discovers templates",
            width=6,
        ),
        graph(
            "Templates left out",
            "Templates that discovery found and does not probe, by why.",
            Query(
                expr=f"sum by (discovery, reason) ({of_prober('vdi_prober_discovery_left_out')})",
                legend="{{discovery}}: {{reason}}",
            ),
            unit="none",
            width=6,
        ),
    )


def _by_instance(how: str, metric: str) -> str:
    return f"{how} by (instance) ({of_prober(metric)})"


def _by_discovery(how: str, metric: str) -> str:
    return f"{how} by (discovery) ({of_prober(metric)})"


_TABLE: Json = {"instant": True, "shape": "table"}
