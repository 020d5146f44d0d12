"""The keys and certificates of a control plane: one authority for all of it, which is enough for a test."""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=2)
"""Longer than any test run."""

_HOSTS = ("127.0.0.1", "10.96.0.1")
_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate with its key, both as PEM files."""

    certificate: Path
    key: Path


class Pki:
    """Writes what a control plane needs into one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("test-ca")
        authority = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.ca_pem = authority.public_bytes(serialization.Encoding.PEM).decode()
        self.ca = folder / "ca.crt"
        self.ca.write_text(self.ca_pem)

    def server(self) -> Identity:
        """Issues the API server's own certificate."""
        names: list[x509.GeneralName] = [x509.DNSName(name) for name in _NAMES]
        addresses = [x509.IPAddress(ipaddress.ip_address(host)) for host in _HOSTS]
        return self._issue("apiserver", groups=(), names=[*names, *addresses])

    def client(self, user: str, groups: Sequence[str] = ()) -> Identity:
        """Issues a user's certificate, of some groups."""
        return self._issue(user, groups=groups, names=())

    def account_key(self) -> Path:
        """Makes the key that signs ServiceAccount tokens; returns the private one, which serves as the public too."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._write("service-account", key)

    def _issue(self, user: str, *, groups: Sequence[str], names: Sequence[x509.GeneralName]) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        usage = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        builder = self._builder(_name(user, groups), key).add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        stem = user.replace(":", "-")
        certificate = self._folder / f"{stem}.crt"
        signed = builder.sign(self._key, hashes.SHA256())
        certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        return Identity(certificate=certificate, key=self._write(stem, key))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + LIFETIME)
        )

    def _write(self, stem: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> Path:
        path = self._folder / f"{stem}.key"
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        return path


def _name(user: str, groups: Sequence[str] = ()) -> x509.Name:
    organisations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*organisations, x509.NameAttribute(NameOID.COMMON_NAME, user)])
