"""Reads the end of validity out of a certificate.

The standard library parses a server's certificate only when it was verified, and the end of one that we were told not
to verify matters as much. So here is just enough DER (ITU-T X.690) to walk a certificate (RFC 5280, section 4.1) to
its `notAfter`; nothing is judged.
"""

from datetime import UTC, datetime

_SEQUENCE = 0x30
_VERSION = 0xA0
_UTC_TIME = 0x17
_GENERALIZED_TIME = 0x18
_LONG_LENGTH = 0x80


def not_after(certificate: bytes) -> datetime | None:
    """Returns when a DER-encoded certificate ends, or `None` when it cannot be read."""
    try:
        return _not_after(certificate)
    except (IndexError, ValueError):
        return None


def _not_after(certificate: bytes) -> datetime:
    _, outer, _ = _element(certificate)
    _, rest, _ = _element(outer)  # tbsCertificate
    tag, _, after = _element(rest)
    if tag == _VERSION:
        rest = after
    for _ in ("serialNumber", "signature", "issuer"):
        _, _, rest = _element(rest)
    tag, validity, _ = _element(rest)
    if tag != _SEQUENCE:
        raise ValueError("no validity where it belongs")
    _, _, rest = _element(validity)  # notBefore
    tag, text, _ = _element(rest)
    return _time(tag, text.decode("ascii"))


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Splits off the first element: its tag, its content, and what follows it."""
    tag, length, begin = data[0], data[1], 2
    if length & _LONG_LENGTH:
        begin += length & ~_LONG_LENGTH
        length = int.from_bytes(data[2:begin])
    if begin + length > len(data):
        raise ValueError("the element is longer than the data")
    return tag, data[begin : begin + length], data[begin + length :]


def _time(tag: int, text: str) -> datetime:
    formats = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}
    if tag not in formats:
        raise ValueError("no time where it belongs")
    moment = datetime.strptime(text, formats[tag]).replace(tzinfo=UTC)
    # Two digits mean 1950 to 2049 here, and 1969 to 2068 in strptime.
    return moment.replace(year=moment.year - 100) if tag == _UTC_TIME and moment.year > 2049 else moment  # noqa: PLR2004 - RFC 5280, section 4.1.2.5.1
