"""The whole of it, running: lab, probers, Prometheus, Alertmanager, and who is told."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from prober.app.monitoring import prometheus as rules
from prober.app.monitoring.links import Links
from tests.cluster.ports import free_ports
from tests.monitoring.alertmanager import Alertmanager, telling_all
from tests.monitoring.lab import Lab
from tests.monitoring.orphans import leave_orphans
from tests.monitoring.prometheus import Prometheus
from tests.monitoring.service import Service
from tests.monitoring.site import BLIND, CRIPPLED, DOOMED, HOGGED, LAME, MAIN, PACE, site
from tests.monitoring.webhook import Webhook

EXAMPLE = Path(__file__).parents[2] / "dashboards" / "alerts" / "alertmanager-example.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What runs while tests look.

    Attributes:
        lab: The platform; black from the beginning on.
        main: Probes most targets.
        doomed: A prober that is restarted, later ended.
        others: Probers with troubles of their own.
        prometheus: Scrapes all of them, each as a job of its name.
        webhook: Is told of alerts.
        example: An Alertmanager with the configuration that users are given as an example.
        began: When all of it ran, in seconds of the Unix epoch.
    """

    lab: Lab
    main: Service
    doomed: Service
    others: tuple[Service, ...]
    prometheus: Prometheus
    webhook: Webhook
    example: Alertmanager
    began: float

    def story(self) -> str:
        """Says what the probers' runs came to."""
        runs = [run for prober in (self.main, self.doomed, *self.others) for run in prober.events("run_finished")]
        counted = Counter(f"{run['target']} {run['outcome']} {run.get('reason', '')}".strip() for run in runs)
        return ", ".join(f"{number} {what}" for what, number in sorted(counted.items()))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Everything, started once for the tests of a module."""
    folder = tmp_path_factory.mktemp("monitoring")
    with ExitStack() as stack:
        webhook = stack.enter_context(Webhook())
        alertmanager = stack.enter_context(Alertmanager(folder / "alertmanager", config=telling_all(webhook.url)))
        elsewhere = stack.enter_context(Webhook())
        config = EXAMPLE.read_text().replace("http://127.0.0.1:8080/", elsewhere.url)
        example = stack.enter_context(Alertmanager(folder / "example", config=config))
        lab = stack.enter_context(Lab(folder / "lab"))
        lab.turn("black")
        leave_orphans(lab.state, target="poor", number=3)
        main, doomed, others = _probers(folder, lab.state)
        probers = (main, doomed, *others)
        prometheus = Prometheus(
            folder / "prometheus",
            jobs={prober.name: [prober.address] for prober in probers},
            rules=[_rules(folder)],
            alertmanagers=[alertmanager.address, example.address],
        )
        stack.enter_context(prometheus)
        stack.enter_context(main)
        main.wait()  # it begins to sweep, before the others do
        for prober in (doomed, *others):
            stack.enter_context(prober)
        for prober in (doomed, *others):
            prober.wait()
        yield Stage(
            lab=lab,
            main=main,
            doomed=doomed,
            others=others,
            prometheus=prometheus,
            webhook=webhook,
            example=example,
            began=time.time(),
        )


def _probers(folder: Path, state: Path) -> tuple[Service, Service, tuple[Service, ...]]:
    records: dict[str, Any] = {
        "history": {"path": str(folder / "history.db")},
        "evidence_store": {"url": str(folder / "evidence")},
    }
    (folder / "file").write_text("no folder\n")
    (closed,) = free_ports(1)
    lost: dict[str, Any] = {
        "history": {"path": str(folder / "file" / "history.db")},
        "evidence_store": {"url": str(folder / "file" / "evidence")},
        "tracing": {"otlp": f"http://127.0.0.1:{closed}"},
    }
    return (
        Service(folder, name="main", config=site(state, MAIN, **records)),
        Service(folder, name="doomed", config=site(state, DOOMED)),
        (
            Service(
                folder,
                name="blind",
                config=site(state, BLIND, gone=_gone(folder, state, port=closed), **lost),
                env={"PROBER_BROWSER": "/bin/false"},
            ),
            Service(folder, name="lame", config=site(state, LAME, browser={"args": CRIPPLED, "recycle_after_runs": 1})),
            Service(folder, name="hogged", config=site(state, HOGGED, concurrency=1)),
        ),
    )


def _gone(folder: Path, state: Path, *, port: int) -> Path:
    """Writes the kubeconfig of a cluster that does not answer."""
    content = yaml.safe_load((state / "kubeconfig").read_text())
    content["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{port}"
    path = folder / "gone.kubeconfig"
    path.write_text(yaml.safe_dump(content))
    return path


def _rules(folder: Path) -> Path:
    path = folder / "rules.yaml"
    path.write_text(rules.rule_file(Links(), pace=PACE))
    return path
