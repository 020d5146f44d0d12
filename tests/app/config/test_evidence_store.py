"""Where evidence is kept, as the file says it."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from prober.app.config.load import load
from prober.app.config.problems import ConfigurationError
from prober.app.config.schema import json_schema
from prober.app.config.settings import EvidenceSetting
from prober.domain.keeping import KeepPlan
from prober.domain.retention import Limits
from tests.app.config.plain import PLAIN


def setting_of(folder: Path, section: str) -> EvidenceSetting | None:
    """Returns what a file with this section says of evidence."""
    path = folder / "prober.yaml"
    path.write_text(f"{PLAIN}{section}\n", encoding="utf-8")
    return load(path, environ={"HOME": "/home/probe"}).evidence


def test_none_is_kept_by_default(tmp_path: Path) -> None:
    """A file without the section writes to no disk."""
    assert setting_of(tmp_path, "") is None


def test_the_defaults(tmp_path: Path) -> None:
    """A place is all that has to be said; failures are kept, and a few successes, for two weeks."""
    assert setting_of(tmp_path, "evidence_store: {url: /var/lib/evidence}") == EvidenceSetting(
        url="file:///var/lib/evidence",
        keep=KeepPlan(failures=True, successes=0.01),
        limits=Limits(age_s=14 * 24 * 3600, size=2 * 1024**3, count=200, free=0.05),
        limit_s=10,
    )


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        pytest.param("evidence", "file://{folder}/evidence", id="beside the file"),
        pytest.param("../evidence", "file://{folder}/../evidence", id="above the file"),
        pytest.param("~/evidence", "file:///home/probe/evidence", id="at home"),
        pytest.param("file:///srv/evidence", "file:///srv/evidence", id="file"),
        pytest.param("s3://bucket/a/b", "s3://bucket/a/b", id="s3"),
        pytest.param("gs://bucket", "gs://bucket", id="gcs"),
        pytest.param("az://account/container/a", "az://account/container/a", id="azure"),
    ],
)
def test_places(tmp_path: Path, url: str, meant: str) -> None:
    """A folder becomes a URL, relative to the file; a URL stays what it is."""
    setting = setting_of(tmp_path, f"evidence_store: {{url: '{url}'}}")
    assert setting is not None
    assert setting.url == meant.format(folder=tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://bucket.example.com", id="https"),
        pytest.param("s3://key:marker-password@bucket", id="credentials"),
        pytest.param("s3://bucket?token=marker-password", id="query"),
        pytest.param("file://host/folder", id="another host's file"),
        pytest.param("memory:///x", id="memory"),
    ],
)
def test_places_that_are_refused(tmp_path: Path, url: str) -> None:
    """What is no place of evidence is refused, without being repeated."""
    with pytest.raises(ConfigurationError, match=r"evidence_store\.url: is neither") as caught:
        setting_of(tmp_path, f"evidence_store: {{url: '{url}'}}")
    assert "marker-password" not in str(caught.value)


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        pytest.param("1d", 86_400, id="a day"),
        pytest.param("366d", 366 * 86_400, id="a year"),
        pytest.param("1h30m", 5400, id="a duration"),
    ],
)
def test_ages(tmp_path: Path, age: str, seconds: float) -> None:
    """An age is a number of days, or a duration."""
    setting = setting_of(tmp_path, f"evidence_store: {{url: evidence, retention: {{age: {age}}}}}")
    assert setting is not None
    assert setting.limits.age_s == seconds


def test_the_schema_spells_the_defaults() -> None:
    """Editors show age and size as a person writes them, and the schema takes its own defaults."""
    schema = json_schema()
    properties = schema["$defs"]["RetentionModel"]["properties"]
    defaults = {key: value["default"] for key, value in properties.items()}
    assert defaults == {"age": "14d", "size": "2GiB", "count": 200, "free": 0.05}
    validator = Draft202012Validator({"$ref": "#/$defs/RetentionModel", "$defs": schema["$defs"]})
    assert validator.is_valid(defaults)
