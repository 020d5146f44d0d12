"""The prober ends before its permissions go."""

import urllib.error
from collections.abc import Mapping
from email.message import Message
from typing import Any

import pytest

from prober.app import retiring
from prober.app.retiring import retire

SELECTOR = "app.kubernetes.io/name=vdi-prober,app.kubernetes.io/instance=probe"


class Server:
    """An API server in which the Pods end after so many looks."""

    def __init__(self, *, looks: int, test: bool, refuses: int = 0) -> None:
        self.asked: list[tuple[str, str, Mapping[str, Any] | None]] = []
        self._looks = looks
        self._test = test
        self._refuses = refuses

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        self.asked.append((method, path, body))
        if method == "PATCH" and self._refuses:
            raise urllib.error.HTTPError(path, self._refuses, "refused", Message(), None)
        if method == "DELETE" and not self._test:
            raise urllib.error.HTTPError(path, 404, "Not Found", Message(), None)
        if method != "GET":
            return {}
        self._looks -= 1
        return {"items": [{"metadata": {"name": "probe-1"}}] if self._looks >= 0 else []}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks without waiting in between."""
    monkeypatch.setattr(retiring, "EVERY_S", 0.0)


@pytest.mark.parametrize("test", [True, False], ids=["tested", "never tested"])
def test_waits_for_the_last_pod(*, test: bool) -> None:
    """No replicas are asked for first; the Pods' end is awaited; the Pod of `helm test` goes, where there is one."""
    server, said = Server(looks=2, test=test), list[str]()
    assert retire("probing", "probe", SELECTOR, patience_s=10, ask=server.ask, say=said.append)
    methods = [method for method, _, _ in server.asked]
    assert methods == ["PATCH", "GET", "GET", "GET", "DELETE"]
    assert server.asked[0] == (
        "PATCH",
        "/apis/apps/v1/namespaces/probing/deployments/probe/scale",
        {"spec": {"replicas": 0}},
    )
    assert "labelSelector=app.kubernetes.io%2Fname%3Dvdi-prober%2Capp" in server.asked[1][1]
    assert server.asked[-1][1] == "/api/v1/namespaces/probing/pods/probe-test"
    assert said == ["waiting for probe-1 to end its runs"] * 2 + ["the prober has ended"]


def test_gives_up_in_time() -> None:
    """A Pod that does not end is named, and the uninstall is told."""
    server, said = Server(looks=10_000, test=False), list[str]()
    assert not retire("probing", "probe", SELECTOR, patience_s=0.05, ask=server.ask, say=said.append)
    assert said[-1] == "probe-1 did not end within 0.05 s: its sessions end by their own timeout"
    assert "DELETE" not in {method for method, _, _ in server.asked}


def test_an_install_that_failed_early_can_be_uninstalled() -> None:
    """Without a Deployment there is nothing to wait for: the uninstall goes on."""
    server, said = Server(looks=0, test=False, refuses=404), list[str]()
    assert retire("probing", "probe", SELECTOR, patience_s=10, ask=server.ask, say=said.append)
    assert said[0] == "there is no Deployment probe: an install that did not get so far"


def test_a_refusal_is_told() -> None:
    """Whatever else the API server says ends the Job, with its words."""
    server = Server(looks=0, test=False, refuses=403)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        retire("probing", "probe", SELECTOR, patience_s=10, ask=server.ask, say=list[str]().append)
