"""Another route for the same requests may answer in the place of ours."""

import pytest

from prober.domain.routes import RouteRule, answers_for, of_host

MINE = RouteRule(match="Host(`a.example.com`)", entry_points=frozenset({"websecure"}))


@pytest.mark.parametrize(
    ("theirs", "answers"),
    [
        (RouteRule(match="Host(`a.example.com`)"), True),
        (RouteRule(match='Host("A.example.com")', entry_points=frozenset({"websecure", "web"})), True),
        (RouteRule(match="Host(`b.example.com`) || Host(`a.example.com`)"), True),
        (RouteRule(match="Host(`b.example.com`, `a.example.com`)"), True),
        (RouteRule(match="( Host(`a.example.com`) )"), True),
        (RouteRule(match="Host(`b.example.com`)"), False),
        (RouteRule(match="Host(`a.example.com`)", entry_points=frozenset({"web"})), False),
        (RouteRule(match="Host(`a.example.com`) && PathPrefix(`/api`)"), False),
        (RouteRule(match="Host(`a.example.com`)", priority=1), False),
        (RouteRule(match="!Host(`a.example.com`)"), False),
        (RouteRule(match="HostRegexp(`.*`)"), False),
        (RouteRule(match=""), False),
    ],
    ids=[
        *("the same", "other spelling", "one of two hosts", "a list of hosts", "brackets", "another host"),
        *("another entry point", "a part of the host", "a lower priority", "a negation", "a pattern", "nothing"),
    ],
)
def test_who_answers(theirs: RouteRule, answers: bool) -> None:  # noqa: FBT001 - the case's expectation
    """The same host on a common entry point, under the same conditions, with no lower priority."""
    assert answers_for(theirs, MINE) is answers


def test_conditions_are_compared_whatever_their_order() -> None:
    """Two rules that ask for the same are the same."""
    mine = RouteRule(match="Host(`a`) && PathPrefix(`/x`) && Method(`GET`)")
    assert answers_for(RouteRule(match="Method(`GET`) && Host(`a`) && PathPrefix( `/x` )", priority=99), mine)
    assert not answers_for(RouteRule(match="Host(`a`) && PathPrefix(`/y`) && Method(`GET`)"), mine)


def test_a_negation_is_compared_as_it_stands() -> None:
    """Nobody reads more into it."""
    rule = RouteRule(match="Host(`a`) && !PathPrefix(`/x`)")
    assert answers_for(rule, rule)


def test_everything_at_a_host() -> None:
    """Where a session's own route is gone its URL's host stands for it."""
    assert answers_for(MINE, of_host("a.example.com"))
    assert not answers_for(MINE, of_host("b.example.com"))
