"""Targets that follow templates: a fake cluster, the real schedule, metrics and reports."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from blockbuster import BlockBuster

from prober.adapters.clock import SystemClock
from prober.adapters.logs import configure_logging
from prober.adapters.metrics import Metrics
from prober.adapters.schedule import FirstRun, Scheduler
from prober.app import discovery as discovery_module
from prober.app.config.settings import DiscoverySetting, TargetSetting
from prober.app.discovery import Discovery
from prober.app.last_reports import LastReports
from prober.app.roster import Roster
from prober.domain.discovery import LeftOut
from prober.domain.errors import Fault
from prober.domain.ids import ClusterName, TargetName
from prober.domain.reasons import Reason
from prober.domain.target import Target
from tests.adapters.reporting import make_report
from tests.app.discovering import PRODUCTION, STAGING, discovering, fixed, settings
from tests.fakes.templates import FakeTemplates

OUTAGE = Fault(reason=Reason.API_UNREACHABLE, summary="the API server does not answer")
FORBIDDEN = Fault(reason=Reason.RBAC_DENIED, summary="needed: list on vditemplates")
PATIENCE_S = 5


@dataclass
class Service:
    """What the service is made of, as far as discovery sees it.

    Attributes:
        templates: The clusters.
        release: Lets runs end, which else go on.
        begun: The targets whose runs began.
        ended: Those whose runs are over.
        news: Set when a run begins or ends.
    """

    templates: dict[ClusterName, FakeTemplates]
    release: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[Target] = field(default_factory=list)
    ended: list[Target] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    log: io.StringIO = field(default_factory=io.StringIO)
    metrics: Metrics = field(default_factory=lambda: Metrics(version="1"))
    last: LastReports = field(default_factory=LastReports)

    def __post_init__(self) -> None:
        configure_logging(stream=self.log, json=True, level="info")
        self.scheduler = Scheduler(
            capacity=2, on_skipped=self.metrics.skipped, on_delay=lambda _: None, on_crashed=lambda *_: None
        )
        self.roster = Roster(
            scheduler=self.scheduler,
            metrics=self.metrics,
            last=self.last,
            probe=self.probe,
            first_run=FirstRun.NOW,
        )

    async def probe(self, target: Target) -> None:
        """Plays the runner."""
        self.begun.append(target)
        self.news.set()
        await self.release.wait()
        self.metrics.run_finished(target, make_report(target=target.name))
        self.last.run_finished(target, make_report(target=target.name))
        self.ended.append(target)
        self.news.set()

    def discovery(self, *parts: TargetSetting | DiscoverySetting) -> Discovery:
        """Makes the discovery of a configuration, with its fixed targets on the roster."""
        made = settings(*parts)
        for setting in made.targets:
            self.roster.add(setting.target, schedule=setting.schedule)
        return Discovery(made, templates=self.templates, roster=self.roster, metrics=self.metrics, clock=SystemClock())

    def events(self, name: str) -> list[Mapping[str, Any]]:
        """Returns the logged events of a name."""
        events = map(json.loads, self.log.getvalue().splitlines())
        return [event for event in events if event["event"] == name]

    async def series(self, text: str) -> list[str]:
        """Returns the lines of the exposition that have the text."""
        exposition, _ = await asyncio.to_thread(self.metrics.render, "")
        return [line for line in exposition.decode().splitlines() if text in line]

    async def value(self, series: str) -> float | None:
        """Returns a series' value."""
        return next((float(line.split()[-1]) for line in await self.series(series)), None)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until runs have begun or ended such that the condition holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self.news.clear()
                await self.news.wait()


class Defective(FakeTemplates):
    """Breaks at its first call, as only our own code can."""

    async def names(self, *, selector: str = "") -> Sequence[str]:
        if not self.asked:
            self.asked.append(selector)
            raise ZeroDivisionError
        return await super().names(selector=selector)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """Two clusters without templates."""
    service = Service(templates={STAGING: FakeTemplates(), PRODUCTION: FakeTemplates()})
    service.scheduler.start()
    yield service
    await service.scheduler.stop()


async def test_a_target_for_each_template(service: Service) -> None:
    """What is found is probed, has its series, stands on the status page; the log names each."""
    service.templates[STAGING] = FakeTemplates({"ubuntu": {}, "debian.12": {}})
    await service.discovery(fixed("own"), discovering("each")).refresh()
    assert service.roster.names == ("own", "each-debian-12", "each-ubuntu")
    assert service.last.reports().keys() == {"own", "each-debian-12", "each-ubuntu"}
    assert await service.series('target="each-ubuntu"')
    assert await service.value('vdi_probe_target_interval_seconds{target="each-ubuntu"}') == 3600
    assert await service.value('vdi_prober_discovery_targets{discovery="each"}') == 2
    await service.until(lambda: len(service.begun) == 2)
    added = {event["target"]: event["template"] for event in service.events("target_added")}
    assert added == {"each-debian-12": "debian.12", "each-ubuntu": "ubuntu"}


