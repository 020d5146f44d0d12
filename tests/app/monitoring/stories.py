"""Made-up series for promtool: what Prometheus would have scraped of a prober whose runs ended as a pattern says.

Time begins at 0. Runs end a little before or after they are due, as jitter and durations have it; the counters exist at
0 from the start, as the recorder makes them, and a failure's series begins with the failure.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

SCRAPE_S = 60
MINUTE = 60
HOUR = 3600
DAY = 86400

JOB = {"job": "vdi-prober"}
POD = JOB | {"instance": "10.0.0.1:9464"}

FACTS = {"exported_namespace": "vdi", "cluster": "staging", "template": "ubuntu", "client": "selkies"}
"""What a target is, where the scrape has a label `namespace` of its own and none `cluster`."""

OUTCOMES = {"S": "success", "D": "success", "L": "success", "F": "failure", "E": "error", "K": "skipped"}
"""By letter: D is degraded, L is late, K is skipped; a dot is no run at all."""

_EDGES = ("30.0", "60.0", "90.0", "+Inf")


@dataclass
class Story:
    """Series over a time.

    Attributes:
        length_s: How long it is, in seconds.
    """

    length_s: int
    series: dict[str, list[float | None]] = field(default_factory=dict)

    def at(self, seconds: float) -> int:
        """Returns the number of the first scrape at or after a time."""
        return int(-(-seconds // SCRAPE_S))

    def gauge(
        self, name: str, labels: Mapping[str, str], value: Callable[[int], float | None] | float, *, since: float = 0
    ) -> None:
        """Adds a series of values, a function of the time or one for all times; `None` is no sample."""
        times = range(0, self.length_s + 1, SCRAPE_S)
        of = value if callable(value) else lambda _: value
        self.series[series(name, labels)] = [of(time) if time >= since else None for time in times]

    def counter(
        self, name: str, labels: Mapping[str, str], events: Iterable[float], *, since: float | None = 0
    ) -> None:
        """Adds a counter of events by their times; without `since` it begins with its first event."""
        times = sorted(events)
        first = since if since is not None else (times[0] if times else float("inf"))

        def count(time: int) -> float | None:
            return bisect_right(times, time) if time >= first else None

        self.gauge(name, labels, count)

    def merge(self, other: "Story") -> "Story":
        """Adds the series of another one."""
        self.series |= other.series
        self.length_s = max(self.length_s, other.length_s)
        return self

    def gap(self, start_s: float, end_s: float) -> "Story":
        """Takes away what was scraped between two times: Prometheus was away, the prober was not."""
        for values in self.series.values():
            first, last = self.at(start_s), self.at(end_s)
            values[first:last] = [None] * len(values[first:last])
        return self

    def written(self) -> list[dict[str, str]]:
        """Returns promtool's `input_series`."""
        return [{"series": name, "values": _values(values)} for name, values in self.series.items()]


