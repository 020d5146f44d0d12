"""docs/runbook.md has a part for every alert, and docs/slo.md is what the code says."""

import re
from pathlib import Path

from prober.app.monitoring.intervals import CLASSES
from prober.app.monitoring.objectives import FAST, SLOW
from prober.app.monitoring.rules import ALERTS, RECORDS
from prober.app.monitoring.seen import grown
from prober.app.monitoring.slo_page import failures, page
from tests.app.monitoring import reading

_DOCS = Path(__file__).parents[2] / "docs"
_RUNBOOK = (_DOCS / "runbook.md").read_text(encoding="utf-8")


def test_every_alert_has_its_part_and_every_part_its_alert() -> None:
    """Headings and alerts are the same, in the same order."""
    headings = re.findall(r"^## (VDI\w+)$", _RUNBOOK, re.MULTILINE)
    assert sorted(headings) == sorted(alert.name for alert in ALERTS)


def test_every_part_asks_prometheus() -> None:
    """Each has queries, of metrics and records that exist."""
    parts = dict(re.findall(r"^## (VDI\w+)\n(.*?)(?=^## |\Z)", _RUNBOOK, re.MULTILINE | re.DOTALL))
    known = {record.name for record in RECORDS}
    for name, part in parts.items():
        queries = "\n".join(re.findall(r"```promql\n(.*?)```", part, re.DOTALL))
        assert reading.metrics(queries) | reading.records(queries) or "up{" in queries, name
    everything = "\n".join(re.findall(r"```promql\n(.*?)```", _RUNBOOK, re.DOTALL))
    assert not {
        metric for metric in reading.metrics(everything) - reading.NOT_OURS if reading.declaration(metric) is None
    }
    assert reading.records(everything) <= known


def test_first_events_are_asked_for() -> None:
    """A query of a counter whose series begin with their first event counts that one too."""
    asked = re.findall(r"increase\((vdi_probe_(?:failures|children_left)_total(?:{[^}]*})?)\[(\w+)\]\)", _RUNBOOK)
    assert asked
    for series, duration in asked:
        assert grown(series, duration) in _RUNBOOK, series


def test_alerts_that_are_named_exist() -> None:
    """A part that refers to another one names an alert."""
    assert set(re.findall(r"\bVDIProbe\w+", _RUNBOOK)) <= {alert.name for alert in ALERTS}


def test_the_page_on_objectives_is_made_from_the_code() -> None:
    """`make docs` was run since the last change."""
    assert (_DOCS / "slo.md").read_text(encoding="utf-8") == page()


def test_no_burn_rate_needs_a_single_failure() -> None:
    """However high the objective, one failure is no alert; however low, a total outage is one."""
    for burn in (*FAST, *SLOW):
        for of in CLASSES:
            assert failures(burn, of, 0.9999) >= 3
            assert failures(burn, of, 0.5) > failures(burn, of, 0.99)