async def test_additions_and_removals_are_followed(service: Service) -> None:
    """A further round takes on what came, takes off what went, and leaves alone what stayed."""
    cluster = service.templates[STAGING]
    discovery = service.discovery(discovering("each"))
    await discovery.refresh()
    assert not service.roster.names
    cluster.offer("a")
    cluster.offer("b")
    await discovery.refresh()
    due = service.scheduler.next_due(TargetName("each-b"))
    cluster.withdraw("a")
    cluster.offer("c")
    await discovery.refresh()
    assert service.roster.names == ("each-b", "each-c")
    assert service.scheduler.next_due(TargetName("each-a")) is None
    assert due is not None
    assert [event["target"] for event in service.events("target_removed")] == ["each-a"]
    assert [event["target"] for event in service.events("target_added")] == ["each-a", "each-b", "each-c"]


async def test_a_removed_target_ends_its_run_first(service: Service) -> None:
    """The run under way ends as it would have and counts; the series go after it, and nothing brings them back."""
    cluster = service.templates[STAGING]
    cluster.offer("a")
    discovery = service.discovery(discovering("each"))
    await discovery.refresh()
    await service.until(lambda: bool(service.begun))
    cluster.withdraw("a")
    await discovery.refresh()
    assert service.roster.names == ()
    assert await service.value('vdi_probe_runs_total{outcome="success",target="each-a"}') == 0
    service.release.set()
    assert await service.scheduler.drain(timeout_s=PATIENCE_S)
    assert await service.value('vdi_probe_runs_total{outcome="success",target="each-a"}') == 1
    await discovery.refresh()
    assert await service.series('target="each-a"') == []
    assert service.last.reports() == {}
    service.metrics.run_finished(service.begun[0], make_report(target="each-a"))
    service.last.run_finished(service.begun[0], make_report(target="each-a"))
    assert (await service.series('target="each-a"'), service.last.reports()) == ([], {})


async def test_a_target_that_returns_before_its_run_is_over(service: Service) -> None:
    """It keeps its series, with what was counted."""
    cluster = service.templates[STAGING]
    cluster.offer("a")
    discovery = service.discovery(discovering("each"))
    await discovery.refresh()
    await service.until(lambda: bool(service.begun))
    cluster.withdraw("a")
    await discovery.refresh()
    cluster.offer("a")
    await discovery.refresh()
    service.release.set()
    assert await service.scheduler.drain(timeout_s=PATIENCE_S)
    await discovery.refresh()
    assert service.roster.names == ("each-a",)
    assert await service.value('vdi_probe_runs_total{outcome="success",target="each-a"}') == 1


async def test_a_selector_picks(service: Service) -> None:
    """Two discovering targets of one cluster each have the templates of their labels."""
    service.templates[STAGING] = FakeTemplates({"a": {"tier": "gold"}, "b": {"tier": "silver"}})
    await service.discovery(
        discovering("gold", selector="tier=gold"), discovering("silver", selector="tier=silver")
    ).refresh()
    assert service.roster.names == ("gold-a", "silver-b")
    assert sorted(service.templates[STAGING].asked) == ["tier=gold", "tier=silver"]


async def test_what_is_beyond_the_limit_is_told(service: Service) -> None:
    """It is logged once for each change, counted, in the state for the status page; it moves up when there is room."""
    cluster = service.templates[STAGING] = FakeTemplates({"a": {}, "b": {}, "c": {}})
    discovery = service.discovery(discovering("each", limit=2))
    await discovery.refresh()
    await discovery.refresh()
    assert service.roster.names == ("each-a", "each-b")
    assert await service.value('vdi_prober_discovery_left_out{discovery="each",reason="limit"}') == 1
    assert discovery.states()[0].expansion.left_out == {"c": LeftOut.LIMIT}
    [event] = service.events("templates_left_out")
    assert (event["templates"], event["limit"], event["level"]) == ({"c": "limit"}, 2, "warning")
    cluster.withdraw("a")
    await discovery.refresh()
    assert service.roster.names == ("each-b", "each-c")
    assert await service.value('vdi_prober_discovery_left_out{discovery="each",reason="limit"}') == 0


async def test_another_target_has_precedence(service: Service) -> None:
    """Names and hosts of fixed targets, then of discovering ones before it, are not taken a second time."""
    service.templates[STAGING] = FakeTemplates({"a": {}, "b": {}})
    first, second = discovering("each"), discovering("eac")
    alike = replace(second, pattern=replace(second.pattern, session=first.pattern.session))
    discovery = service.discovery(fixed("each-a"), fixed("own", user="each-b@example.com"), first, alike)
    await discovery.refresh()
    assert [state.expansion.left_out for state in discovery.states()] == [
        {"a": LeftOut.NAME_TAKEN, "b": LeftOut.HOST_TAKEN},
        {"b": LeftOut.HOST_TAKEN},
    ]
    assert service.roster.names == ("each-a", "own", "eac-a")


