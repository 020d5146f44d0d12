"""Whose browser visits a desktop, and who drives it.

Strict, since what is found here is what is hit: from the process that has the visit's connection open upwards there
must be a browser that was started to be automated, then the driver that Playwright starts, then whoever started that;
all of our own user, none of them ourselves.
"""

import os
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePath

from prober.lab.accidents.kernel import Address, Process, lineage, owner_of

_BROWSERS = ("chrom", "headless_shell")
"""How the programs' names begin that may be hit: chrome, chromium, chromium-headless-shell, headless_shell."""

_AUTOMATED = "--remote-debugging-pipe"
"""The option by which a browser obeys whoever started it; no person's browser has it."""

_PART = "--type="
"""The option that every process of a browser has but its first."""

_DRIVER = "run-driver"
"""How Playwright's driver is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who visits.

    Attributes:
        browser: The browser's first process.
        driver: What it obeys.
        prober: Who started the driver.
    """

    browser: Process
    driver: Process
    prober: Process


def find_visitor(*, visitor: Address, desktop: Address) -> Visitor | None:
    """Returns whose connection it is; `None` where it is nobody's that may be hit.

    Reads /proc, so call it from a thread.

    Args:
        visitor: The connection's far end.
        desktop: The lab's own end.
    """
    pid = owner_of(local=visitor, remote=desktop)
    return None if pid is None else among(tuple(lineage(pid)))


def among(line: tuple[Process, ...]) -> Visitor | None:
    """Returns the visitor in a line of processes, the youngest first; `None` where none may be hit."""
    parts = tuple(takewhile(_is_part, line))
    if len(parts) == len(line):
        return None
    browser, *elders = line[len(parts) :]
    at = next((number for number, elder in enumerate(elders) if _DRIVER in elder.command), None)
    if at is None or at + 1 >= len(elders):
        return None
    driver, prober = elders[at : at + 2]
    ours = all(process.user == os.getuid() for process in (*parts, browser, driver, prober))
    strange = any(part.program != browser.program for part in parts)
    if not ours or strange or not _is_browser(browser) or os.getpid() in {browser.pid, driver.pid}:
        return None
    return Visitor(browser=browser, driver=driver, prober=prober)


def _is_part(process: Process) -> bool:
    return any(argument.startswith(_PART) for argument in process.command)


def _is_browser(process: Process) -> bool:
    return PurePath(process.program).name.startswith(_BROWSERS) and _AUTOMATED in process.command
