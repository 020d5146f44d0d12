"""What an alert says, and what records hold, as a Prometheus has it."""

from pathlib import Path

import pytest
import yaml

from tests.app.monitoring.promtool import RULES, Case, check, run
from tests.app.monitoring.stories import HOUR, MINUTE, POD, SCRAPE_S, Story, series, target

pytestmark = [pytest.mark.prometheus]

DESK = {"job": "vdi-prober", "target": "desk"}


def test_an_alert_names_layer_and_reason(tmp_path: Path) -> None:
    """Summary, description with the layer and reason of most failures, the runbook; whatever the target is called."""
    story = target(5 * MINUTE, "SSSSSSFFFFFF", then_s=4 * MINUTE, layer="ice")
    at, runbook = f"{story.length_s}s", "https://github.com/vdi-prober/vdi-prober/blob/main/docs/runbook.md"
    alert = {
        "exp_labels": {"severity": "critical", **DESK},
        "exp_annotations": {
            "summary": "No desktop of desk could be used lately",
            "description": (
                "Every run of desk that said something of it failed lately, three of them at least: users who ask for "
                "this desktop now most likely get none. Most failures: layer ice, reason black_frames."
            ),
            "runbook_url": f"{runbook}#vdiprobenorecentsuccess",
        },
    }
    test = {
        "interval": f"{SCRAPE_S}s",
        "input_series": story.written(),
        "alert_rule_test": [{"eval_time": at, "alertname": "VDIProbeNoRecentSuccess", "exp_alerts": [alert]}],
    }
    body = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}
    file = tmp_path / "tests.yaml"
    file.write_text(yaml.safe_dump(body, width=100000), encoding="utf-8")
    run("test", "rules", str(file))


def test_a_target_s_facts_whatever_the_scrape_does(tmp_path: Path) -> None:
    """Namespace and cluster of what is probed are found where the scrape has labels of these names, and where not."""
    facts = {"template": "ubuntu", "client": "selkies", "network_path": "any"}
    found = facts | {"probed_cluster": "staging", "probed_namespace": "vdi"}

    def scraped(adds: dict[str, str], told: dict[str, str]) -> Story:
        story = Story(10 * MINUTE)
        labels = POD | {"target": "desk"}
        story.gauge("vdi_probe_sessions_live", labels | adds, 0)
        story.gauge("vdi_probe_target_info", labels | facts | told, 1)
        return story

    name = "target:vdi_probe_target:info"
    kube = {"namespace": "monitoring", "pod": "prober-0"}
    plain = {"cluster": "staging", "namespace": "vdi"}
    renamed = kube | {"cluster": "staging", "exported_namespace": "vdi"}
    honoured = plain | {"pod": "prober-0"}
    where = {"namespace": "monitoring"}

    def case(title: str, story: Story, labels: dict[str, str]) -> Case:
        return Case(name=title, story=story, fires={}, samples={f"{name}{{}}": [(series(name, labels), 1)]})

    check(
        tmp_path,
        MINUTE,
        case("static", scraped({}, plain), DESK | found),
        case("Kubernetes", scraped(kube, renamed), DESK | where | found),
        case("honor_labels", scraped(kube, honoured), DESK | where | found),
    )


def test_burn_rate_and_budget(tmp_path: Path) -> None:
    """Half of the runs fail, at 99 %: the budget burns fifty times too fast and is overdrawn in hours."""
    story = target(5 * MINUTE, "SF" * 60 + "SF" * 30)
    burn, left = (
        "target:vdi_probe_availability:burn_rate_medium",
        "target:vdi_probe_availability_budget:remaining_ratio30d",
    )
    check(
        tmp_path,
        5 * MINUTE,
        Case(
            name="half",
            story=story,
            fires={},
            samples={
                f"round({burn}{{}}, 10)": [(series("", DESK), 50)],
                f"round({left}{{}}, 10)": [(series("", DESK), -50)],
            },
        ),
    )
    assert story.length_s == 15 * HOUR
