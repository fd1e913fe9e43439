"""When certificates are valid, compared with what a whole library reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.files.receivers.http.validity import validity

KEY = ed25519.Ed25519PrivateKey.generate()
MOMENTS = st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59)).map(  # noqa: DTZ001 - hypothesis wants them so
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


def certificate(first: datetime, last: datetime, name: str = "courier", serial: int = 1) -> x509.Certificate:
    names = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(names)
        .issuer_name(names)
        .public_key(KEY.public_key())
        .serial_number(serial)
        .not_valid_before(first)
        .not_valid_after(last)
        .sign(KEY, None)
    )


@settings(max_examples=200)
@given(MOMENTS, MOMENTS, st.text(min_size=1, max_size=64), st.integers(1, 2**158))
def test_any_certificates_times_are_read(one: datetime, other: datetime, name: str, serial: int) -> None:
    first, last = sorted((one, other))
    try:
        made = certificate(first, last, name, serial)
    except (UnicodeEncodeError, ValueError):
        return  # no name of a certificate
    der = made.public_bytes(serialization.Encoding.DER)
    assert validity(der) == (made.not_valid_before_utc.timestamp(), made.not_valid_after_utc.timestamp())


def test_a_long_certificate_of_the_usual_kind_is_read() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "courier")])
    first = datetime(2026, 1, 1, tzinfo=UTC)
    names = [x509.DNSName(f"host-{number}.premises.example") for number in range(200)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(first + timedelta(days=397))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    assert validity(made.public_bytes(serialization.Encoding.DER))[0] == first.timestamp()


@pytest.mark.parametrize("length", [0, 1, 2, 5, 20, 60, 90])
def test_a_certificate_that_breaks_off_is_refused(length: int) -> None:
    der = certificate(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)).public_bytes(
        serialization.Encoding.DER
    )
    with pytest.raises(ValueError, match=r".+"):
        validity(der[:length])


@given(st.binary(max_size=200))
def test_anything_else_is_refused_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        validity(data)
