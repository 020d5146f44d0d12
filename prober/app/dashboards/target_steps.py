"""Where a target's time goes: the steps of its flow."""

from prober.app.dashboards.panels import gauges, graph, heatmap
from prober.app.dashboards.parts import Json, Query, row
from prober.app.dashboards.promql import CELL, RANGE, WINDOW, growth, of_target, quantile
from prober.domain.steps import StepName


def waterfall() -> list[Json]:
    """Returns the row of steps, one below the other."""
    duration = "vdi_probe_step_duration_seconds"
    return row(
        "Where the time goes",
        graph(
            "Waterfall of steps",
            "Mean duration of each successful step over the runs within the window, on top of one another in the "
            "order of the flow: the height is what a run takes. A step that never succeeded within the window is "
            "left out. With several targets it is the mean over their runs.",
            [Query(expr=_mean_step(step), legend=step) for step in StepName],
            unit="s",
            stacked=True,
            height=10,
        ),
        gauges(
            "Waterfall of the shown time",
            "Mean duration of each successful step over all runs of the shown time, in the order of the flow.",
            [Query(expr=_mean_step(step, over=RANGE), legend=step, instant=True) for step in StepName],
            unit="s",
            height=10,
        ),
        heatmap(
            "Durations of steps",
            "How often the chosen steps took how long; only successes count. Each cell is at least 15 minutes wide, "
            "so that it holds runs. The dots are runs: their run_id names the log line and the folder of the "
            "evidence.",
            Query(
                expr=growth(of_target(f"{duration}_bucket", 'step=~"$step"'), "le", over=CELL),
                legend="{{le}}",
                exemplar=True,
                shape="heatmap",
            ),
        ),
        heatmap(
            "Time to first frame",
            "From the page's navigation to the first frame that is not blank, how often it took how long.",
            Query(
                expr=growth(of_target("vdi_probe_webrtc_time_to_first_frame_seconds_bucket"), "le", over=CELL),
                legend="{{le}}",
                exemplar=True,
                shape="heatmap",
            ),
        ),
        graph(
            "Steps, 90th percentile",
            "Of each step's successes within the window, read out of buckets. The dots are runs, each with its run_id.",
            Query(
                expr=quantile(0.9, of_target(f"{duration}_bucket", 'step=~"$step"'), "target, step"),
                legend="{{target}}: {{step}}",
                exemplar=True,
            ),
            unit="s",
        ),
        graph(
            "Runs, median and 90th percentile",
            "Duration of the successful runs within the window, teardown included.",
            [
                Query(
                    expr=quantile(rank, of_target("vdi_probe_run_duration_seconds_bucket"), "target"),
                    legend=f"{{{{target}}}}: {name}",
                    exemplar=rank > 0.5,  # noqa: PLR2004 - one of the two asks for exemplars, or each would show twice
                )
                for rank, name in ((0.5, "median"), (0.9, "p90"))
            ],
            unit="s",
        ),
    )


def _mean_step(step: str, *, over: str = WINDOW) -> str:
    metric, at = "vdi_probe_step_duration_seconds", f'step="{step}"'
    total = f"sum(increase({of_target(f'{metric}_sum', at)}[{over}]))"
    return f"{total} / (sum(increase({of_target(f'{metric}_count', at)}[{over}])) > 0)"
