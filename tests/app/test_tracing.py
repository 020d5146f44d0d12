"""Traces as the application switches them on."""

import asyncio
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from prober.adapters.metrics import Metrics
from prober.adapters.redaction import Redactor
from prober.app.config import extras
from prober.app.config.load import load
from prober.app.config.problems import ConfigurationError
from prober.app.config.settings import Settings
from prober.app.records import open_records
from prober.app.run_ids import new_run_id
from tests.adapters.metrics.scraping import value_of
from tests.adapters.reporting import make_report, make_target
from tests.adapters.tracing.collector import collecting
from tests.app.config.plain import PLAIN

WITHOUT_THE_EXTRA = """\
import sys
sys.modules["opentelemetry"] = None
import prober.app.cli, prober.app.service, prober.app.once
from pathlib import Path
from prober.app.config.load import load
from prober.app.config.problems import ConfigurationError
load(Path(sys.argv[1]), environ={})
try:
    load(Path(sys.argv[2]), environ={})
except ConfigurationError as error:
    print(error)
"""


def configured(folder: Path, more: str) -> Settings:
    path = folder / "prober.yaml"
    path.write_text(f"{PLAIN}{more}\n", encoding="utf-8")
    return load(path, environ={})


@pytest.mark.parametrize(
    ("headers", "environ", "sent"),
    [
        pytest.param("", {}, None, id="without a header"),
        pytest.param(", headers: {Authorization: {env: TOKEN}}", {"TOKEN": "Bearer t"}, "Bearer t", id="with one"),
    ],
)
async def test_runs_are_sent(tmp_path: Path, headers: str, environ: Mapping[str, str], sent: str | None) -> None:
    """What ends before the prober does reaches the collector, with the headers that were asked for."""
    async with collecting() as collector:
        settings = await asyncio.to_thread(configured, tmp_path, f"tracing: {{otlp: '{collector.url}'{headers}}}")
        async with open_records(settings, environ=environ, redactor=Redactor()) as records:
            (observer,) = records.observers
            observer.run_finished(make_target(), replace(make_report(), run_id=new_run_id()))
        assert len(collector.spans) == 11
        assert collector.headers[0].get("Authorization") == sent


async def test_a_header_that_cannot_be_read_stops_no_probing(tmp_path: Path) -> None:
    """It is an error in the log that names the reference; no run is sent."""
    settings = await asyncio.to_thread(
        configured, tmp_path, "tracing: {otlp: 'http://127.0.0.1:9', headers: {Authorization: {env: TOKEN}}}"
    )
    metrics = Metrics(version="1.2.3")
    with capture_logs() as told:
        async with open_records(settings, environ={}, redactor=Redactor(), counts=metrics) as records:
            assert records.observers == ()
            assert await records.last_reports() == ()
    (event,) = told
    assert event["event"] == "tracing_off"
    assert "env:TOKEN" in event["summary"]
    assert await asyncio.to_thread(value_of, metrics, "vdi_prober_tracing_active") == 0


@pytest.mark.parametrize(
    ("headers", "environ", "told"),
    [
        pytest.param(
            ", headers: {Authorization: {env: TOKEN}}",
            {"TOKEN": "Bearer marker-token"},
            "marker-token",
            id="the token of a header",
        ),
        pytest.param(
            ", headers: {Authorization: {env: TOKEN}}",
            {"TOKEN": f"Basic {b64encode(b'user:marker-password').decode()}"},
            "marker-password",
            id="the password of a header",
        ),
        pytest.param(
            "", {"OTEL_EXPORTER_OTLP_HEADERS": "x-team=a1, x-key=marker%2Ckey"}, "marker,key", id="the environment"
        ),
        pytest.param(
            "",
            {"OTEL_EXPORTER_OTLP_TRACES_HEADERS": "authorization=Bearer%20marker-token"},
            "marker-token",
            id="the environment, for traces",
        ),
    ],
)
async def test_what_headers_hold_is_masked(tmp_path: Path, headers: str, environ: Mapping[str, str], told: str) -> None:
    """The redactor knows the secret of a collector's header also where it stands without its scheme."""
    redactor = Redactor()
    settings = await asyncio.to_thread(configured, tmp_path, f"tracing: {{otlp: 'http://127.0.0.1:9'{headers}}}")
    async with open_records(settings, environ=environ, redactor=redactor):
        assert redactor.text(f"it is {told}.") == "it is ***."


async def test_lost_spans_are_counted(tmp_path: Path) -> None:
    """A collector that is down is a warning that counts; leaving the block raises nothing."""
    async with collecting() as collector:
        url = collector.url
    settings = await asyncio.to_thread(configured, tmp_path, f"tracing: {{otlp: '{url}'}}")
    metrics = Metrics(version="1.2.3")
    with capture_logs() as told:
        async with open_records(settings, environ={}, redactor=Redactor(), counts=metrics) as records:
            (observer,) = records.observers
            observer.run_finished(make_target(), replace(make_report(), run_id=new_run_id()))
    assert [(event["event"], event["lost"]) for event in told if event["event"] == "traces_lost"] == [
        ("traces_lost", 11)
    ]
    assert await asyncio.to_thread(value_of, metrics, "vdi_prober_trace_spans_lost_total") == 11
    assert await asyncio.to_thread(value_of, metrics, "vdi_prober_tracing_active") == 1


def test_without_the_extra_nothing_changes(tmp_path: Path) -> None:
    """The prober imports and loads a configuration; one that asks for traces is told which extra is missing."""
    plain, asking = tmp_path / "plain.yaml", tmp_path / "asking.yaml"
    plain.write_text(PLAIN)
    asking.write_text(f"{PLAIN}tracing: {{otlp: 'http://127.0.0.1:4318'}}\n")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_EXTRA, str(plain), str(asking)],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert "tracing: needs the extra otel, which is not installed; install it with `pip install" in done.stdout


def test_half_an_extra_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API of OpenTelemetry that something else brought does not count as the extra."""
    monkeypatch.setattr(extras, "_TRACING", ("opentelemetry.trace", "opentelemetry.nowhere"))
    with pytest.raises(ConfigurationError, match="needs the extra otel"):
        configured(tmp_path, "tracing: {otlp: 'http://127.0.0.1:4318'}")
