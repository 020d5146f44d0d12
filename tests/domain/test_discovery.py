"""Which targets a pattern becomes; names only, nothing is asked."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.discovery import Expansion, LeftOut, expand, filled, host_label
from prober.domain.ids import ClusterName, TargetName
from prober.domain.target import BasicAccess, OpenAccess, SecretRef, SecretSource, SessionTemplate, Target

PASSWORD = SecretRef(source=SecretSource.ENV, name="PROBE_PASSWORD")
PATTERN = Target(
    name=TargetName("each"),
    session=SessionTemplate(
        cluster=ClusterName("staging"),
        namespace="vdi",
        user="probe-{template}@example.com",
        template="{template}",
        annotations={"example.com/{template}": "for {template} {other}"},
        overlay={"note": "{template}"},
    ),
    access=BasicAccess(username="{template}-user", password=PASSWORD),
)

NAMES = st.lists(st.from_regex(r"[ab]([ab.-]{0,2}[ab])?", fullmatch=True), max_size=12)


def fixed(name: str, **session: Any) -> Target:
    return replace(PATTERN, name=TargetName(name), session=replace(PATTERN.session, **session))


def names_of(expansion: Expansion) -> list[str]:
    return [target.name for target in expansion.targets]


def test_a_target_for_each_template() -> None:
    """Each has a name, a template and a user of its own, in the order of the templates' names."""
    found = expand(PATTERN, ["ubuntu", "debian.12", "ubuntu"], limit=10)
    assert names_of(found) == ["each-debian-12", "each-ubuntu"]
    debian = found.targets[0]
    assert (debian.session.template, debian.session.user) == ("debian.12", "probe-debian.12@example.com")
    assert found.left_out == {}


def test_what_a_template_s_name_fills() -> None:
    """It stands in template, user, values of annotations and username; everything else stays as it is."""
    target = filled(PATTERN, template="ubuntu")
    assert target.name == "each"
    assert target.session == replace(
        PATTERN.session,
        user="probe-ubuntu@example.com",
        template="ubuntu",
        annotations={"example.com/{template}": "for ubuntu {other}"},
    )
    assert target.access == BasicAccess(username="ubuntu-user", password=PASSWORD)
    assert filled(replace(PATTERN, access=OpenAccess()), template="ubuntu").access == OpenAccess()


def test_the_first_by_name_are_probed() -> None:
    """What is beyond the limit is named, whoever listed it first."""
    found = expand(PATTERN, ["d", "a", "c", "b"], limit=2)
    assert names_of(found) == ["each-a", "each-b"]
    assert found.left_out == {"c": LeftOut.LIMIT, "d": LeftOut.LIMIT}


def test_collisions_take_no_place() -> None:
    """A template that cannot be probed leaves its place under the limit to the next one."""
    found = expand(PATTERN, ["a", "b", "c"], limit=2, others=[fixed("each-a", user="somebody@example.com")])
    assert names_of(found) == ["each-b", "each-c"]
    assert found.left_out == {"a": LeftOut.NAME_TAKEN}


def test_names_with_and_without_dots() -> None:
    """Two templates that would give one target: the first by name is probed, the other is named."""
    found = expand(PATTERN, ["a-b", "a.b"], limit=10)
    assert names_of(found) == ["each-a-b"]
    assert found.targets[0].session.template == "a-b"
    assert found.left_out == {"a.b": LeftOut.NAME_TAKEN}


@pytest.mark.parametrize(
    ("other", "cause"),
    [
        (fixed("sound", user="Probe.Ubuntu@example.com"), LeftOut.HOST_TAKEN),
        (fixed("sound", user="probe-ubuntu@example.com", namespace="elsewhere"), LeftOut.HOST_TAKEN),
        (fixed("sound", user="probe-ubuntu@example.com", cluster=ClusterName("production")), None),
        (fixed("sound", user="probe@example.com"), None),
    ],
    ids=["same host", "other namespace", "other cluster", "other user"],
)
def test_hosts_of_other_targets(other: Target, cause: LeftOut | None) -> None:
    """A template whose user would share a host with another target of the cluster is not probed."""
    found = expand(PATTERN, ["ubuntu"], limit=10, others=[other])
    assert found.left_out == ({} if cause is None else {"ubuntu": cause})


def test_names_have_a_longest() -> None:
    """A target's name is a label's value: 63 characters fit, 64 do not."""
    fits, does_not = "x" * (63 - len("each-")), "x" * (64 - len("each-"))
    found = expand(PATTERN, [fits, does_not], limit=10)
    assert [len(name) for name in names_of(found)] == [63]
    assert found.left_out == {does_not: LeftOut.NAME_TOO_LONG}


def test_nothing_found() -> None:
    """No template makes no target."""
    assert expand(PATTERN, [], limit=10) == Expansion()


def test_hosts_are_made_of_users() -> None:
    """Lower case, with a dash for whatever is no letter or digit."""
    assert host_label("Probe.One+x@eu-1.example.com") == "probe-one-x-eu-1-example-com"


@given(templates=NAMES, limit=st.integers(min_value=1, max_value=6))
def test_every_template_is_accounted_for(templates: list[str], limit: int) -> None:
    """Each is probed or named with its cause, names and hosts are unique, and the order of the list is of no matter."""
    found = expand(PATTERN, templates, limit=limit)
    assert {target.session.template for target in found.targets} | found.left_out.keys() == set(templates)
    assert len(found.targets) + len(found.left_out) == len(set(templates))
    assert len(found.targets) <= limit
    assert len(set(names_of(found))) == len(found.targets)
    assert len({host_label(target.session.user) for target in found.targets}) == len(found.targets)
    assert expand(PATTERN, reversed(templates), limit=limit) == found
