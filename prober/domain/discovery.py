"""From the templates that a cluster offers to targets.

A discovering target is a pattern: a target in whose texts `{template}` stands for the name of a VDITemplate, one target
for each template that is found. Pure: names go in, targets come out, in the same order whoever lists them.

No template is dropped in silence. One that is found and not probed is named with its cause: more of them than the limit
allows, a name that would be none or is taken, a user whose host is another target's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from prober.domain.errors import Fault
from prober.domain.ids import ClusterName, TargetName
from prober.domain.target import Access, BasicAccess, Target

PLACEHOLDER = "{template}"
"""What stands for the template's name in a pattern's template, user, annotations and username."""

LONGEST_NAME = 63
"""How long a target's name may be, in characters: it is the value of a label on its sessions."""

_NOT_IN_A_HOST = re.compile(r"[^a-z0-9]")
"""What the platform replaces by a dash when it makes a host of a user."""


class LeftOut(StrEnum):
    """Why a template that was found is not probed."""

    LIMIT = "limit"
    """As many targets as the limit allows come before it by name."""
    NAME_TOO_LONG = "name_too_long"
    """The target's name would be longer than 63 characters."""
    NAME_TAKEN = "name_taken"
    """Another target has the name."""
    HOST_TAKEN = "host_taken"
    """Another target's user has the same host, where their sessions would collide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What became of the templates found.

    Attributes:
        targets: One for each template that is probed, by the template's name.
        left_out: The other templates with why, by name.
    """

    targets: tuple[Target, ...] = ()
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryState:
    """What a discovering target has come to, for whoever shows it.

    Attributes:
        name: The discovering target's name.
        expansion: What became of the templates found last; empty before the first answer.
        fault: Why the latest attempt to list templates failed; the targets are those from before it then.
    """

    name: TargetName
    expansion: Expansion = field(default_factory=Expansion)
    fault: Fault | None = None


def expand(pattern: Target, templates: Iterable[str], *, limit: int, others: Iterable[Target] = ()) -> Expansion:
    """Makes the targets of a pattern.

    Args:
        pattern: The discovering target.
        templates: The names of the templates found, in any order.
        limit: How many targets there may be at most.
        others: The targets there are already, which have precedence over names and hosts.
    """
    names = {other.name for other in others}
    hosts = {_host(other) for other in others}
    targets: list[Target] = []
    left_out: dict[str, LeftOut] = {}
    for template in sorted(set(templates)):
        target = replace(filled(pattern, template=template), name=name_of(pattern.name, template=template))
        if len(target.name) > LONGEST_NAME:
            left_out[template] = LeftOut.NAME_TOO_LONG
        elif target.name in names:
            left_out[template] = LeftOut.NAME_TAKEN
        elif _host(target) in hosts:
            left_out[template] = LeftOut.HOST_TAKEN
        elif len(targets) >= limit:
            left_out[template] = LeftOut.LIMIT
        else:
            names.add(target.name)
            hosts.add(_host(target))
            targets.append(target)
    return Expansion(targets=tuple(targets), left_out=left_out)


def filled(pattern: Target, *, template: str) -> Target:
    """Returns the target with a template's name in the place of each `{template}`; its own name stays."""
    session = pattern.session

    def fill(text: str) -> str:
        return text.replace(PLACEHOLDER, template)

    return replace(
        pattern,
        session=replace(
            session,
            template=fill(session.template),
            user=fill(session.user),
            annotations={key: fill(text) for key, text in session.annotations.items()},
        ),
        access=_filled_access(pattern.access, template=template),
    )


def name_of(pattern: str, *, template: str) -> TargetName:
    """Returns the name of the target that a pattern makes of a template; templates may have dots, targets may not."""
    return TargetName(f"{pattern}-{template.replace('.', '-')}")


def host_label(user: str) -> str:
    """Returns the part of a session's host that stands for its user, as the platform makes it."""
    return _NOT_IN_A_HOST.sub("-", user.lower())


def _filled_access(access: Access, *, template: str) -> Access:
    if not isinstance(access, BasicAccess):
        return access
    return replace(access, username=access.username.replace(PLACEHOLDER, template))


def _host(target: Target) -> tuple[ClusterName, str]:
    return target.session.cluster, host_label(target.session.user)