async def test_an_outage_keeps_the_targets(service: Service) -> None:
    """No answer is not: all removed. It is logged once, counted each time, shown; its end is logged too."""
    cluster = service.templates[STAGING] = FakeTemplates({"a": {}})
    discovery = service.discovery(discovering("each"))
    await discovery.refresh()
    listed = await service.value('vdi_prober_discovery_last_success_timestamp_seconds{discovery="each"}')
    cluster.fault = OUTAGE
    await discovery.refresh()
    await discovery.refresh()
    assert service.roster.names == ("each-a",)
    assert discovery.states()[0].fault == OUTAGE
    assert await service.value('vdi_prober_discovery_targets{discovery="each"}') == 1
    assert await service.value('vdi_prober_discovery_failures_total{discovery="each"}') == 2
    assert await service.value('vdi_prober_discovery_last_success_timestamp_seconds{discovery="each"}') == listed
    [event] = service.events("discovery_failed")
    assert (event["reason"], event["targets_kept"]) == ("api_unreachable", 1)
    cluster.fault = FORBIDDEN
    await discovery.refresh()
    assert [event["reason"] for event in service.events("discovery_failed")] == ["api_unreachable", "rbac_denied"]
    cluster.fault = None
    await discovery.refresh()
    assert len(service.events("discovery_recovered")) == 1
    assert discovery.states()[0].fault is None


async def test_an_outage_from_the_beginning(service: Service) -> None:
    """Fixed targets go on, nothing is said of what is not known, and targets join when there is an answer."""
    cluster = service.templates[STAGING]
    cluster.fault = FORBIDDEN
    discovery = service.discovery(fixed("own"), discovering("each"))
    await discovery.refresh()
    await service.until(lambda: [target.name for target in service.begun] == ["own"])
    assert await service.value('vdi_prober_discovery_targets{discovery="each"}') is None
    assert await service.value('vdi_prober_discovery_failures_total{discovery="each"}') == 1
    [event] = service.events("discovery_failed")
    assert "list on vditemplates" in event["summary"]
    cluster.offer("a")
    cluster.fault = None
    await discovery.refresh()
    assert service.roster.names == ("own", "each-a")


async def test_an_outage_of_one_cluster_is_no_matter_to_the_other(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster that hangs costs a bounded time, in which the others' templates are listed."""
    monkeypatch.setattr(discovery_module, "ANSWER_S", 0.1)
    service.templates[STAGING].hanging = True
    service.templates[PRODUCTION].offer("a")
    discovery = service.discovery(discovering("here"), discovering("there", cluster=PRODUCTION))
    async with asyncio.timeout(PATIENCE_S):
        await discovery.refresh()
    assert service.roster.names == ("there-a",)
    here, there = discovery.states()
    assert here.fault is not None
    assert (here.fault.reason, there.fault) == (Reason.API_UNREACHABLE, None)
    assert "no answer within 0.1 s" in here.fault.summary


async def test_it_goes_on_after_a_defect(
    service: Service, monkeypatch: pytest.MonkeyPatch, no_blocking_calls: BlockBuster
) -> None:
    """A round that breaks is logged with its traceback, and the next one follows."""
    no_blocking_calls.deactivate()  # a traceback is made of source files
    monkeypatch.setattr(discovery_module, "EVERY_S", 0.001)
    cluster = service.templates[STAGING] = Defective({"a": {}})
    following = asyncio.create_task(service.discovery(discovering("each")).follow())
    await service.until(lambda: bool(service.begun))
    following.cancel()
    await asyncio.wait([following])
    assert len(cluster.asked) > 1
    assert len(service.events("discovery_crashed")) == 1


async def test_a_template_under_the_same_name(service: Service) -> None:
    """Where another template comes to give the same target, the target is replaced and its counts stay."""
    cluster = service.templates[STAGING] = FakeTemplates({"a-b": {}, "a.b": {}})
    discovery = service.discovery(discovering("each"))
    service.release.set()
    await discovery.refresh()
    await service.until(lambda: len(service.ended) == 1)
    cluster.withdraw("a-b")
    await discovery.refresh()
    await service.until(lambda: len(service.ended) == 2)
    assert await service.value('vdi_probe_runs_total{outcome="success",target="each-a-b"}') == 2
    assert [target.session.template for target in service.begun] == ["a-b", "a.b"]
    assert await service.series('template="a.b"')
    assert not await service.series('template="a-b"')
