"""What the prober's events look like."""

import io
import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from prober.adapters.logs import LogObserver, configure_logging, event_log, level_of
from prober.domain.ids import TargetName
from prober.domain.outcomes import Outcome, SkipReason, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import as_dict
from prober.domain.steps import StepName
from tests.adapters.reporting import make_failure, make_report, make_step, make_target

Lines = Callable[[], list[dict[str, Any]]]


def test_run_finished_is_the_report(lines: Lines) -> None:
    """A run is one event: time, level, name, then the report's published form."""
    report = make_report()
    LogObserver().run_finished(make_target(), report)
    (event,) = lines()
    assert list(event)[:3] == ["timestamp", "level", "event"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event.pop("timestamp"))
    assert event.pop("level") == "info"
    assert event.pop("event") == "run_finished"
    assert event == json.loads(json.dumps(as_dict(report)))


@pytest.mark.parametrize(
    ("outcome", "level"),
    [
        (Outcome.SUCCESS, logging.INFO),
        (Outcome.FAILURE, logging.WARNING),
        (Outcome.ERROR, logging.ERROR),
        (Outcome.SKIPPED, logging.WARNING),
        (Outcome.CANCELLED, logging.INFO),
    ],
    ids=[outcome.value for outcome in Outcome],
)
def test_level_follows_outcome(outcome: Outcome, level: int) -> None:
    """One function says how loud an outcome is."""
    assert level_of(outcome) == level


def test_failure_names_its_reason(lines: Lines) -> None:
    """A failure is a warning with step, layer and reason at the top."""
    LogObserver().run_finished(make_target(), make_failure(Reason.BLACK_FRAMES, StepName.FIRST_FRAME))
    event, _ = lines()
    assert event["level"] == "warning"
    assert (event["step"], event["layer"], event["reason"]) == ("first_frame", "media", "black_frames")


def test_steps_are_told_at_debug_only(stream: io.StringIO, lines: Lines) -> None:
    """Of a run as it goes nothing is logged at level info, and everything at debug."""
    report, target = make_report(), make_target()

    def one_run() -> None:
        observer = LogObserver()
        observer.run_started(report.run_id, target, Trigger.SCHEDULE)
        observer.step_started(report.run_id, target, StepName.CREATE)
        observer.step_finished(report.run_id, target, make_step(StepName.CREATE))

    one_run()
    assert [event["event"] for event in lines()] == ["run_started", "step_started", "step_finished"]
    stream.truncate(0)
    stream.seek(0)
    configure_logging(stream=stream, json=True, level="info")
    one_run()
    assert lines() == []


def test_skipped_run(lines: Lines) -> None:
    """A run that never began leaves a warning with its reason."""
    LogObserver().skipped(TargetName("ubuntu"), SkipReason.OVERLAP)
    (event,) = lines()
    assert event["event"] == "run_skipped"
    assert (event["level"], event["target"], event["reason"]) == ("warning", "ubuntu", "overlap")


@pytest.mark.parametrize("json_lines", [True, False], ids=["json", "console"])
def test_libraries_are_heard_from_warnings_up(stream: io.StringIO, *, json_lines: bool) -> None:
    """A library's warning takes the same way, its chatter none, even while we debug."""
    configure_logging(stream=stream, json=json_lines, level="debug")
    library = logging.getLogger("some.library")
    library.info("chatter")
    library.warning("trouble with %s", "it")
    (line,) = stream.getvalue().splitlines()
    assert "trouble with it" in line
    assert "some.library" in line
    assert not json_lines or json.loads(line)["level"] == "warning"


def test_console_is_for_people(stream: io.StringIO) -> None:
    """Without JSON an event is one readable line, and off a terminal without colours."""
    configure_logging(stream=stream, json=False, level="info")
    event_log().info("ready", url="http://127.0.0.1:1")
    (line,) = stream.getvalue().splitlines()
    assert re.fullmatch(r"\S+Z \[info *\] ready +url=http://127\.0\.0\.1:1", line)


def test_unknown_level_is_refused(stream: io.StringIO) -> None:
    """A slip in the level is an error, not silence."""
    with pytest.raises(ValueError, match="'loud' is no log level"):
        configure_logging(stream=stream, json=True, level="loud")


def test_a_message_with_line_ends_stays_one_line(stream: io.StringIO, lines: Lines) -> None:
    """What the platform says cannot forge a line."""
    event_log().info("seen", message='a\n{"event": "forged"}')
    assert len(stream.getvalue().splitlines()) == 1
    assert lines()[0]["message"] == 'a\n{"event": "forged"}'
