"""The targets that a person names: one of the file, all that a discovering one finds, or one of those.

Names are checked before anything is connected to, as far as the file alone can tell; the rest is known once the
clusters were asked for their templates.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from prober.app.config.settings import DiscoverySetting, Settings
from prober.app.discovery import find_templates
from prober.domain.discovery import Expansion, expand
from prober.domain.errors import Fault, ProbeError
from prober.domain.ids import ClusterName, TargetName
from prober.domain.reasons import Reason
from prober.domain.target import Target
from prober.flow.ports import Templates


class UnknownTargetError(LookupError):
    """No target has that name, and none that is discovered can have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A name that leads to targets which only the clusters know.

    Attributes:
        name: As given.
        among: The discovering targets that may find it, in the file's order.
        every: Whether all that is found is meant, not the one target of that name.
    """

    name: TargetName
    among: tuple[DiscoverySetting, ...]
    every: bool


Choice = Target | Sought
"""What a name stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What names came to.

    Attributes:
        targets: What is to be probed, each once, in the order of the names.
        faults: Why there is nothing for a name, with the name in the summary.
        notes: Templates that were found and are not probed, as lines for a person.
    """

    targets: tuple[Target, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def choose(settings: Settings, names: Sequence[str]) -> tuple[Choice, ...]:
    """Returns what names stand for, each once.

    Raises:
        UnknownTargetError: It says which names there are.
    """
    return tuple(_choice(settings, TargetName(name)) for name in dict.fromkeys(names))


async def resolve(
    choices: Sequence[Choice], *, settings: Settings, templates: Mapping[ClusterName, Templates]
) -> Resolved:
    """Asks the clusters for what only they know; without discovering targets among the choices nothing is asked."""
    expansions = await _expansions(choices, settings=settings, templates=templates)
    targets: dict[TargetName, Target] = {}
    faults: list[Fault] = []
    for choice in choices:
        found = (choice,) if isinstance(choice, Target) else _found(choice, expansions)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            targets |= {target.name: target for target in found}
    return Resolved(targets=tuple(targets.values()), faults=tuple(faults), notes=_notes(expansions))


def _choice(settings: Settings, name: TargetName) -> Choice:
    for setting in settings.targets:
        if setting.target.name == name:
            return setting.target
    for discovery in settings.discoveries:
        if discovery.pattern.name == name:
            return Sought(name=name, among=(discovery,), every=True)
    among = tuple(found for found in settings.discoveries if name.startswith(f"{found.pattern.name}-"))
    if not among:
        known = [target.name for target in settings.patterns()]
        raise UnknownTargetError(f"no target is called {name!r}; there are: {', '.join(known)}")
    return Sought(name=name, among=among, every=False)


async def _expansions(
    choices: Sequence[Choice], *, settings: Settings, templates: Mapping[ClusterName, Templates]
) -> dict[TargetName, Expansion | Fault]:
    """Expands the discovering targets that are asked for, in the file's order, as the service would."""
    wanted = {setting.pattern.name for choice in choices if isinstance(choice, Sought) for setting in choice.among}
    asked = [setting for setting in settings.discoveries if setting.pattern.name in wanted]
    async with asyncio.TaskGroup() as group:
        lists = [
            group.create_task(_list(setting, templates), name=f"discover {setting.pattern.name}") for setting in asked
        ]
    others = [setting.target for setting in settings.targets]
    expansions: dict[TargetName, Expansion | Fault] = {}
    for setting, task in zip(asked, lists, strict=True):
        listed = task.result()
        if isinstance(listed, Fault):
            expansions[setting.pattern.name] = listed
            continue
        expansion = expand(setting.pattern, listed, limit=setting.limit, others=others)
        others += expansion.targets
        expansions[setting.pattern.name] = expansion
    return expansions


async def _list(setting: DiscoverySetting, templates: Mapping[ClusterName, Templates]) -> Sequence[str] | Fault:
    try:
        return await find_templates(templates[setting.pattern.session.cluster], selector=setting.selector)
    except ProbeError as error:
        return error.fault


def _found(sought: Sought, expansions: Mapping[TargetName, Expansion | Fault]) -> Sequence[Target] | Fault:
    answers = [expansions[setting.pattern.name] for setting in sought.among]
    there = [target for answer in answers if isinstance(answer, Expansion) for target in answer.targets]
    chosen = [target for target in there if sought.every or target.name == sought.name]
    if chosen:
        return chosen
    for answer in answers:
        if isinstance(answer, Fault):
            return replace(answer, summary=f"{sought.name}: {answer.summary}")
    if sought.every:
        return Fault(reason=Reason.TEMPLATE_NOT_FOUND, summary=f"{sought.name}: no template was found that is probed")
    known = ", ".join(target.name for target in there) or "none"
    return Fault(
        reason=Reason.TEMPLATE_NOT_FOUND, summary=f"{sought.name}: no template gives this target; found: {known}"
    )


def _notes(expansions: Mapping[TargetName, Expansion | Fault]) -> tuple[str, ...]:
    return tuple(
        f"{name}: template {template} is not probed: {cause.value}"
        for name, expansion in expansions.items()
        if isinstance(expansion, Expansion)
        for template, cause in expansion.left_out.items()
    )
