"""When a certificate is valid. The standard library reads certificates of peers alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

# Tags of DER, and the field of a certificate that is there or not: its version. RFC 5280, 4.1.
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_VERSION: Final = 0xA0
_LONG_LENGTH: Final = 0x80
# Of what begins with `validity`: serial number, signature algorithm and issuer stand before it.
_BEFORE_VALIDITY: Final = 3
_CENTURY_YEAR: Final = "50"


def validity(der: bytes) -> tuple[float, float]:
    """Return the first and the last moment of a certificate's validity, seconds since the epoch.

    Args:
        der: the certificate.

    Raises:
        ValueError: it is none.
    """
    _, certificate, _ = _element(der)
    _, fields, _ = _element(certificate)
    tag, _, rest = _element(fields)
    if tag != _VERSION:
        rest = fields
    for _ in range(_BEFORE_VALIDITY):
        _, _, rest = _element(rest)
    _, times, _ = _element(rest)
    first_tag, first, rest = _element(times)
    last_tag, last, _ = _element(rest)
    return _moment(first_tag, first), _moment(last_tag, last)


def _element(der: bytes) -> tuple[int, bytes, bytes]:
    """Return tag and content of the first element, and what follows it."""
    if len(der) < 2:  # noqa: PLR2004 - tag and length
        raise ValueError("the certificate breaks off")
    tag, length, start = der[0], der[1], 2
    if length >= _LONG_LENGTH:
        start += length - _LONG_LENGTH
        length = int.from_bytes(der[2:start], "big")
    if len(der) < start + length:
        raise ValueError("the certificate breaks off")
    return tag, der[start : start + length], der[start + length :]


def _moment(tag: int, content: bytes) -> float:
    """Read a time; both kinds are to the second and in UTC, and two digits of a year mean 1950 to 2049 (RFC 5280)."""
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= _CENTURY_YEAR else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("the certificate has no validity")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
