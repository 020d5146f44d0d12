"""Templates without a cluster.

    FakeTemplates({"ubuntu": {"tier": "gold"}, "debian": {}})
    fake.offer("fedora", tier="gold")
    fake.withdraw("ubuntu")
    fake.fault = Fault(reason=Reason.API_UNREACHABLE, summary="the API server does not answer")
    fake.hanging = True

It runs the contract suite of the real adapter, whose selectors are the API server's own: here `key=value` and `key`,
with commas between them.
"""

import asyncio
from collections.abc import Mapping, Sequence

from prober.domain.errors import Fault, TargetFailed
from prober.flow.ports.templates import Templates


class FakeTemplates(Templates):
    """Scripted VDITemplates of one cluster.

    Attributes:
        asked: The selectors asked for, in order.
        fault: What every call meets, `None` where there is an answer.
        hanging: Whether every call waits until it is cancelled.
    """

    def __init__(self, offered: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.asked: list[str] = []
        self.fault: Fault | None = None
        self.hanging = False
        self._labels = {name: dict(labels) for name, labels in (offered or {}).items()}

    def offer(self, name: str, **labels: str) -> None:
        """Adds a template, or labels it anew."""
        self._labels[name] = labels

    def withdraw(self, name: str) -> None:
        """Removes a template."""
        del self._labels[name]

    async def names(self, *, selector: str = "") -> Sequence[str]:
        self.asked.append(selector)
        if self.hanging:
            await asyncio.Event().wait()
        if self.fault is not None:
            raise TargetFailed(self.fault)
        wanted = [term.strip().partition("=") for term in selector.split(",") if term.strip()]
        return [
            name
            for name, labels in self._labels.items()
            if all(key in labels and (not equals or labels[key] == value) for key, equals, value in wanted)
        ]
