"""Kubeconfigs that are not what they should be: each is told as ours, with its place, and quotes nothing."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from tests.adapters.kubernetes.access.world import PASSWORD
from tests.adapters.kubernetes.test_leaks import chain

SERVER = "https://127.0.0.1:1"


def encoded(text: str) -> str:
    """Returns a text in base64."""
    return base64.b64encode(text.encode()).decode()


async def complaint(path: Path, *, context: str | None = None) -> str:
    """Returns what is said of a kubeconfig."""
    with pytest.raises(ProberFailed) as caught:
        async with connect(Kubeconfig(path=path, context=context)):
            pass
    assert caught.value.fault.reason is Reason.INTERNAL
    printed = "".join(f"{each!s}{each!r}{each.args!r}" for each in chain(caught.value))
    assert PASSWORD not in printed
    assert encoded(PASSWORD) not in printed
    return caught.value.fault.summary


def config(*, cluster: Mapping[str, Any] | None = None, user: Mapping[str, Any] | None = None, **root: Any) -> str:
    """Returns a kubeconfig, as YAML."""
    described = {"server": SERVER, "extensions": [{"name": "x", "extension": PASSWORD}], **(cluster or {})}
    content = {
        "clusters": [{"name": "c", "cluster": described}],
        "users": [{"name": "u", "user": dict(user or {})}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}, {"name": "there", "context": {}}],
        "current-context": "here",
        **{key.replace("_", "-"): value for key, value in root.items()},
    }
    return yaml.safe_dump(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param(f"a: [{PASSWORD}", "is no YAML of a kubeconfig", id="no YAML"),
        pytest.param(PASSWORD, "is no YAML of a kubeconfig", id="a word"),
        pytest.param(config(contexts=[]), "has no current-context that it describes (it has none)", id="no context"),
        pytest.param(config(contexts=PASSWORD), "that it describes (it has none)", id="contexts are a text"),
        pytest.param(config(contexts=[PASSWORD]), "that it describes (it has none)", id="a context is a text"),
        pytest.param(
            config(current_context=PASSWORD), "that it describes (it has: here, there); name", id="no such context"
        ),
        pytest.param(config(current_context="there"), "a cluster that it does not describe", id="an empty context"),
        pytest.param(config(clusters=[]), "a cluster that it does not describe under clusters", id="no cluster"),
        pytest.param(config(users=[{"user": {}}]), "a user that it does not describe under users", id="no user"),
        pytest.param(config(cluster={"server": None}), "server is no https://HOST:PORT", id="no server"),
        pytest.param(config(cluster={"server": 5}), "server in the kubeconfig", id="server is a number"),
        pytest.param(config(cluster={"server": f"https://u:{PASSWORD}@h"}), "is no https://", id="login in the server"),
        pytest.param(config(cluster={"server": "https://h:port"}), "is no https://", id="port"),
        pytest.param(config(cluster={"server": "h:6443"}), "is no https://", id="no scheme"),
        pytest.param(config(cluster={"insecure-skip-tls-verify": "no"}), "neither true nor false", id="flag"),
        pytest.param(config(cluster={"proxy-url": f"socks5://u:{PASSWORD}@h"}), "proxy-url of the kube", id="proxy"),
        pytest.param(config(cluster={"certificate-authority": "nowhere"}), "nowhere: No such file", id="no authority"),
        pytest.param(
            config(cluster={"certificate-authority-data": encoded(PASSWORD)}), "it is no PEM text", id="bad authority"
        ),
        pytest.param(
            config(cluster={"certificate-authority-data": encoded("ü")}), "it is no PEM text", id="odd authority"
        ),
        pytest.param(
            config(cluster={"certificate-authority-data": "/w=="}), "is no text in base64", id="no text in base64"
        ),
        pytest.param(config(user={"token": 12345}), "token in the kubeconfig", id="token is a number"),
        pytest.param(config(user={"token": f"{PASSWORD} x"}), "has blanks or line breaks", id="token has blanks"),
        pytest.param(config(user={"tokenFile": "nowhere"}), "tokenFile of the kubeconfig", id="no token file"),
        pytest.param(
            config(user={"username": "u", "password": PASSWORD}), "takes no passwords since 1.19; use", id="password"
        ),
        pytest.param(config(user={"auth-provider": {"name": PASSWORD}}), "auth-provider: Kubernetes gave", id="oidc"),
        pytest.param(config(user={"as": PASSWORD}), "does not impersonate anybody", id="impersonation"),
        pytest.param(config(user={"client-key-data": encoded(PASSWORD)}), "without client-certificate", id="key only"),
        pytest.param(
            config(user={"client-certificate-data": encoded(PASSWORD)}), "without client-key:", id="certificate only"
        ),
        pytest.param(
            config(user={"client-certificate-data": encoded(PASSWORD), "client-key-data": encoded(PASSWORD)}),
            "no pair in PEM",
            id="neither is one",
        ),
        pytest.param(config(user={"client-certificate-data": "x", "client-key-data": "y"}), "base64", id="no base64"),
        pytest.param(config(user={"exec": PASSWORD}), "is no mapping", id="plugin is a text"),
        pytest.param(config(user={"exec": {"command": "x", "apiVersion": "v1"}}), "out of: client.", id="version"),
        pytest.param(
            config(user={"exec": {"apiVersion": "client.authentication.k8s.io/v1"}}), "needs a command", id="no command"
        ),
    ],
)
async def test_a_bad_kubeconfig(tmp_path: Path, text: str, words: str) -> None:
    """What is wrong, and where, is said in a sentence."""
    path = tmp_path / "config"
    path.write_text(text)
    said = await complaint(path)
    assert str(path) in said
    assert words in said


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        pytest.param({"args": PASSWORD}, "args in exec of the kubeconfig", id="arguments"),
        pytest.param({"env": {"A": PASSWORD}}, "is no list of name and value", id="environment"),
        pytest.param({"env": [{"name": "A"}]}, "is no list of name and value", id="variable"),
        pytest.param({"env": [PASSWORD]}, "is no list of name and value", id="a text for a variable"),
        pytest.param({"interactiveMode": "Always"}, "there is nobody whom it could ask", id="interactive"),
    ],
)
async def test_a_bad_plugin(tmp_path: Path, plugin: dict[str, Any], words: str) -> None:
    """A plugin that cannot be understood is not started."""
    path = tmp_path / "config"
    version = "client.authentication.k8s.io/v1"
    path.write_text(config(user={"exec": {"command": "false", "apiVersion": version, **plugin}}))
    assert words in await complaint(path)


async def test_a_context_that_is_asked_for(tmp_path: Path) -> None:
    """A name that the configuration got wrong is told with those that there are."""
    path = tmp_path / "config"
    path.write_text(config())
    assert await complaint(path, context="moon") == (f"the kubeconfig {path} has no context moon (it has: here, there)")


async def test_no_file(tmp_path: Path) -> None:
    """A kubeconfig that is not there is named."""
    assert await complaint(tmp_path / "nowhere") == f"the kubeconfig {tmp_path / 'nowhere'} does not exist"


async def test_a_folder(tmp_path: Path) -> None:
    """A folder, as where a mount went wrong, is no kubeconfig."""
    assert await complaint(tmp_path) == f"the kubeconfig cannot be read: {tmp_path}: Is a directory"
