"""Runs promtool over stories: which alerts fire at a story's end."""

import re
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from prober.app.monitoring.rules import ALERTS, GROUPS
from tests.app.monitoring.stories import JOB, SCRAPE_S, Story, series

RULES = Path(__file__).parents[3] / "dashboards" / "alerts" / "prometheus-rules.yaml"

_SEVERITIES = {alert.name: alert.severity.value for alert in ALERTS}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is to be at the end of a story.

    Attributes:
        name: Says what happened.
        story: What was scraped.
        fires: For each alert that is to fire its labels, those of every alert left out; for one that is not, `None`.
        samples: For each query what it is to yield.
    """

    name: str
    story: Story
    fires: Mapping[str, Sequence[Mapping[str, str]] | None]
    samples: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)


def run(*arguments: str) -> str:
    """Runs promtool and returns what it said; a complaint fails the test."""
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False, timeout=170)  # noqa: S607 - whichever is in the path
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def check(folder: Path, every_s: int, *cases: Case) -> None:
    """Holds cases against those of the committed rules that they need, evaluated every so many seconds."""
    rules, tests = folder / "rules.yaml", folder / "tests.yaml"
    asked = {name for case in cases for name in (*case.fires, *case.samples)}
    rules.write_text(yaml.safe_dump({"groups": _needed(asked)}), encoding="utf-8")
    body = {
        "rule_files": [str(rules)],
        "evaluation_interval": f"{every_s}s",
        "group_eval_order": [group.name for group in GROUPS],
        "tests": [_test(case, every_s) for case in cases],
    }
    tests.write_text(yaml.safe_dump(body, sort_keys=False, width=100000), encoding="utf-8")
    run("test", "rules", str(tests))


def _needed(asked: Collection[str]) -> list[dict[str, Any]]:
    """Returns the groups of the committed file with what was asked for and the records that it reads: a tenth of all.

    Args:
        asked: Queries, and regular expressions of alerts.
    """
    groups: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    alerts = {
        alert.name for alert in ALERTS if any(re.fullmatch(name, alert.name) for name in asked if "{" not in name)
    }
    texts = [rule["expr"] for group in groups for rule in group["rules"] if rule.get("alert") in alerts]
    wanted, found = set[str](), {name for text in (*texts, *asked) for name in _records(text)}
    while found - wanted:
        wanted |= found
        rules = [rule for group in groups for rule in group["rules"] if rule.get("record") in wanted]
        found = {name for rule in rules for name in _records(rule["expr"])}
    kept = [
        group
        | {"rules": [rule for rule in group["rules"] if rule.get("alert") in alerts or rule.get("record") in wanted]}
        for group in groups
    ]
    return [group for group in kept if group["rules"]]


def _records(text: str) -> set[str]:
    return set(re.findall(r"\btarget\w*:\w+:\w+", text))


def _test(case: Case, every_s: int) -> dict[str, object]:
    at = f"{case.story.length_s // every_s * every_s}s"
    alerts = [
        {
            "expr": f'ALERTS{{alertname=~"{name}", alertstate="firing"}}',
            "eval_time": at,
            "exp_samples": [{"labels": _alert(name, labels), "value": 1} for labels in found or ()],
        }
        for name, found in case.fires.items()
    ]
    samples = [
        {
            "expr": expr,
            "eval_time": at,
            "exp_samples": [{"labels": labels, "value": value} for labels, value in found],
        }
        for expr, found in case.samples.items()
    ]
    return {
        "name": case.name,
        "interval": f"{SCRAPE_S}s",
        "input_series": case.story.written(),
        "promql_expr_test": alerts + samples,
    }


def _alert(name: str, labels: Mapping[str, str]) -> str:
    return series("ALERTS", {"alertname": name, "alertstate": "firing", "severity": _SEVERITIES[name], **JOB, **labels})
