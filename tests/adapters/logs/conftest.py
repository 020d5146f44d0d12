"""Logging that is put back after each test."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from prober.adapters.logs import LOGGER_NAME, configure_logging
from prober.adapters.redaction import Redactor

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger(LOGGER_NAME)
    handlers, levels = list(root.handlers), (root.level, own.level)
    yield
    root.handlers = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    """Where the logs go."""
    return io.StringIO()


@pytest.fixture
def redactor(stream: io.StringIO) -> Redactor:
    """Logs JSON at level debug, and returns the redactor."""
    return configure_logging(stream=stream, json=True, level="debug")


@pytest.fixture
def lines(stream: io.StringIO, redactor: Redactor) -> Lines:
    """Returns what was logged, one object a line."""
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
