"""Certificates and keys, as OpenSSL takes them."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from prober.adapters.kubernetes.access.identity import ClientCertificate, Credential
from prober.adapters.kubernetes.access.tls import Trust
from prober.domain.errors import ProberFailed

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


def test_keys_are_not_printed() -> None:
    """Neither a key nor a token is in the text of what holds it."""
    certificate = issued(serialization.NoEncryption())
    printed = f"{certificate!r} {Credential(token='planted', certificate=certificate)!r}"
    assert "PRIVATE KEY" not in printed
    assert "planted" not in printed
