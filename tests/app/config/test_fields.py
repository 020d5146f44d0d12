"""Names as Kubernetes and the platform take them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

import prober.lab.kube
from prober.app.config.models.fields import AnnotationKey, LabelSelector, User

CRD = Path(prober.lab.kube.__file__).parent / "crds" / "vdisession.yaml"

NEARLY_A_USER = r"[aZ0._%+é-]{1,3}@[aZ0.é-]{1,5}\.[aZ0é]{1,3}\n?"


def _takes(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.fixture(scope="module")
def platform_pattern() -> re.Pattern[str]:
    """Returns the pattern of a user in the VDISession's own schema."""
    (version,) = yaml.safe_load(CRD.read_text(encoding="utf-8"))["spec"]["versions"]
    pattern = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["user"]["pattern"]
    return re.compile(pattern.removesuffix("$") + r"\Z")


@pytest.mark.parametrize(
    ("user", "taken"),
    [
        pytest.param("probe-ubuntu@example.com", True, id="plain"),
        pytest.param("Probe.One+lab_2%x@eu-1.example.com", True, id="all that may stand in one"),
        pytest.param("pröbe@example.com", False, id="other letters in the name"),
        pytest.param("probe@bücher.example", False, id="other letters in the domain"),
        pytest.param("probe@example.c", False, id="short top level"),
        pytest.param("probe@example.c0m", False, id="digit in the top level"),
        pytest.param("probe@localhost", False, id="no dot"),
        pytest.param("o'hara@example.com", False, id="quote"),
        pytest.param("probe@example.com\n", False, id="newline"),
    ],
)
def test_users(user: str, platform_pattern: re.Pattern[str], *, taken: bool) -> None:
    """A user is taken when the platform would take it."""
    assert _takes(User, user) is taken
    assert bool(platform_pattern.match(user)) is taken


@given(user=st.text(alphabet="aZ0._%+-@é \n", max_size=12) | st.from_regex(NEARLY_A_USER, fullmatch=True))
def test_users_are_those_of_the_platform(user: str, platform_pattern: re.Pattern[str]) -> None:
    """No text is a user here that the API server refuses, or the other way round."""
    assert _takes(User, user) == bool(platform_pattern.match(user))


@pytest.mark.parametrize(
    ("key", "taken"),
    [
        pytest.param("lab.vdi-prober.io/fault", True, id="with a domain"),
        pytest.param("team", True, id="without a domain"),
        pytest.param("Example.com/Team_A.b-c", True, id="either case"),
        pytest.param("x" * 63, True, id="longest name"),
        pytest.param("x" * 64, False, id="too long a name"),
        pytest.param("x" * 253 + "/team", True, id="longest domain"),
        pytest.param("x" * 254 + "/team", False, id="too long a domain"),
        pytest.param("lab x", False, id="space"),
        pytest.param("", False, id="empty"),
        pytest.param("/team", False, id="empty domain"),
        pytest.param("example.com/", False, id="empty name"),
        pytest.param("example..com/team", False, id="two dots"),
        pytest.param("a/b/c", False, id="two slashes"),
        pytest.param("_team", False, id="begins with an underscore"),
        pytest.param("tëam", False, id="other letters"),
        pytest.param("team\n", False, id="newline"),
    ],
)
def test_annotation_keys(key: str, *, taken: bool) -> None:
    """An annotation's key is a qualified name, as Kubernetes has it."""
    assert _takes(AnnotationKey, key) is taken


@pytest.mark.parametrize(
    ("user", "taken"),
    [
        pytest.param("{template}@example.com", True, id="alone"),
        pytest.param("probe-{template}.x@example.com", True, id="between"),
        pytest.param("probe@{template}.example.com", False, id="in the domain"),
        pytest.param("{tmplate}@example.com", False, id="misspelled"),
        pytest.param("{{template}}@example.com", False, id="too many braces"),
    ],
)
def test_users_of_templates(user: str, *, taken: bool) -> None:
    """The template's name may stand before the @, where whatever name a template has makes a user."""
    assert _takes(User, user) is taken


@pytest.mark.parametrize(
    ("selector", "taken"),
    [
        pytest.param("tier", True, id="exists"),
        pytest.param("!tier", True, id="exists not"),
        pytest.param("tier=gold", True, id="equal"),
        pytest.param("tier == gold", True, id="double equal with spaces"),
        pytest.param("example.com/Tier!=gold_1.x", True, id="unequal, with a domain"),
        pytest.param("tier=", True, id="empty value"),
        pytest.param("tier in (gold,silver), stage notin (beta), !old", True, id="sets, several"),
        pytest.param("", False, id="empty"),
        pytest.param("tier gold", False, id="no operator"),
        pytest.param("tier=gold,", False, id="comma at the end"),
        pytest.param("tier in gold", False, id="set without brackets"),
        pytest.param("=gold", False, id="no key"),
        pytest.param("tier=_gold", False, id="no label value"),
        pytest.param("Example.com/tier=gold", False, id="upper case domain"),
        pytest.param("tier=gold\n", False, id="newline"),
    ],
)
def test_label_selectors(selector: str, *, taken: bool) -> None:
    """A selector is what kubectl takes."""
    assert _takes(LabelSelector, selector) is taken
