"""What is told of a program that ended."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from prober.lab.selkies.commands import Command
from prober.lab.selkies.layout import Layout
from prober.lab.selkies.order import Order
from prober.lab.selkies.processes import TAIL_CHARACTERS, Processes, ProgramEndedError
from prober.lab.selkies.programs import Programs

PASSWORD = "s3cret-of-a-desktop"
RELAYED = "s3cret-of-a-relay"

Script = Callable[[str], str]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """No programs yet, with the secrets of an order."""
    setpriv = shutil.which("setpriv")
    assert setpriv is not None
    order = Order(
        directory=str(tmp_path),
        route="probe",
        username="user",
        password=PASSWORD,
        mode="webrtc",
        ice_servers=({"urls": "turn:127.0.0.1:3478", "credential": RELAYED}, {"urls": "stun:127.0.0.1:3478"}),
        programs=Programs(xvfb="", openbox="", ico="", selkies="", setpriv=setpriv),
    )
    found = Processes(Layout(order.directory), setpriv=setpriv, secrets=order.secrets)
    yield found
    found.end()


@pytest.fixture
def last_words(processes: Processes) -> Script:
    """Returns what is told of a program that ran a script of the shell's."""

    def told(script: str) -> str:
        processes.start(
            Command(name="sh", arguments=("/bin/sh", "-c", script), environment={"PATH": os.environ["PATH"]})
        )
        reader, writer = os.pipe()
        with closing(os.fdopen(reader)), closing(os.fdopen(writer)), pytest.raises(ProgramEndedError) as ended:
            processes.wait(until_readable=reader, limit_s=10)
        return str(ended.value)

    return told


def test_a_program_that_ends_is_named(last_words: Script) -> None:
    """With its exit code, and the last lines of what it said."""
    told = last_words("for word in a b c d e f g; do echo $word; done; exit 3")
    assert told == "sh ended with code 3: c / d / e / f / g"


def test_no_secret_is_told(last_words: Script) -> None:
    """Neither a password nor a header made of it, wherever a program has it from: the message is public."""
    told = last_words(f"echo {PASSWORD}; echo x{RELAYED}x; echo Authorization: Basic dXNlcjpzM2NyZXQtb2YtYS1kZXNrdG9w")
    assert told.endswith(": [hidden] / x[hidden]x / Authorization: Basic [hidden]")


def test_only_the_end_is_told(last_words: Script) -> None:
    """A program may have said a million characters in a single line: the last few hundred are told."""
    told = last_words("head -c 1000000 /dev/zero | tr '\\0' x; echo end")
    assert told.endswith("xxxend")
    assert len(told.partition(": ")[2]) == TAIL_CHARACTERS