def target(
    every_s: int,
    pattern: str,
    *,
    then_s: int = 0,
    name: str = "desk",
    since: float = 0,
    pod: Mapping[str, str] = POD,
    path: str = "any",
    layer: str = "media",
    availability: float | None = 0.99,
    start_time: float | None = 0.95,
    skipped: str = "maintenance",
    stops_s: float | None = None,
    facts: Mapping[str, str] = FACTS,
) -> Story:
    """Makes a target's series.

    Args:
        every_s: The interval.
        pattern: How its runs end, a letter each.
        then_s: How long the story goes on after the last one.
        name: The target's name.
        since: When the target was added.
        pod: What the scrape adds.
        path: Its network path.
        layer: The layer of its failures.
        availability: Its objective; `None` is none.
        start_time: And that of its starts.
        skipped: Why runs were skipped.
        stops_s: When its series end, because the prober does.
        facts: What the info metric has beside the network path, under the names that the scrape leaves them.
    """
    story = Story(int(since) + len(pattern) * every_s + then_s)
    labels = {**pod, "target": name}
    ends = {letter: list[float]() for letter in [*OUTCOMES, "."]}
    for number, letter in enumerate(pattern):
        # A tenth of the interval early or late, in a rhythm of 7: what jitter does to windows, the same each time.
        ends[letter].append(since + number * every_s + every_s * (0.3 + (number * 3 % 7) / 35))
    for outcome in ("success", "failure", "error", "skipped", "cancelled"):
        times = [time for letter, of in OUTCOMES.items() if of == outcome for time in ends[letter]]
        story.counter("vdi_probe_runs_total", labels | {"outcome": outcome}, times, since=since)
    for reason in ("overlap", "misfire", "capacity", "maintenance"):
        times = ends["K"] if reason == skipped else []
        story.counter("vdi_prober_runs_skipped_total", labels | {"reason": reason}, times, since=since)
    fault = {"layer": layer, "reason": "black_frames", "step": "first_frame"}
    story.counter("vdi_probe_failures_total", labels | fault, ends["F"], since=None)
    own = {"layer": "prober", "reason": "driver_error", "step": "login"}
    story.counter("vdi_probe_failures_total", labels | own, ends["E"], since=None)
    story.gauge("vdi_probe_target_interval_seconds", labels, every_s, since=since)
    story.gauge("vdi_probe_sessions_live", labels, 0, since=since)
    story.gauge("vdi_probe_target_info", {**labels, **facts, "network_path": path}, 1, since=since)
    _last(story, labels, ends)
    _starts(story, labels, ends, since=since)
    for objective, ratio in (("availability", availability), ("start_time", start_time)):
        if ratio is not None:
            story.gauge("vdi_probe_objective_ratio", labels | {"objective": objective}, ratio, since=since)
    story.gauge("vdi_probe_start_objective_seconds", labels, 60, since=since)
    if stops_s is not None:
        for values in story.series.values():
            values[story.at(stops_s) :] = []
    return story


def prober(length_s: int, *, stops_s: float | None = None, pod: Mapping[str, str] = POD) -> Story:
    """Makes the series of a healthy prober itself.

    Args:
        length_s: How long the story is.
        stops_s: When the prober ends.
        pod: What the scrape adds.
    """
    story = Story(length_s)
    end = length_s if stops_s is None else stops_s
    story.gauge("vdi_prober_build_info", {**pod, "version": "1"}, lambda time: 1 if time < end else None)
    story.gauge("vdi_prober_config_last_reload_successful", pod, lambda time: 1 if time < end else None)
    return story


def _last(story: Story, labels: dict[str, str], ends: Mapping[str, list[float]]) -> None:
    told = sorted((time, letter) for letter, times in ends.items() if letter in "SDLFE" for time in times)

    def last(of: str, value: Callable[[float, str], float | None]) -> Callable[[int], float | None]:
        known = [(time, letter) for time, letter in told if letter in of]
        times = [time for time, _ in known]

        def at(now: int) -> float | None:
            before = bisect_right(times, now)
            return value(*known[before - 1]) if before else None

        return at

    story.gauge("vdi_probe_last_run_timestamp_seconds", labels, last("SDLFE", lambda time, _: time))
    story.gauge("vdi_probe_last_success_timestamp_seconds", labels, last("SDL", lambda time, _: time))
    success = last("SDLFE", lambda _, letter: None if letter == "E" else float(letter != "F"))
    story.gauge("vdi_probe_success", labels, success)
    story.gauge("vdi_probe_degraded", labels, last("SDLFE", lambda _, it: None if it == "E" else float(it == "D")))


def _starts(story: Story, labels: dict[str, str], ends: Mapping[str, list[float]], *, since: float) -> None:
    on_time, late = sorted(ends["S"] + ends["D"]), ends["L"]
    story.counter("vdi_probe_session_starts_total", labels | {"speed": "on_time"}, on_time, since=since)
    story.counter("vdi_probe_session_starts_total", labels | {"speed": "late"}, late, since=since)
    for edge, times in zip(_EDGES, (on_time, on_time, on_time + late, on_time + late), strict=True):
        story.counter("vdi_probe_session_start_seconds_bucket", labels | {"le": edge}, times, since=since)


def series(name: str, labels: Mapping[str, str]) -> str:
    """Returns a series as PromQL writes it; an empty label is none."""
    matchers = ", ".join(f'{label}="{value}"' for label, value in sorted(labels.items()) if value)
    return f"{name}{{{matchers}}}"


def _values(values: list[float | None]) -> str:
    """Returns promtool's notation: each run of equal values with its length, `_` where there is none."""
    return " ".join(
        f"_x{len(list(same))}" if value is None else f"{value:.12g}x{len(list(same)) - 1}"
        for value, same in groupby(values)
    )
