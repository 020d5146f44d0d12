"""Only an automated browser of ours is ever found, whoever is connected."""

import os
import socket
from dataclasses import replace

import pytest

from prober.lab.accidents.kernel import Process
from prober.lab.accidents.visitors import Visitor, among, find_visitor

CHROME = "/usr/lib/chromium/chromium"


def process(pid: int, *command: str, program: str = CHROME, user: int | None = None) -> Process:
    """A process of ours."""
    user = os.getuid() if user is None else user
    return Process(pid=pid, started=1, parent=pid - 1, user=user, program=program, command=command)


PROBER = process(11, "python", "-m", "prober", program="/usr/bin/python3")
DRIVER = process(12, "node", "cli.js", "run-driver", program="/opt/node")
WRAPPER = process(13, "sh", "/usr/bin/chromium", "--remote-debugging-pipe", program="/bin/dash")
BROWSER = process(14, CHROME, "--headless", "--remote-debugging-pipe")
NETWORK = process(15, CHROME, "--type=utility")
LINE = (NETWORK, BROWSER, WRAPPER, DRIVER, PROBER)


@pytest.mark.parametrize(
    "line", [LINE, LINE[1:], (NETWORK, BROWSER, DRIVER, PROBER)], ids=["usual", "one process", "no wrapper"]
)
def test_a_prober_s_browser_is_found(line: tuple[Process, ...]) -> None:
    """From whatever process has the connection up to whoever started the driver."""
    assert among(line) == Visitor(browser=BROWSER, driver=DRIVER, prober=PROBER)


@pytest.mark.parametrize(
    "line",
    [
        (NETWORK, replace(BROWSER, command=(CHROME,)), PROBER),
        (NETWORK, replace(BROWSER, command=(CHROME,)), WRAPPER, DRIVER, PROBER),
        (NETWORK, BROWSER, WRAPPER, PROBER),
        (NETWORK, BROWSER, WRAPPER, DRIVER),
        (process(14, "curl", program="/usr/bin/curl"), DRIVER, PROBER),
        (replace(NETWORK, program="/usr/bin/other"), BROWSER, DRIVER, PROBER),
        (NETWORK, replace(BROWSER, user=os.getuid() + 1), DRIVER, PROBER),
        (NETWORK, BROWSER, replace(DRIVER, user=os.getuid() + 1), PROBER),
        (NETWORK, BROWSER, DRIVER, replace(PROBER, user=os.getuid() + 1)),
        (NETWORK, BROWSER, replace(DRIVER, pid=os.getpid()), PROBER),
        (NETWORK,),
        (),
    ],
    ids=[
        *("a person's browser", "not automated", "no driver", "nobody's driver", "no browser", "another program"),
        *("another user's", "another user's driver", "another user's prober", "ourselves", "no first process", "gone"),
    ],
)
def test_nobody_else_is(line: tuple[Process, ...]) -> None:
    """Whatever is not all of that is left alone."""
    assert among(line) is None


def test_a_connection_of_our_own_is_nobodys() -> None:
    """A plain client of the lab, a test here, is no browser."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            assert find_visitor(visitor=client.getsockname(), desktop=server.getsockname()) is None
