from html.parser import HTMLParser

import pytest

from prober.adapters.web.status_page import render_status
from prober.domain.discovery import DiscoveryState, Expansion, LeftOut
from prober.domain.errors import Fault
from prober.domain.ids import TargetName
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName
from tests.adapters.reporting import make_failure, make_report, make_target

EVIL = "</td><script>alert('x')</script>"


class Tags(HTMLParser):
    """Collects a page's tags."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the tag."""
        self.found.add(tag)


@pytest.mark.parametrize(
    ("report", "look", "words"),
    [
        (make_report(), "success", ["success", "2026-11-22 09:40:33 UTC", "14.2 s"]),
        (make_report(degraded=("high_rtt",)), "degraded", ["success, degraded", "high_rtt"]),
        (make_failure(Reason.ICE_FAILED, StepName.CONNECT), "failure", ["connect: ice_failed (it was ice_failed)"]),
        (make_failure(Reason.BROWSER_MISSING, None), "error", ["browser_missing (it was browser_missing)"]),
        (make_report(Outcome.CANCELLED), "cancelled", ["cancelled"]),
    ],
    ids=["success", "degraded", "failure", "error", "cancelled"],
)
def test_last_run(report: RunReport, look: str, words: list[str]) -> None:
    """A row says how the last run ended, why, when it ended and how long it took."""
    page = render_status({TargetName("ubuntu"): report}, redact=str, version="1")
    assert f'<td class="{look}">' in page
    assert all(word in page for word in words)


def test_everything_is_escaped() -> None:
    """Names, versions and what the platform says appear as text."""
    fault = Fault(reason=Reason.PHASE_FAILED, summary=EVIL)
    report = make_report(Outcome.FAILURE, fault=fault, step=StepName.RUNNING)
    page = render_status({TargetName(EVIL): report, TargetName("b" + EVIL): None}, redact=str, version=EVIL)
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert "script" not in tags.found
    assert page.count("&lt;script&gt;") == 4


def test_discoveries_are_told() -> None:
    """Each discovering target has a row: how many targets, which templates are left out and why, what is wrong."""
    expansion = Expansion(
        targets=(make_target("each-a"), make_target("each-b")), left_out={EVIL: LeftOut.LIMIT, "d": LeftOut.HOST_TAKEN}
    )
    fault = Fault(reason=Reason.RBAC_DENIED, summary=f"nobody may list {EVIL}")
    state = DiscoveryState(name=TargetName("each"), expansion=expansion, fault=fault)
    page = render_status({}, discoveries=[state], redact=str, version="1")
    assert "<td>each</td><td>2</td>" in page
    assert "(limit), d (host_taken)" in page
    assert "rbac_denied (nobody may list" in page
    assert page.count("&lt;script&gt;") == 2
    assert "Discovered" not in render_status({}, redact=str, version="1")
