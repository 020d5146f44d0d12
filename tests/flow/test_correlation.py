"""What joins the platform's logs to a run goes along with every request to its URL."""

import pytest

from prober.domain.correlation import Correlation
from prober.domain.outcomes import Outcome
from prober.domain.session import Phase
from prober.domain.steps import StepName
from tests.fakes.sessions import URL, Change, Story
from tests.flow.stage import RUN_ID, Stage, record_of, target_with

pytestmark = pytest.mark.looptime

HEADER = {"X-Probe-Run-Id": RUN_ID}


async def test_nothing_goes_along_by_default() -> None:
    """A target that does not ask for it has its URL asked and opened as the platform wrote it."""
    stage = Stage()
    await stage.run()
    assert [dict(asked.headers) for asked in stage.exposure.asked] == [{}] * len(stage.exposure.asked)
    assert (stage.browser.requests[0].headers, stage.browser.desktops[0].urls) == ({}, [URL])


async def test_a_header_goes_along() -> None:
    """The browser has it for the page, the plain requests of `url` and `cleanup` send it."""
    stage = Stage()
    report = await stage.run(target_with(correlation=Correlation(header="X-Probe-Run-Id")))
    assert report.outcome is Outcome.SUCCESS
    assert {asked.url for asked in stage.exposure.asked} == {URL}
    assert [dict(asked.headers) for asked in stage.exposure.asked] == [HEADER] * len(stage.exposure.asked)
    assert (stage.browser.requests[0].headers, stage.browser.desktops[0].urls) == (HEADER, [URL])


async def test_a_parameter_goes_along_once_it_is_checked() -> None:
    """The URL is asked and opened with it; what the report has is the platform's own."""
    stage = Stage()
    report = await stage.run(target_with(correlation=Correlation(query="probe_run_id")))
    marked = f"{URL}?probe_run_id={RUN_ID}"
    assert report.outcome is Outcome.SUCCESS
    assert [asked.url for asked in stage.exposure.asked] == [marked, URL]
    assert stage.browser.desktops[0].urls == [marked]
    assert report.session is not None
    assert report.session.url == URL


async def test_a_parameter_that_is_taken_is_noted() -> None:
    """The platform's own parameter of that name stays, and the step says that the run cannot be found by it."""
    stage = Stage(Story(changes=(Change(phase=Phase.RUNNING, url=f"{URL}?probe_run_id=theirs"),)), always=200)
    report = await stage.run(target_with(correlation=Correlation(query="probe_run_id")))
    assert stage.browser.desktops[0].urls == [f"{URL}?probe_run_id=theirs"]
    assert record_of(report, StepName.URL).notes == (
        "not marked: the session's URL has a parameter probe_run_id of its own",
    )
