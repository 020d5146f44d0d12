"""A secret that somebody wrote into the file is never repeated."""

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from prober.app.config.load import parse
from prober.app.config.problems import ConfigurationError
from prober.app.config.settings import Settings

SECRET = "Tr0ub4dor"

PREFIX = """
clusters:
  staging: {in_cluster: true}
targets:
  - name: ubuntu
    schedule: {every: 5m}
    session: {cluster: staging, namespace: vdi, user: probe@example.com, template: ubuntu}
    access:
      basic:
        username: probe
        password: """


WAYS = {
    "plain": SECRET,
    "quoted": f"'{SECRET}'",
    "unclosed quotes": f'"{SECRET}',
    "unknown escape": f'"{SECRET}\\q"',
    "alias": f"*{SECRET}",
    "anchor": f"&{SECRET} &{SECRET}",
    "local tag": f"!{SECRET}",
    "tag handle": f"!{SECRET}!{SECRET} x",
    "global tag": f"!!{SECRET} x",
    "tag that does not fit": f"!!int {SECRET}",
    "reserved indicator": f"@{SECRET}",
    "directive": f"%{SECRET}",
    "backquotes": f"`{SECRET}`",
    "mapping on one line": f"{SECRET}: {SECRET}",
    "key without value": f"{{{SECRET}}}",
    "unclosed mapping": f"{{{SECRET}",
    "key twice": f"{{{SECRET}, {SECRET}}}",
    "unknown key": f"{{{SECRET}: {SECRET}}}",
    "list": f"[{SECRET}]",
    "unclosed list": f"[{SECRET}, ",
    "as the variable": f"{{env: '{SECRET}!'}}",
    "list of variables": f"{{env: [{SECRET}]}}",
    "below file": f"{{file: {{{SECRET}: 1}}}}",
    "as the Secret": f"{{kubernetes_secret: {SECRET}}}",
    "below the Secret": f"{{kubernetes_secret: {{{SECRET}: {SECRET}}}}}",
    "as the Secret's name": f"{{kubernetes_secret: {{name: {SECRET}, key: '{SECRET} '}}}}",
    "in a key that is no text": f"{{? [{SECRET}] : {SECRET}}}",
    "merged": f"{{<<: {SECRET}}}",
    "block": f"|\n{SECRET}",
}


@pytest.fixture
def parse_text() -> Callable[[str], Settings]:
    """Returns a function that parses a text as if it were /etc/vdi-prober/prober.yaml, with an empty environment."""
    return lambda text: parse(text, source="prober.yaml", folder=Path("/etc/vdi-prober"), environ={})


@pytest.mark.parametrize("written", WAYS.values(), ids=WAYS.keys())
def test_is_never_repeated(written: str, parse_text: Callable[[str], Settings]) -> None:
    """Neither the message nor the traceback, causes included, holds what was written in a secret's place."""
    with pytest.raises(ConfigurationError) as caught:
        parse_text(PREFIX + written + "\n")
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SECRET not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_mend_says_how(parse_text: Callable[[str], Settings]) -> None:
    """A literal is refused with the way to write a reference."""
    with pytest.raises(ConfigurationError, match=r"password: secrets only by reference; write \{env: NAME\}"):
        parse_text(PREFIX + SECRET)
