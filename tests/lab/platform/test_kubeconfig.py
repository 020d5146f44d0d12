from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import yaml

from prober.lab.cluster.errors import KubeconfigError
from prober.lab.cluster.kubeconfig import read_kubeconfig
from prober.lab.operator.client import connection_info

SECRET = "s3cr3t"


def _content(*, user: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "staging",
        "clusters": [{"name": "c", "cluster": {"server": "https://api.example.com:6443", **(cluster or {})}}],
        "users": [{"name": "u", "user": {"token": SECRET} if user is None else user}],
        "contexts": [
            {"name": "staging", "context": {"cluster": "c", "user": "u", "namespace": "theirs"}},
            {"name": "lost", "context": {"cluster": "gone", "user": "u"}},
        ],
    }


def _write(folder: Path, content: object) -> Path:
    path = folder / "config"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def _read(path: Path, *, context: str | None = None) -> dict[str, Any]:
    return read_kubeconfig(path, context=context, namespace="vdi")


def test_one_context_is_left(tmp_path: Path) -> None:
    """The current context alone comes out, in the lab's namespace, whatever its own was."""
    found = _read(_write(tmp_path, _content()))
    assert found["current-context"] == "staging"
    assert [entry["name"] for entry in found["contexts"]] == ["staging"]
    assert found["contexts"][0]["context"] == {"cluster": "c", "user": "u", "namespace": "vdi"}
    assert connection_info(found).token == SECRET


def test_files_are_taken_in(tmp_path: Path) -> None:
    """Certificates, keys and tokens in files beside the kubeconfig become part of it."""
    for name in ("ca.crt", "u.crt", "u.key"):
        (tmp_path / name).write_text(f"content of {name}")
    (tmp_path / "token").write_text(f"{SECRET}\n")
    user = {"client-certificate": "u.crt", "client-key": str(tmp_path / "u.key"), "tokenFile": "token"}
    path = _write(tmp_path, _content(user=user, cluster={"certificate-authority": "ca.crt"}))
    found = _read(path)
    cluster, user = found["clusters"][0]["cluster"], found["users"][0]["user"]
    assert b64decode(cluster["certificate-authority-data"]) == b"content of ca.crt"
    assert b64decode(user["client-certificate-data"]) == b"content of u.crt"
    assert b64decode(user["client-key-data"]) == b"content of u.key"
    assert user["token"] == SECRET
    assert "certificate-authority" not in cluster


def test_the_way_to_the_cluster_stays(tmp_path: Path) -> None:
    """A proxy and an unchecked certificate are how the cluster is reached."""
    cluster = {"proxy-url": "http://proxy.example.com:3128", "insecure-skip-tls-verify": True}
    connection = connection_info(_read(_write(tmp_path, _content(cluster=cluster))))
    assert connection.proxy_url == "http://proxy.example.com:3128"
    assert connection.insecure


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_content(user={"exec": {"command": "aws"}}), "the credentials of user 'u' get their value from a program"),
        (_content(user={"auth-provider": {"name": "oidc"}}), "from an auth-provider; use credentials that stay"),
        (_content(user={"username": "u", "password": SECRET}), "are a name with a password"),
        (_content(user={"token": SECRET, "as": "root"}), "impersonate another user"),
        (
            _content(user={"client-certificate": "gone.crt"}),
            "client-certificate of user 'u' cannot be read: .*gone.crt",
        ),
        (_content(cluster={"server": "api.example.com"}), "cluster 'c' has no server that starts with https://"),
        (_content(cluster={"tls-server-name": "x"}), "cluster 'c' sets tls-server-name"),
        (_content() | {"current-context": None}, "no current context; choose one with --context: staging, lost"),
        (_content() | {"users": None}, "there is no user 'u'; there are: none"),
        (_content() | {"users": [SECRET]}, "'users' is no list of named entries"),
        (f"token: {SECRET}: [", "is no YAML"),
        (SECRET, "is no kubeconfig"),
    ],
    ids=[
        "exec",
        "auth provider",
        "password",
        "impersonation",
        "missing file",
        "no address",
        "server name",
        "no current context",
        "no users",
        "odd users",
        "no yaml",
        "no mapping",
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, content: object, said: str) -> None:
    """The message names the file, the entry in it and the mend; no secret."""
    path = _write(tmp_path, content)
    with pytest.raises(KubeconfigError, match=said) as refusal:
        _read(path)
    assert SECRET not in str(refusal.value)
    assert str(tmp_path) in str(refusal.value)


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ("prod", "there is no context 'prod'; there are: staging, lost"),
        ("lost", "there is no cluster 'gone'; there are: c"),
    ],
    ids=["unknown", "incomplete"],
)
def test_a_context_must_be_there(tmp_path: Path, context: str, said: str) -> None:
    """A wrong context is answered with those that there are."""
    with pytest.raises(KubeconfigError, match=said):
        _read(_write(tmp_path, _content()), context=context)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path stands in the message."""
    with pytest.raises(KubeconfigError, match=r"kubeconfig cannot be read: .*nowhere: No such file or directory"):
        _read(tmp_path / "nowhere")
