"""Processes and connections are read from /proc as psutil reads them."""

import os
import socket
import subprocess
import sys

import psutil

from prober.lab.accidents.kernel import lineage, owner_of, read_process


def test_a_process_is_read_with_its_parents() -> None:
    """Number, parent, user and command are the kernel's; the line goes up to the first process that can be read."""
    ours = read_process(os.getpid())
    assert ours is not None
    assert (ours.parent, ours.user) == (os.getppid(), os.getuid())
    assert list(ours.command) == psutil.Process().cmdline()
    assert ours.program == psutil.Process().exe()
    found = [process.pid for process in lineage(os.getpid())][1:]
    assert found
    assert found == [process.pid for process in psutil.Process().parents()][: len(found)]


def test_a_process_that_ended_is_none() -> None:
    """A number that nobody has any more leads nowhere."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert read_process(process.pid) is None
    assert list(lineage(process.pid)) == []


def test_a_connection_is_known_by_both_of_its_ends() -> None:
    """The owner of the asked end is found, and nobody where there is no such connection."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            assert owner_of(local=client.getsockname(), remote=server.getsockname()) == os.getpid()
            assert owner_of(local=client.getsockname(), remote=client.getsockname()) is None
