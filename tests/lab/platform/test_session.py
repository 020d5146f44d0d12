import pytest

from prober.lab.operator.session import parse_duration, parse_session

BODY = {
    "metadata": {"namespace": "vdi", "name": "s-1", "uid": "u-1"},
    "spec": {"user": "Probe.Ubuntu+1@example.com", "template": "ubuntu-desktop"},
}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("8h", 28800.0), ("15m", 900.0), ("90s", 90.0), ("1h30m", 5400.0), ("0.5s", 0.5), ("500ms", 0.5)],
    ids=["hours", "minutes", "seconds", "mixed", "fraction", "milliseconds"],
)
def test_durations_are_read_as_go_writes_them(text: str, seconds: float) -> None:
    """A session's timeout is a Go duration."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "h", "5 m", "-1h", "1d"], ids=repr)
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A timeout that is no duration is an error which names it."""
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)


def test_defaults_are_the_platforms() -> None:
    """A session that asks for nothing gets a volume, eight hours."""
    session = parse_session(BODY)
    assert session.volume_size is not None
    assert session.timeout_s == 28800.0


def test_persistence_can_be_turned_off() -> None:
    """A session without persistence has no volume."""
    session = parse_session(BODY | {"spec": {**BODY["spec"], "persistence": {"enabled": False}}})
    assert session.volume_size is None


def test_route_is_a_host_label_made_of_the_user() -> None:
    """The desktop's address derives from the user's e-mail address."""
    assert parse_session(BODY).route == "probe-ubuntu-1-example-com"


def test_route_never_exceeds_a_host_label() -> None:
    """A long e-mail address still gives a legal host label."""
    session = parse_session(BODY | {"spec": {"user": f"{'a' * 62}-b@example.com", "template": "t"}})
    assert session.route == "a" * 62
