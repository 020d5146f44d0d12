"""Discovery: the targets follow the VDITemplates that the clusters offer.

Templates are listed every half minute. A watch would know of a change seconds earlier, which nobody waits for, since
templates change by hand and a new target's first run is spread over minutes anyway; and it would cost a connection
with all that can break in one. A list heals by itself what it missed.

A list that fails changes nothing: targets go when the API server says that their template is gone, never because it
says nothing. The outage is told once in the log, and in the metrics at each attempt.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prober.adapters.logs import event_log
from prober.adapters.metrics import Metrics
from prober.app.config.settings import DiscoverySetting, Settings
from prober.app.roster import Roster
from prober.domain.discovery import DiscoveryState, Expansion, LeftOut, expand
from prober.domain.errors import Fault, ProbeError, TargetFailed
from prober.domain.ids import ClusterName, TargetName
from prober.domain.reasons import Reason
from prober.domain.target import Schedule, Target
from prober.flow.ports import Clock, Templates

EVERY_S = 30.0
"""How often templates are listed, in seconds."""

ANSWER_S = 10.0
"""How long listing may take, in seconds: the service's start waits for the first list, and must not hang."""


async def find_templates(templates: Templates, *, selector: str) -> Sequence[str]:
    """Lists templates, within bounds.

    Raises:
        ProbeError: What the port met, `api_unreachable` too where no answer came in time.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            return await templates.names(selector=selector)
    except TimeoutError:
        summary = f"listing templates got no answer within {ANSWER_S:g} s"
        raise TargetFailed.because(Reason.API_UNREACHABLE, summary) from None


@dataclass(slots=True, kw_only=True)
class _Found:
    """What is known of one discovering target.

    Attributes:
        setting: Its configuration.
        templates: The names listed last.
        listed_at: When that was; `None` before the first answer.
        expansion: What became of them.
        fault: Why the latest attempt to list them failed.
    """

    setting: DiscoverySetting
    templates: Sequence[str] = ()
    listed_at: datetime | None = None
    expansion: Expansion = field(default_factory=Expansion)
    fault: Fault | None = None

    @property
    def name(self) -> TargetName:
        """The discovering target's name."""
        return self.setting.pattern.name


class Discovery:
    """Keeps the roster to what the clusters offer.

    Args:
        settings: The configuration.
        templates: The templates of its clusters.
        roster: Where targets are taken on and off.
        metrics: Is told what was found.
        clock: Tells when.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        templates: Mapping[ClusterName, Templates],
        roster: Roster,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._fixed = tuple(setting.target for setting in settings.targets)
        self._found = [_Found(setting=setting) for setting in settings.discoveries]
        self._templates = templates
        self._roster = roster
        self._metrics = metrics
        self._clock = clock
        self._made: dict[TargetName, Target] = {}
        for found in self._found:
            metrics.add_discovery(found.name)

    def states(self) -> tuple[DiscoveryState, ...]:
        """Returns what each discovering target has come to, in the file's order."""
        return tuple(
            DiscoveryState(name=found.name, expansion=found.expansion, fault=found.fault) for found in self._found
        )

    async def follow(self) -> None:
        """Refreshes again and again, an interval from now for the first time."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.refresh()
            except Exception:  # noqa: BLE001 - one round's defect must not end all discovery
                event_log().exception("discovery_crashed")

    async def refresh(self) -> None:
        """Lists the templates of all clusters at once, then takes targets on and off."""
        async with asyncio.TaskGroup() as group:
            for found in self._found:
                group.create_task(self._list(found), name=f"discover {found.name}")
        self._expand()
        self._follow_up()
        self._roster.settle()

    async def _list(self, found: _Found) -> None:
        cluster = self._templates[found.setting.pattern.session.cluster]
        try:
            found.templates = await find_templates(cluster, selector=found.setting.selector)
        except ProbeError as error:
            self._metrics.discovery_failed(found.name)
            _tell_fault(found, error.fault)
            found.fault = error.fault
            return
        found.listed_at = self._clock.now()
        if found.fault is not None:
            event_log().info("discovery_recovered", discovery=found.name, templates=len(found.templates))
        found.fault = None

    def _expand(self) -> None:
        """Makes targets of all that is known: each discovering target yields to the fixed ones, and those before it."""
        others = list(self._fixed)
        for found in self._found:
            setting = found.setting
            expansion = expand(setting.pattern, found.templates, limit=setting.limit, others=others)
            others += expansion.targets
            _tell_left_out(found, expansion.left_out)
            found.expansion = expansion
            if found.listed_at is not None:
                self._metrics.discovered(found.name, expansion, at=found.listed_at)

    def _follow_up(self) -> None:
        wanted = {target.name: (target, found) for found in self._found for target in found.expansion.targets}
        for name in [name for name in self._made if name not in wanted]:
            event_log().info("target_removed", target=name, template=self._made.pop(name).session.template)
            self._roster.remove(name)
        for name, (target, found) in wanted.items():
            if self._made.get(name) != target:
                self._take_on(target, schedule=found.setting.schedule, discovery=found.name)

    def _take_on(self, target: Target, *, schedule: Schedule, discovery: TargetName) -> None:
        self._made[target.name] = target
        self._roster.add(target, schedule=schedule)
        event_log().info("target_added", target=target.name, template=target.session.template, discovery=discovery)


def _tell_fault(found: _Found, fault: Fault) -> None:
    """Logs an outage once, and again when its reason changes."""
    if found.fault is not None and found.fault.reason is fault.reason:
        return
    event_log().warning(
        "discovery_failed",
        discovery=found.name,
        reason=fault.reason.value,
        summary=fault.summary,
        targets_kept=len(found.expansion.targets),
    )


def _tell_left_out(found: _Found, left_out: Mapping[str, LeftOut]) -> None:
    """Logs the templates that are not probed, whenever that changes."""
    if left_out and left_out != found.expansion.left_out:
        causes = {template: cause.value for template, cause in left_out.items()}
        event_log().warning("templates_left_out", discovery=found.name, limit=found.setting.limit, templates=causes)
