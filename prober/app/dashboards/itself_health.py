"""Whether the prober is fit to judge, what it keeps, what it takes."""

from prober.app.dashboards.limits import above, any_is_bad
from prober.app.dashboards.panels import bars, graph
from prober.app.dashboards.parts import Json, Query, row
from prober.app.dashboards.promql import CELL, RATE, growth, of_prober, of_process

_SERIES = "{{instance}}"


def browser() -> list[Json]:
    """Returns the row of what it judges with."""
    launches, checks = of_prober("vdi_prober_browser_launches_total"), of_prober("vdi_prober_self_checks_total")
    return row(
        "Browser and event loop",
        graph(
            "Lag of the event loop, 99th percentile",
            "How much later than asked the event loop wakes a timer. Measured times are off by as much: from 50 ms "
            "on that is what separates two verdicts, and runs end as prober_starved. Measured all the time.",
            Query(
                expr=f"histogram_quantile(0.99, sum by (instance, le) "
                f"(rate({of_prober('vdi_prober_event_loop_lag_seconds_bucket')}[{RATE}])))",
                legend=_SERIES,
                exemplar=True,
            ),
            unit="s",
            limits=above(0.025, 0.05),
            width=6,
        ),
        graph(
            "Processes of the browser",
            "Processes of the browser. A number that grows from run to run is a browser that loses processes.",
            Query(expr=of_prober("vdi_prober_browser_processes"), legend=_SERIES),
            unit="none",
            width=6,
        ),
        bars(
            "Launches of the browser",
            "Launches by outcome. A launch that fails is our own error; many launches are a browser that crashes.",
            Query(expr=growth(launches, "outcome", over=CELL), legend="{{outcome}}"),
            width=6,
        ),
        bars(
            "Self-checks",
            "Checks of the browser against itself, one after each launch, by outcome: can it do WebRTC at all? While "
            "it cannot, faults are our own.",
            Query(expr=growth(checks, "outcome", over=CELL), legend="{{outcome}}"),
            width=6,
        ),
    )


def keeping() -> list[Json]:
    """Returns the row of what it keeps."""
    return row(
        "Evidence, history, traces",
        graph(
            "Size of the evidence",
            "How much all kept evidence takes, as last listed. Empty without an evidence store.",
            Query(expr=of_prober("vdi_prober_evidence_bytes"), legend=_SERIES),
            unit="bytes",
            width=8,
        ),
        bars(
            "Evidence kept and removed",
            "Runs whose evidence was kept, and runs whose evidence retention removed.",
            [
                Query(expr=growth(of_prober("vdi_prober_evidence_kept_total"), "instance", over=CELL), legend="kept"),
                Query(
                    expr=growth(of_prober("vdi_prober_evidence_removed_total"), "instance", over=CELL),
                    legend="removed",
                ),
            ],
            width=8,
        ),
        bars(
            "What could not be kept or cleaned",
            "Failures that cost no run: evidence not kept or not removed, runs that the history lost or could not "
            "read, history files that were set aside, spans that no collector took, sweeps for orphans that failed.",
            [
                Query(
                    expr=growth(of_prober("vdi_prober_evidence_failures_total"), "instance", over=CELL),
                    legend="evidence",
                ),
                Query(
                    expr=growth(of_prober("vdi_prober_history_failures_total"), "operation", over=CELL),
                    legend="history: {{operation}}",
                ),
                Query(
                    expr=growth(of_prober("vdi_prober_history_set_aside_total"), "instance", over=CELL),
                    legend="history: set aside",
                ),
                Query(
                    expr=growth(of_prober("vdi_prober_trace_spans_lost_total"), "instance", over=CELL),
                    legend="spans lost",
                ),
                Query(
                    expr=growth(of_prober("vdi_prober_sweep_failures_total"), "instance", over=CELL), legend="sweeps"
                ),
            ],
            limits=any_is_bad(),
            width=8,
        ),
    )


def process() -> list[Json]:
    """Returns the row of what the process takes."""
    return row(
        "Process",
        graph(
            "Memory",
            "Resident memory of the prober's own process; the browser's processes come on top.",
            Query(expr=of_process("process_resident_memory_bytes"), legend=_SERIES),
            unit="bytes",
            width=6,
        ),
        graph(
            "Processor",
            "Processors that the prober's own process uses; the browser's come on top. Measured all the time.",
            Query(
                expr=f"rate({of_prober('process_cpu_seconds_total')}[{RATE}]) "
                f"and on (job, instance) {of_prober('vdi_prober_build_info')}",
                legend=_SERIES,
            ),
            unit="short",
            width=6,
        ),
        graph(
            "File descriptors in use",
            "Share of the file descriptors that the process may have. One that grows from run to run is a leak.",
            Query(
                expr=f"({of_prober('process_open_fds')} / {of_prober('process_max_fds')}) "
                f"and on (job, instance) {of_prober('vdi_prober_build_info')}",
                legend=_SERIES,
            ),
            unit="percentunit",
            limits=above(0.5, 0.8),
            width=6,
        ),
        graph(
            "Time since the start",
            "Age of the prober's process: a line that falls to 0 is a restart.",
            Query(
                expr=f"(time() - {of_prober('process_start_time_seconds')}) "
                f"and on (job, instance) {of_prober('vdi_prober_build_info')}",
                legend=_SERIES,
            ),
            unit="s",
            width=6,
        ),
    )
