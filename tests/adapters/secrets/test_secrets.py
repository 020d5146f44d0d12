import traceback
from pathlib import Path
from typing import Any

import pytest

from prober.adapters.secrets import ReferencedSecrets
from prober.domain.errors import ProbeError, ProberFailed, TargetFailed
from prober.domain.ids import ClusterName
from prober.domain.reasons import Reason
from prober.domain.target import SecretRef, SecretSource, SessionTemplate
from prober.flow.ports.secrets import Secret, Secrets
from tests.fakes.secrets import FakeSecrets

HERE = ClusterName("here")
THERE = ClusterName("there")
SESSION = SessionTemplate(cluster=HERE, namespace="vdi", user="probe@example.com", template="ubuntu")


class Cluster:
    """Secrets whose values say where they were read."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def read(self, *, namespace: str, name: str, key: str) -> Secret:
        """Returns where it is."""
        return Secret(f"{self._name}/{namespace}/{name}/{key}")


class UnreachableCluster:
    """A cluster whose API server does not answer."""

    async def read(self, *, namespace: str, name: str, key: str) -> Secret:
        """Raises what the adapter of clusters raises then."""
        del namespace, name, key
        raise TargetFailed.because(Reason.API_UNREACHABLE, "the API server does not answer")


def reference(source: SecretSource, name: str, **more: Any) -> SecretRef:
    """Returns a reference."""
    return SecretRef(source=source, name=name, **more)


def secrets(**environ: str) -> ReferencedSecrets:
    """Returns the adapter with two clusters."""
    return ReferencedSecrets(environ=environ, clusters={HERE: Cluster("here"), THERE: Cluster("there")})


async def test_a_variable() -> None:
    """A variable's value is taken as it is."""
    secret = await secrets(PASSWORD=" hunter2\n").read(reference(SecretSource.ENV, "PASSWORD"), SESSION)
    assert secret.reveal() == " hunter2\n"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        pytest.param(b"hunter2\n", "hunter2", id="one newline"),
        pytest.param(b"hunter2\r\n", "hunter2", id="one newline of Windows"),
        pytest.param(b"hunter2\n\n", "hunter2\n", id="two newlines"),
        pytest.param(b" hunter2", " hunter2", id="no newline"),
        pytest.param("pässword\n".encode(), "pässword", id="UTF-8"),
        pytest.param(b"", "", id="empty"),
    ],
)
async def test_a_file(tmp_path: Path, content: bytes, value: str) -> None:
    """A file's value is its text without the newline that editors put at the end."""
    file = tmp_path / "password"
    file.write_bytes(content)
    assert (await secrets().read(reference(SecretSource.FILE, str(file)), SESSION)).reveal() == value


async def test_a_file_is_read_anew(tmp_path: Path) -> None:
    """A rotated secret is picked up."""
    file = tmp_path / "password"
    ref = reference(SecretSource.FILE, str(file))
    for value in ("old", "new"):
        file.write_text(value)
        assert (await secrets().read(ref, SESSION)).reveal() == value


@pytest.mark.parametrize(
    ("more", "where"),
    [
        pytest.param({}, "here/vdi/basic/password", id="the session's place"),
        pytest.param({"namespace": "keys"}, "here/keys/basic/password", id="another namespace"),
        pytest.param({"cluster": THERE, "namespace": "keys"}, "there/keys/basic/password", id="another cluster"),
    ],
)
async def test_a_clusters_secret(more: dict[str, Any], where: str) -> None:
    """What the reference leaves out is the session's."""
    ref = reference(SecretSource.KUBERNETES_SECRET, "basic", key="password", **more)
    assert (await secrets().read(ref, SESSION)).reveal() == where


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        pytest.param(reference(SecretSource.ENV, "NOBODY"), "secret env:NOBODY .* not set", id="no variable"),
        pytest.param(reference(SecretSource.FILE, "/nowhere"), "secret file:/nowhere .* No such file", id="no file"),
        pytest.param(
            reference(SecretSource.KUBERNETES_SECRET, "a", key="k", cluster=ClusterName("mars")),
            "secret kubernetes_secret:a .* no cluster mars",
            id="no cluster",
        ),
        pytest.param(
            reference(SecretSource.KUBERNETES_SECRET, "a"), "secret kubernetes_secret:a .* no key", id="no key"
        ),
    ],
)
async def test_what_cannot_be_read(ref: SecretRef, words: str) -> None:
    """The fault is our own, and names the reference."""
    with pytest.raises(ProberFailed, match=words) as caught:
        await secrets().read(ref, SESSION)
    assert caught.value.fault.reason is Reason.INTERNAL


@pytest.mark.parametrize(
    ("away", "error", "reason"),
    [
        pytest.param(HERE, TargetFailed, Reason.API_UNREACHABLE, id="the session's cluster"),
        pytest.param(THERE, ProberFailed, Reason.INTERNAL, id="another cluster"),
    ],
)
async def test_a_cluster_that_does_not_answer(away: ClusterName, error: type[ProbeError], reason: Reason) -> None:
    """An outage is the target's fault where the target suffers it itself."""
    ref = reference(SecretSource.KUBERNETES_SECRET, "basic", key="password", cluster=away)
    with pytest.raises(error, match="the API server does not answer") as caught:
        await ReferencedSecrets(environ={}, clusters={away: UnreachableCluster()}).read(ref, SESSION)
    assert caught.value.fault.reason is reason


async def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no text are not quoted, not even in a traceback."""
    file = tmp_path / "password"
    file.write_bytes(b"hunter2\xff")
    with pytest.raises(ProberFailed, match="not UTF-8 text") as caught:
        await secrets().read(reference(SecretSource.FILE, str(file)), SESSION)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "implementation",
    [
        pytest.param(ReferencedSecrets(environ={"PASSWORD": "hunter2"}), id="real"),
        pytest.param(FakeSecrets({"PASSWORD": "hunter2"}), id="fake"),
    ],
)
async def test_the_ports_contract(implementation: Secrets) -> None:
    """A secret reveals itself on request only; what is not there is our own fault."""
    secret = await implementation.read(reference(SecretSource.ENV, "PASSWORD"), SESSION)
    assert (secret.reveal(), str(secret), repr(secret)) == ("hunter2", "Secret(***)", "Secret(***)")
    with pytest.raises(ProberFailed, match="env:NOBODY"):
        await implementation.read(reference(SecretSource.ENV, "NOBODY"), SESSION)


async def test_what_belongs_to_no_session_is_kept_in_no_cluster() -> None:
    """Without a session there is no cluster to ask; the environment and files can be read."""
    secrets = ReferencedSecrets(environ={"TOKEN": "t"}, clusters={HERE: Cluster("here")})
    assert (await secrets.read_here(reference(SecretSource.ENV, "TOKEN"))).reveal() == "t"
    with pytest.raises(ProberFailed, match="kept in a cluster"):
        await secrets.read_here(reference(SecretSource.KUBERNETES_SECRET, "probe", key="token"))
