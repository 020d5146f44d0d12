"""The rules of grafana/dashboard-linter, written anew for our dashboards.

The linter itself cannot be had where our tests run: the Go module proxy refuses its versions, and two modules that it
is built of. These are the rules of its version 0.2.0 by its names, from their documentation, without the two for Loki,
which we do not ask. Most are stricter than there: they hold for every kind of panel, not for a list of them. What
dashboards/.lint excludes is excluded here too. Where one needs PromQL it reads our own spelling of it; whether a query
is PromQL at all is for promtool to say, in `test_queries`.
"""

import re
from collections.abc import Callable, Iterator, Mapping

import yaml

from tests.dashboards.reading import FOLDER, Json, panels, selectors, variables

UNITS = frozenset({"none", "short", "percentunit", "bytes", "bps", "pixel", "s"})
"""Of Grafana's units those that we use; the linter knows all of these."""

_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_RATES = re.compile(r"\bi?rate\(\s*[\w:]+\{[^}]*\}\[([^]]*)\]")
_GROWING = re.compile(r"\b(?:rate|irate|increase)\(\s*([\w:]+\{[^}]*\})\[")
_COUNTER = re.compile(r"\w+_total\{[^}]*\}")
_SIGHTING = re.compile(r"(\w+_total\{[^}]*\}) unless last_over_time\(\1\[1d\] offset")
_LABELS = re.compile(r"(?:label_names|label_values|metrics|query_result)\(.+\)")


def _template_datasource(dashboard: Json) -> Iterator[str]:
    sources = [variable for variable in variables(dashboard).values() if variable["type"] == "datasource"]
    if [(source["name"], source["label"], source["query"]) for source in sources] != [
        ("datasource", "Data source", "prometheus")
    ]:
        yield "no variable datasource, labelled Data source, of Prometheus"


def _template_of_the_prober(name: str) -> Callable[[Json], Iterator[str]]:
    def rule(dashboard: Json) -> Iterator[str]:
        variable = variables(dashboard).get(name)
        if variable is None:
            yield f"no variable {name}"
        elif (
            variable["type"] != "query"
            or variable["datasource"] != _DATASOURCE
            or variable["label"] != name.capitalize()
            or not variable["multi"]
            or variable["allValue"] != ".+"
        ):
            yield f"the variable {name} is not as it should be"

    return rule


def _template_label_promql(dashboard: Json) -> Iterator[str]:
    for name, variable in variables(dashboard).items():
        if variable["type"] == "query" and not _LABELS.fullmatch(variable["query"]["query"]):
            yield f"the query of the variable {name} is none of labels"


def _template_reload(dashboard: Json) -> Iterator[str]:
    for name, variable in variables(dashboard).items():
        if variable["type"] == "query" and variable["refresh"] != 2:
            yield f"the variable {name} is not filled anew when the time range changes"


def _panel_datasource(dashboard: Json) -> Iterator[str]:
    for panel in panels(dashboard):
        if any(asked["datasource"] != _DATASOURCE for asked in (panel, *panel["targets"])):
            yield f"{panel['title']}: another data source than the chosen one"


def _panel_title_description(dashboard: Json) -> Iterator[str]:
    for panel in panels(dashboard):
        if not panel["title"] or not panel["description"]:
            yield f"{panel['id']}: without a title or a description"


def _panel_units(dashboard: Json) -> Iterator[str]:
    for panel in panels(dashboard):
        fields = panel["fieldConfig"]
        overrides = [
            look["value"] for column in fields["overrides"] for look in column["properties"] if look["id"] == "unit"
        ]
        if not {fields["defaults"]["unit"], *overrides} <= UNITS:
            yield f"{panel['title']}: an unknown unit"


def _panel_no_targets(dashboard: Json) -> Iterator[str]:
    for panel in panels(dashboard):
        if not panel["targets"]:
            yield f"{panel['title']}: asks nothing"


def _target_rate_interval(dashboard: Json) -> Iterator[str]:
    for title, expression in _expressions(dashboard):
        if set(_RATES.findall(expression)) - {"$__rate_interval"}:
            yield f"{title}: a rate over something else than $__rate_interval"


def _target_counter_agg(dashboard: Json) -> Iterator[str]:
    for title, expression in _expressions(dashboard):
        rest = _COUNTER.findall(_SIGHTING.sub("", _GROWING.sub("", expression)))
        if rest:
            yield f"{title}: {rest[0]} is neither a rate nor an increase"


def _target_of_the_prober(name: str) -> Callable[[Json], Iterator[str]]:
    def rule(dashboard: Json) -> Iterator[str]:
        for title, expression in _expressions(dashboard):
            if expression.count(f'{name}=~"${name}"') < len(selectors(expression)):
                yield f"{title}: a selector without {name}"

    return rule


def _uneditable(dashboard: Json) -> Iterator[str]:
    if dashboard["editable"]:
        yield "can be edited"


def _expressions(dashboard: Json) -> Iterator[tuple[str, str]]:
    for panel in panels(dashboard):
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


RULES: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "template-datasource-rule": _template_datasource,
    "template-job-rule": _template_of_the_prober("job"),
    "template-instance-rule": _template_of_the_prober("instance"),
    "template-label-promql-rule": _template_label_promql,
    "template-on-time-change-reload-rule": _template_reload,
    "panel-datasource-rule": _panel_datasource,
    "panel-title-description-rule": _panel_title_description,
    "panel-units-rule": _panel_units,
    "panel-no-targets-rule": _panel_no_targets,
    "target-rate-interval-rule": _target_rate_interval,
    "target-job-rule": _target_of_the_prober("job"),
    "target-instance-rule": _target_of_the_prober("instance"),
    "target-counter-agg-rule": _target_counter_agg,
    "uneditable-dashboard": _uneditable,
}
"""By the linter's names. `target-promql-rule` is promtool's, in `test_queries`."""


def exclusions() -> Mapping[str, set[str]]:
    """Returns the titles of the dashboards for which a rule is excluded, by the rule's name."""
    excluded = yaml.safe_load((FOLDER / ".lint").read_text(encoding="utf-8"))["exclusions"]
    return {rule: {entry["dashboard"] for entry in why["entries"]} for rule, why in excluded.items()}


def reasons() -> Mapping[str, str]:
    """Returns why a rule is excluded, by the rule's name."""
    excluded = yaml.safe_load((FOLDER / ".lint").read_text(encoding="utf-8"))["exclusions"]
    return {rule: why["reason"] for rule, why in excluded.items()}
