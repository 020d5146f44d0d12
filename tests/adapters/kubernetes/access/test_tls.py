"""Certificates and keys, as OpenSSL takes them."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from prober.adapters.kubernetes.access.identity import ClientCertificate, Credential
from prober.adapters.kubernetes.access.kubeconfig import Kubeconfig, read_context
from prober.adapters.kubernetes.access.tls import Trust
from prober.adapters.kubernetes.access.users import user_identity
from prober.domain.errors import ProberFailed
from tests.adapters.kubernetes.access.world import kubeconfig

PASSPHRASE = b"planted-passphrase"


def issued(encryption: serialization.KeySerializationEncryption) -> ClientCertificate:
    """Returns a certificate that signs itself, in PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "prober")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return ClientCertificate(
        chain=certificate.public_bytes(pem).decode(), key=key.private_bytes(pem, kind, encryption).decode()
    )


def test_a_pair() -> None:
    """A certificate with its key is taken; so are servers whose certificates lack what Python 3.13 wants of them."""
    context = Trust(place="X").context(issued(serialization.NoEncryption()))
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("mixed", [True, False], ids=["of two pairs", "encrypted"])
def test_no_pair(*, mixed: bool) -> None:
    """A key of another certificate, or an encrypted one, is told: nobody is asked for a passphrase."""
    certificate = issued(serialization.BestAvailableEncryption(PASSPHRASE))
    if mixed:
        certificate = ClientCertificate(chain=certificate.chain, key=issued(serialization.NoEncryption()).key)
    with pytest.raises(ProberFailed, match="client certificate and key of X cannot be loaded: they are no pair"):
        Trust(place="X").context(certificate)


def test_no_room_for_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container without a folder for temporary files is told to have one."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(ProberFailed, match=r"client certificate .* of X need a writable folder for temporary files"):
        Trust(place="X").context(issued(serialization.NoEncryption()))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda folder, new: (folder / "user.crt").write_text(new.chain), id="another key"),
        pytest.param(lambda folder, new: (folder / "user.crt").write_text(new.chain[:200]), id="half a certificate"),
        pytest.param(lambda folder, new: (folder / "user.key").write_text(new.key[:80]), id="half a key"),
    ],
)
async def test_a_pair_in_the_middle_of_its_writing(
    tmp_path: Path, spoil: Callable[[Path, ClientCertificate], object], caplog: pytest.LogCaptureFixture
) -> None:
    """Between two writes the last pair is shown, and that is told; a pair that is whole counts at once."""
    old, new = issued(serialization.NoEncryption()), issued(serialization.NoEncryption())
    user = {"client-certificate": "user.crt", "client-key": "user.key"}
    path = kubeconfig(tmp_path / "config", server="https://127.0.0.1:1", user=user)
    write(old, folder=tmp_path)
    context = await asyncio.to_thread(read_context, Kubeconfig(path=path))
    identity = user_identity(context, environ={})
    shown = [await identity.prepare()]
    spoil(tmp_path, new)
    shown.append(await identity.credential())
    assert "credentials_not_read" in caplog.text
    write(new, folder=tmp_path)
    shown.append(await identity.credential())
    assert shown == [Credential(certificate=certificate) for certificate in (old, old, new)]


def write(certificate: ClientCertificate, *, folder: Path) -> None:
    """Writes a certificate and its key."""
    (folder / "user.crt").write_text(certificate.chain)
    (folder / "user.key").write_text(certificate.key)


def test_keys_are_not_printed() -> None:
    """Neither a key nor a token is in the text of what holds it."""
    certificate = issued(serialization.NoEncryption())
    printed = f"{certificate!r} {Credential(token='planted', certificate=certificate)!r}"
    assert "PRIVATE KEY" not in printed
    assert "planted" not in printed
