"""The password that a prober uses is in nothing that it writes or serves."""

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import RunningLab, started, wait_for
from tests.e2e.searching import files_below, places_of

pytestmark = pytest.mark.browser

PAGES = ("/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/targets", "/api/v1/runs")
"""What is served, or answered with a refusal."""

TYPES = ("text/plain", "application/openmetrics-text")


def served(url: str) -> dict[str, bytes]:
    """Returns every answer."""
    answers = {}
    for page in PAGES:
        for kind in TYPES:
            request = urllib.request.Request(f"{url}{page}", headers={"Accept": kind})  # noqa: S310 - our own loopback
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
                    answers[f"{page} {kind}"] = answer.read()
            except urllib.error.HTTPError as refusal:
                answers[f"{page} {kind}"] = refusal.read()
    return answers


def test_the_password_is_in_nothing_that_is_written_or_served(lab: RunningLab, tmp_path: Path) -> None:
    """Not in logs, answers, evidence, history: neither the password nor a part of it, in no encoding.

    Of a sound desktop, of one that refuses the password, and of one that shows no picture, successes kept too.
    """
    password = (lab.state / "desktop-password").read_text()
    place = tmp_path / "written"
    store = {"url": (place / "evidence").as_uri(), "keep": {"failures": True, "successes": "100%"}}
    config = lab.configs(
        {"sound": {}, "refused": {"fault": "auth_rejected"}, "silent": {"fault": "no_media"}},
        web={"listen": "127.0.0.1:0"},
        concurrency=2,
        evidence_store=store,
        history={"path": str(place / "history.db")},
    )
    place.mkdir()
    config.write_text(config.read_text().replace("every: 3m", "every: 70s"))
    with (place / "stderr").open("w") as errors, started("serve", "--config", str(config), stderr=errors) as service:
        url = json.loads(wait_for(service.stdout, '"serving"'))["url"]
        lines: list[str] = []
        outcomes: dict[str, tuple[str, str | None]] = {}
        while len(outcomes) < 3:
            lines.append(wait_for(service.stdout, '"event"'))
            event = json.loads(lines[-1])
            if event["event"] == "run_finished":
                outcomes[event["target"]] = (event["outcome"], event.get("reason"))
        answers = served(url)
        service.send_signal(signal.SIGTERM)
        lines.append(service.communicate(timeout=120)[0])
    assert outcomes["refused"] == ("failure", "auth_rejected")
    assert outcomes["silent"][0] != "success"  # on a busy machine it is our own error, of which the same is kept
    written = {"stdout": "".join(lines).encode(), **answers, **files_below(place)}
    assert {name.split("/")[1] for name in written if name.startswith("evidence/")} == set(outcomes)
    assert "history.db" in written
    assert [found for name, content in written.items() for found in places_of(password, content, name=name)] == []
