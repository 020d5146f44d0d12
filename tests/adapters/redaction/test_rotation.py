"""Secrets that are replaced again and again."""

from prober.adapters.redaction import KEPT, MASK, Redactor


def masked(redactor: Redactor, *secrets: str) -> list[bool]:
    """Tells of each secret whether it is masked."""
    return [redactor.text(secret) == MASK for secret in secrets]


def test_the_last_values_of_a_secret_are_known() -> None:
    """One that was read long ago is let go, so that a token of each hour makes no prober slow."""
    redactor = Redactor()
    tokens = [f"token-{number:04}" for number in range(200)]
    for token in tokens:
        redactor.mask(token, of="ubuntu")
    assert masked(redactor, *tokens) == [False] * (200 - KEPT) + [True] * KEPT


def test_a_value_that_is_read_again_stays() -> None:
    """What counts is when it was read last."""
    redactor = Redactor()
    redactor.mask("password", of="ubuntu")
    for number in range(100):
        redactor.mask(f"token-{number:04}", of="ubuntu")
        redactor.mask("password", of="ubuntu")
    assert masked(redactor, "password", "token-0099", "token-0000") == [True, True, False]


def test_a_secret_lets_go_none_of_another() -> None:
    """A value that somewhere else is still one stays, and so does one that was read nowhere in particular."""
    redactor = Redactor()
    redactor.mask("header-of-tracing")
    redactor.mask("token-0000", of="fedora")
    for number in range(100):
        redactor.mask(f"token-{number:04}", of="ubuntu")
    assert masked(redactor, "header-of-tracing", "token-0000", "token-0001") == [True, True, False]


def test_what_has_no_place_is_never_let_go() -> None:
    """Headers of tracing are read once, at the start."""
    redactor = Redactor()
    headers = [f"header-{number:04}" for number in range(50)]
    for header in headers:
        redactor.mask(header)
    assert all(masked(redactor, *headers))
