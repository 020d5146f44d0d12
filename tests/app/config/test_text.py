"""The file's text: what YAML brings along, and how a mistake in it is kept."""

from pathlib import Path

import pytest

from prober.app.config.load import load
from prober.app.config.problems import ConfigurationError
from prober.domain.thresholds import Limit
from tests.app.config.plain import GOOD


def test_a_merge_key_brings_a_mapping(tmp_path: Path) -> None:
    """Anchors and merge keys work, with the mapping's own keys before merged ones and earlier ones before later."""
    path = tmp_path / "prober.yaml"
    text = (GOOD / "loopback.yaml").read_text(encoding="utf-8")
    path.write_text(
        text + "    expect: {round_trip: &low {warn: 50ms}, jitter: &high {warn: 60ms, fail: 500ms}, "
        "jitter_buffer: {<<: [*low, *high]}}\n",
        encoding="utf-8",
    )
    target = load(path, environ={}).targets[0].target
    assert target.thresholds.jitter_buffer_s == Limit(warn=0.05, fail=0.5)


def test_dates_are_text(tmp_path: Path) -> None:
    """A value that looks like a date stays what was written."""
    path = tmp_path / "prober.yaml"
    text = (GOOD / "loopback.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("template: ubuntu-desktop", "template: 2026-11-22"), encoding="utf-8")
    assert load(path, environ={}).targets[0].target.session.template == "2026-11-22"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """A file saved by an editor that writes a byte order mark loads."""
    path = tmp_path / "prober.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (GOOD / "design.yaml").read_bytes())
    assert load(path, environ={}).targets


def test_the_error_holds_its_parts(tmp_path: Path) -> None:
    """A program can read path, line, problem and mend one by one."""
    path = tmp_path / "prober.yaml"
    text = (GOOD / "design.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("template:", "tmplate:"), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(path, environ={})
    unknown = next(problem for problem in caught.value.problems if problem.path.endswith("tmplate"))
    assert (unknown.path, unknown.line, unknown.mend) == ("targets[0].session.tmplate", 6, "write template")
