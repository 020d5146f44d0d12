import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from prober.adapters.certificate import not_after
from prober.lab.kube.tls import CertificateAuthority


def certificate(end: datetime) -> bytes:
    """Returns a self-signed certificate that ends then, DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x" * 64)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(2**150).not_valid_before(end - timedelta(days=1)).not_valid_after(end)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("year", [1970, 1999, 2026, 2049, 2050, 2999], ids=str)
def test_the_end_is_read(year: int) -> None:
    """Both spellings of time are read: two digits of the year until 2049, four from 2050 on."""
    end = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert not_after(certificate(end)) == end


def test_the_standard_library_agrees() -> None:
    """The lab's own certificate reads the same by other means."""
    pem = CertificateAuthority().certificate_pem
    expected = x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
    assert not_after(ssl.PEM_cert_to_DER_cert(pem)) == expected


def test_what_is_no_certificate() -> None:
    """Anything that is cut or changed gives no time, and no exception."""
    whole = certificate(datetime(2030, 1, 1, tzinfo=UTC))
    for length in range(len(whole) - 1):
        assert not_after(whole[:length]) is None
    for data in (b"hello", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80", bytes(100)):
        assert not_after(data) is None
