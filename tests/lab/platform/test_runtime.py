import asyncio
import threading
from http import HTTPStatus

import pytest
import yaml

from prober.lab.desktop.behaviour import Behaviour
from prober.lab.faults import FaultSwitch
from prober.lab.operator.client import ApiError, KubeClient, NotFound, connection_info
from prober.lab.operator.runtime import STOP_LIMIT_S, Operator, OperatorError
from prober.lab.operator.session import Session
from prober.lab.platform import Lab
from tests.lab.platform.observing import eventually


class NoDesktops:
    """For an operator that never gets as far as opening one."""

    async def open(self, session: Session, *, behaviour: Behaviour) -> str:
        """Never called."""
        raise NotImplementedError

    async def serves(self, session: Session) -> bool:
        """Never called."""
        raise NotImplementedError

    async def close(self, session: Session) -> None:
        """Has nothing to close."""


async def _kubeconfig(lab: Lab, **user: str) -> dict[str, object]:
    kubeconfig: dict[str, object] = yaml.safe_load(await asyncio.to_thread(lab.kubeconfig_path.read_text))
    kubeconfig["users"] = [{"name": "vdi-lab", "user": user}]
    return kubeconfig


async def test_an_operator_that_is_not_let_in_does_not_start(lab: Lab) -> None:
    """Without a valid token the operator is an error, after which nothing runs."""
    tasks = asyncio.all_tasks()
    stranger = Operator(await _kubeconfig(lab, token="stale"), desktops=NoDesktops(), faults=FaultSwitch())
    with pytest.raises(OperatorError, match="did not start") as failure:
        async with stranger:
            pass
    assert isinstance(failure.value.__cause__, ApiError)
    assert not stranger.running
    assert asyncio.all_tasks() == tasks


async def test_an_operator_may_be_stopped_before_it_began(lab: Lab) -> None:
    """Whoever gives up on an operator while its thread starts gets rid of it at once, thread included."""
    token = lab.kubeconfig["users"][0]["user"]["token"]
    operator = Operator(await _kubeconfig(lab, token=token), desktops=NoDesktops(), faults=FaultSwitch())
    threads = _operators()
    starting = asyncio.create_task(operator.__aenter__(), name="operator start")
    await asyncio.sleep(0)  # the thread is started, nothing more
    starting.cancel()
    async with asyncio.timeout(STOP_LIMIT_S / 2):
        await asyncio.wait([starting])
        await operator.ended()
    assert starting.cancelled()

    async def gone() -> bool:
        return _operators() == threads

    await eventually(gone)


def _operators() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "vdi-operator"}


async def test_a_kubeconfig_without_its_context_is_refused() -> None:
    """A kubeconfig whose current context leads nowhere is an error, not a crash later."""
    with pytest.raises(ValueError, match="no complete current context"):
        connection_info({"current-context": "gone", "contexts": [], "clusters": [], "users": []})


async def test_an_unreachable_api_is_one_error(lab: Lab, unused_tcp_port: int) -> None:
    """The client's library stays behind its border: a refused connection is an ApiError without a status."""
    kubeconfig = {
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "clusters": [{"name": "x", "cluster": {"server": f"https://127.0.0.1:{unused_tcp_port}"}}],
        "users": [{"name": "x", "user": {}}],
    }
    async with KubeClient(connection_info(kubeconfig)) as api:
        with pytest.raises(ApiError, match="ClientConnectorError") as refusal:
            await api.get("/version")
    assert refusal.value.status == 0


async def test_what_is_not_there_is_not_found(lab: Lab) -> None:
    """A missing object is an error of its own, with the API server's words, without a token."""
    kubeconfig = yaml.safe_load(await asyncio.to_thread(lab.kubeconfig_path.read_text))
    async with KubeClient(connection_info(kubeconfig)) as api:
        with pytest.raises(NotFound, match="not found") as refusal:
            await api.get("/api/v1/namespaces/vdi/pods/gone")
    assert refusal.value.status == HTTPStatus.NOT_FOUND
    assert kubeconfig["users"][0]["user"]["token"] not in str(refusal.value)
