"""Tokens that change while the prober runs."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from prober.adapters.kubernetes.connection import InCluster, Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.access.world import TOKEN, Accounts, kubeconfig
from tests.contracts.sessions import NAMESPACE, request

NEWER = "planted-token-newer"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """The file that somebody rotates."""
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


@pytest.fixture(params=["in cluster", "kubeconfig"], ids=str)
def where(request: pytest.FixtureRequest, kube: KubeApi, token_file: Path, tmp_path: Path) -> InCluster | Kubeconfig:
    """The two ways to name that file."""
    if request.param == "kubeconfig":
        user = {"tokenFile": "token", "token": "the-file-counts"}
        return Kubeconfig(path=kubeconfig(tmp_path / "config", server=kube.url, ca_pem=kube.ca_pem, user=user))
    (tmp_path / "ca.crt").write_text(kube.ca_pem)
    environ = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": kube.url.rpartition(":")[2]}
    return InCluster(environ=environ, token_file=token_file, ca_file=tmp_path / "ca.crt")


async def test_a_new_token_counts_at_once(where: InCluster | Kubeconfig, accounts: Accounts, token_file: Path) -> None:
    """The very next request shows the new token, whether or not the old one would still be taken."""
    async with connect(where) as api:
        await KubernetesSessions(api).ours(NAMESPACE)
        rotate(accounts, token_file)
        await KubernetesSessions(api).ours(NAMESPACE)
    assert accounts.shown == [TOKEN, NEWER]


async def test_a_token_replaced_on_its_way(
    where: InCluster | Kubeconfig, accounts: Accounts, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What was refused because of a rotation is asked once more: a creation too, since it was not executed."""
    caplog.set_level("DEBUG", logger="prober")
    async with connect(where) as api:
        accounts.meanwhile(partial(rotate, accounts, token_file))
        await KubernetesSessions(api).create(request())
        assert len(await KubernetesSessions(api).ours(NAMESPACE)) == 1
    assert accounts.shown == [TOKEN, NEWER, NEWER]
    assert "the request is made once more, with others: the token" in caplog.text
    assert TOKEN not in caplog.text
    assert NEWER not in caplog.text


async def test_a_token_that_is_no_longer_taken(
    where: InCluster | Kubeconfig, accounts: Accounts, token_file: Path
) -> None:
    """Without a newer one the refusal stands after one request, and names where the token is from."""
    async with connect(where) as api:
        accounts.take()
        with pytest.raises(TargetFailed, match=r"Unauthorized \(we showed the token of .*") as caught:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert caught.value.fault.reason is Reason.RBAC_DENIED
    assert accounts.shown == [TOKEN]
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(Path.unlink, id="gone"),
        pytest.param(lambda path: path.write_text(""), id="empty"),
        pytest.param(lambda path: path.write_text("two\nlines"), id="no token"),
        pytest.param(lambda path: path.write_bytes(b"\xff"), id="no text"),
    ],
)
async def test_a_token_file_in_the_middle_of_its_writing(
    where: InCluster | Kubeconfig,
    accounts: Accounts,
    token_file: Path,
    spoil: Callable[[Path], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While there is nothing to read the last token is shown, as long as it is taken."""
    async with connect(where) as api:
        await KubernetesSessions(api).ours(NAMESPACE)
        spoil(token_file)
        await KubernetesSessions(api).ours(NAMESPACE)
        rotate(accounts, token_file)
        await KubernetesSessions(api).ours(NAMESPACE)
    assert accounts.shown == [TOKEN, TOKEN, NEWER]
    assert "credentials_not_read" in caplog.text


async def test_a_token_that_is_written_by_half(
    where: InCluster | Kubeconfig, accounts: Accounts, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What looks like a token and is refused is followed by the last one that was not, as long as the file holds it."""
    async with connect(where) as api:
        await KubernetesSessions(api).ours(NAMESPACE)
        for half in (NEWER[:5], NEWER[:10]):
            write(token_file, half)
            await KubernetesSessions(api).ours(NAMESPACE)
        rotate(accounts, token_file)
        await KubernetesSessions(api).ours(NAMESPACE)
    assert accounts.shown == [TOKEN, NEWER[:5], TOKEN, NEWER[:10], TOKEN, NEWER]
    assert "credentials_refused: the ones before are shown" in caplog.text
    assert TOKEN not in caplog.text


async def test_a_new_token_that_nobody_takes_nor_the_old_one(
    where: InCluster | Kubeconfig, accounts: Accounts, token_file: Path
) -> None:
    """Two requests at most are made of one."""
    async with connect(where) as api:
        await KubernetesSessions(api).ours(NAMESPACE)
        accounts.take()
        write(token_file, NEWER)
        with pytest.raises(TargetFailed, match="Unauthorized"):
            await KubernetesSessions(api).ours(NAMESPACE)
    assert accounts.shown == [TOKEN, NEWER, TOKEN]


async def test_a_token_file_that_was_never_there(where: InCluster | Kubeconfig, token_file: Path) -> None:
    """A missing file is told with its name when the cluster is opened."""
    rotate_away(token_file)
    with pytest.raises(ProberFailed, match=f"cannot be read: {token_file}: No such file") as caught:
        async with connect(where):
            pass
    assert caught.value.fault.reason is Reason.INTERNAL


async def test_a_certificate_authority_that_is_not_mounted(where: InCluster | Kubeconfig, tmp_path: Path) -> None:
    """A Pod without its cluster's authority does not trust just anybody."""
    if isinstance(where, Kubeconfig):
        kubeconfig(where.path, server="https://127.0.0.1:1", user={}, certificate_authority="nowhere")
    else:
        where = replace(where, ca_file=tmp_path / "nowhere")
    with pytest.raises(ProberFailed, match=r"certificate.authority .* cannot be read: .*nowhere: No such file"):
        async with connect(where):
            pass


def rotate(accounts: Accounts, token_file: Path) -> None:
    """Replaces the token, and takes the old one no longer."""
    accounts.take(NEWER)
    write(token_file, NEWER)


def write(token_file: Path, token: str) -> None:
    """Writes a token."""
    token_file.write_text(token)


def rotate_away(token_file: Path) -> None:
    """Removes the file."""
    token_file.unlink()
