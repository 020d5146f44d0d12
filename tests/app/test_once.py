"""The body of `prober run`, as far as it needs neither cluster nor browser."""

from pathlib import Path

import pytest
import yaml
from blockbuster import BlockBuster

from prober.adapters.redaction import Redactor
from prober.app.choosing import choose
from prober.app.config.load import load
from prober.app.config.settings import Settings
from prober.app.observers import Reports
from prober.app.once import run_once
from prober.domain.outcomes import Outcome

SESSION = {"cluster": "none", "namespace": "vdi", "user": "probe@example.com", "template": "ubuntu-desktop"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A target whose runs are errors at once, for want of a browser, and a store with room for one of them."""
    config = {
        "clusters": {"none": {"kubeconfig": "none.kubeconfig"}},
        "browser": {"executable": str(tmp_path / "none")},
        "targets": [{"name": "ubuntu", "schedule": {"every": "10m"}, "session": SESSION}],
        "evidence_store": {"url": str(tmp_path / "evidence"), "retention": {"count": 1, "free": "0%"}},
    }
    file = tmp_path / "prober.yaml"
    file.write_text(yaml.safe_dump(config))
    return load(file, environ={})


async def test_evidence_is_within_its_limits_at_the_end(
    settings: Settings, tmp_path: Path, no_blocking_calls: BlockBuster
) -> None:
    """The removal that no run waits for is done before the command ends: the next one may be a day away."""
    no_blocking_calls.deactivate()  # a browser is looked for, once, at the start
    reports = Reports()
    for number in (1, 2):
        faults = await run_once(
            settings,
            choices=choose(settings, ("ubuntu",)),
            environ={},
            redactor=Redactor(),
            watchers=[reports],
            say=lambda _: None,
        )
        assert faults == ()
        assert [report.outcome for report in reports.collected] == [Outcome.ERROR] * number
        assert kept_in(tmp_path / "evidence" / "ubuntu") == [reports.collected[-1].run_id]


def kept_in(folder: Path) -> list[str]:
    """Returns the names of a folder's folders."""
    return [place.name for place in folder.iterdir()]
