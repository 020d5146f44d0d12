"""Throw-away TLS for the lab: a certificate authority that lives as long as its process.

kubectl sends bearer tokens over HTTPS only, so even a loopback API needs a certificate. The
authority's key never leaves memory; a server's key is written to a directory that the caller owns,
because the `ssl` module reads keys from files only.
"""

import ipaddress
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOOPBACK_HOSTS = ("localhost", "127.0.0.1")
"""What a server on loopback is called."""

LIFETIME = timedelta(days=30)
"""Longer than any lab runs."""

_CLOCK_SKEW = timedelta(minutes=5)
_KEY_MODE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    """Where a server's certificate is, with its key beside it; both PEM."""

    certificate: Path
    key: Path

    @classmethod
    def at(cls, directory: Path, *, name: str) -> Self:
        """Return where the certificate of a server is kept, whether or not it is there."""
        return cls(certificate=directory / f"{name}.crt", key=directory / f"{name}.key")

    def remove(self) -> None:
        """Remove the files that are there.

        Raises:
            OSError: a file cannot be removed.
        """
        for path in (self.certificate, self.key):
            path.unlink(missing_ok=True)

    def context(self) -> ssl.SSLContext:
        """Return the context of a server that shows this certificate; reads the files."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class CertificateAuthority:
    """Signs certificates for the lab's servers.

    Attributes:
        certificate_pem: what clients have to trust.
    """

    def __init__(self, *, name: str = "vdi-prober lab") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        public = self._key.public_key()
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        certificate = (
            _builder(public, subject=self._name, issuer=self._name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(self._identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate_pem = _pem(certificate)

    def issue(
        self,
        directory: Path,
        *,
        name: str,
        hosts: Sequence[str] = LOOPBACK_HOSTS,
        lifetime: timedelta = LIFETIME,
    ) -> ServerCertificate:
        """Write a server's certificate as `NAME.crt`, its key as `NAME.key` (mode 0600).

        Args:
            directory: where to; must exist.
            name: the stem of both files.
            hosts: DNS names, wildcards included, or IP addresses.
            lifetime: for how long it is valid from now on.

        Raises:
            OSError: the files cannot be written.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier)
        server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        public = key.public_key()
        certificate = (
            _builder(public, subject=subject, issuer=self._name, lifetime=lifetime)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(server_auth, critical=False)
            .add_extension(x509.SubjectAlternativeName([_general(h) for h in hosts]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(authority, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        issued = ServerCertificate.at(directory, name=name)
        issued.certificate.write_text(_pem(certificate))
        _write_private(issued.key, _key_pem(key))
        return issued


def _builder(
    public: ec.EllipticCurvePublicKey, *, subject: x509.Name, issuer: x509.Name, lifetime: timedelta = LIFETIME
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + lifetime)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody else can read at any time, not even while it is written."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _KEY_MODE), "wb") as file:
        file.write(content)
