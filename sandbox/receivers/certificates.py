"""Certificates for receivers and for those who send to them, signed by an authority that nobody else knows."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ORGANIZATION: Final = "Baler"
_RSA_BITS: Final = 2048

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key.

    Attributes:
        certificate: PEM; those that lead to the authority may follow it.
        key: PEM, PKCS #8, not encrypted.
    """

    certificate: str
    key: str = field(repr=False)

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write both into a folder, which only this user should be able to read; return their paths."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_text(self.certificate, encoding="ascii")
        key.touch(mode=0o600)
        key.write_text(self.key, encoding="ascii")
        return certificate, key


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate is valid, as seconds from now."""

    begins: float = -3600.0
    ends: float = 86_400.0


_NOW: Final = Validity()


class Authority:
    """Signs certificates.

    Args:
        name: its common name.
        parent: who signs its own; itself if nobody does.
    """

    def __init__(self, name: str = "premises", parent: Authority | None = None) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        self._above = "" if parent is None else parent.chain
        signer_name, signer_key = parent.signer if parent else self.signer
        self._certificate = (
            _builder(self._name, signer_name, self._key.public_key(), _NOW)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(signer_key, hashes.SHA256())
        )

    @property
    def signer(self) -> tuple[x509.Name, ec.EllipticCurvePrivateKey]:
        """With which another authority is signed."""
        return self._name, self._key

    @property
    def pem(self) -> str:
        """Its certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def chain(self) -> str:
        """Its certificate and those above it, but for one that signed itself."""
        return self.pem + self._above if self._certificate.issuer != self._certificate.subject else ""

    def server(self, name: str, addresses: Sequence[str] = (), validity: Validity = _NOW) -> Issued:
        """Issue the certificate of a server.

        Args:
            name: of the server.
            addresses: of the server, for clients that know no name.
            validity: when it is valid.
        """
        names = [x509.DNSName(name), *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses)]
        return self._issue(
            name, validity, ec.generate_private_key(ec.SECP256R1()), ExtendedKeyUsageOID.SERVER_AUTH, names
        )

    def client(self, name: str, validity: Validity = _NOW, key: PrivateKey | None = None) -> Issued:
        """Issue the certificate of a client: its subject is `CN=<name>, O=Baler`."""
        return self._issue(
            name, validity, key or ec.generate_private_key(ec.SECP256R1()), ExtendedKeyUsageOID.CLIENT_AUTH
        )

    def _issue(
        self,
        name: str,
        validity: Validity,
        key: PrivateKey,
        usage: x509.ObjectIdentifier,
        names: Sequence[x509.GeneralName] = (),
    ) -> Issued:
        builder = (
            _builder(_name(name), self._name, key.public_key(), validity)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return Issued(certificate.public_bytes(serialization.Encoding.PEM).decode() + self.chain, pem_of_key(key))


def pem_of_key(key: PrivateKey, passphrase: str = "") -> str:
    """Return a key as PEM, encrypted where there is a passphrase."""
    encryption = (
        serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


def rsa_key(bits: int = _RSA_BITS) -> rsa.RSAPrivateKey:
    """Return a new RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, validity: Validity
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(seconds=validity.begins))
        .not_valid_after(now + timedelta(seconds=validity.ends))
    )
