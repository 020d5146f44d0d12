"""Certificates of the lab."""

import ssl
import stat
from pathlib import Path

from prober.lab.kube.tls import CertificateAuthority


def test_a_key_is_private(tmp_path: Path) -> None:
    """A server's key can be read by its owner alone; the authority's key is not written."""
    issued = CertificateAuthority().issue(tmp_path, name="server")

    assert stat.S_IMODE(issued.key.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server.crt", "server.key"]


def test_a_certificate_is_valid_to_strict_clients(tmp_path: Path) -> None:
    """A client that trusts the authority alone accepts the server, by name and address."""
    authority = CertificateAuthority()
    server = authority.issue(tmp_path, name="server", hosts=("localhost", "127.0.0.1", "*.vdi.test"))
    trusting = ssl.create_default_context(cadata=authority.certificate_pem)
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT

    for host in ("localhost", "127.0.0.1", "a.vdi.test"):
        _shake_hands(trusting, server.context(), host=host)


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, *, host: str) -> None:
    """Let the two sides agree in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for side in list(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)
    assert sides == []
