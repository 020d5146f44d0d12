"""The dashboards keep the rules of grafana/dashboard-linter, but for what dashboards/.lint excludes."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.dashboards.linter import RULES, exclusions, reasons
from tests.dashboards.reading import Json, committed, panels, variables

STEMS = ("overview", "target", "prober")


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("rule", RULES)
def test_a_dashboard_keeps_a_rule(rule: str, stem: str) -> None:
    """It does, or it is excluded; an exclusion that nothing needs any more is a fault too."""
    dashboard = committed()[stem]
    broken = list(RULES[rule](dashboard))
    if dashboard["title"] in exclusions().get(rule, set()):
        assert broken
    else:
        assert broken == []


def test_exclusions_say_why() -> None:
    """Each names a rule and dashboards that there are, and has its reason in a sentence."""
    titles = {dashboard["title"] for dashboard in committed().values()}
    assert set(exclusions()) <= set(RULES)
    assert set().union(*exclusions().values()) <= titles
    assert all(reason.endswith(".") for reason in reasons().values())


def _first_query(dashboard: Json) -> Json:
    query: Json = panels(dashboard)[0]["targets"][0]
    return query


SLIPS: dict[str, Callable[[Json], None]] = {
    "template-datasource-rule": lambda it: variables(it)["datasource"].update(label="Prometheus"),
    "template-job-rule": lambda it: variables(it)["job"].update(allValue=".*"),
    "template-instance-rule": lambda it: variables(it)["instance"].update(multi=False),
    "template-label-promql-rule": lambda it: variables(it)["job"]["query"].update(query="job"),
    "template-on-time-change-reload-rule": lambda it: variables(it)["job"].update(refresh=1),
    "panel-datasource-rule": lambda it: _first_query(it).update(datasource={"type": "prometheus", "uid": "abc"}),
    "panel-title-description-rule": lambda it: panels(it)[0].update(description=""),
    "panel-units-rule": lambda it: panels(it)[0]["fieldConfig"]["defaults"].update(unit="parsec"),
    "panel-no-targets-rule": lambda it: panels(it)[0].update(targets=[]),
    "target-rate-interval-rule": lambda it: _first_query(it).update(expr='rate(a_total{job="a"}[5m])'),
    "target-job-rule": lambda it: _first_query(it).update(expr='a{instance=~"$instance"}'),
    "target-instance-rule": lambda it: _first_query(it).update(expr='a{job=~"$job"}'),
    "target-counter-agg-rule": lambda it: _first_query(it).update(expr='sum(a_total{job="a"})'),
    "uneditable-dashboard": lambda it: it.update(editable=True),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_a_slip(rule: str) -> None:
    """Each rule is broken by what it is there for."""
    dashboard = deepcopy(committed()["prober"])
    SLIPS[rule](dashboard)
    assert list(RULES[rule](dashboard))
