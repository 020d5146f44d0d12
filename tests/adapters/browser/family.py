"""The processes that the tests' browsers run in; all functions read /proc, so call them from a thread."""

from contextlib import suppress

import psutil

from tests.cluster import daemon


def children() -> set[psutil.Process]:
    """Returns all that descends from the test's process, but for the daemons that outlive a module of tests."""
    return {child for child in psutil.Process().children(recursive=True) if child.pid not in daemon.STARTED}


def drivers() -> list[psutil.Process]:
    """Returns the drivers that run."""
    return [process for process, words in _commands().items() if "run-driver" in words]


def browsers() -> list[psutil.Process]:
    """Returns the browsers' main processes, with the shell that a distribution wraps each in."""
    return [
        process
        for process, words in _commands().items()
        if "--remote-debugging-pipe" in words and not any(word.startswith("--type=") for word in words)
    ]


def _commands() -> dict[psutil.Process, list[str]]:
    commands: dict[psutil.Process, list[str]] = {}
    for process in children():
        with suppress(psutil.Error):
            commands[process] = process.cmdline()
    return commands
