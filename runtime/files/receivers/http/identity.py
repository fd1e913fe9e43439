"""The TLS side of the secret: whom we trust, and who we are. Nothing of it touches a disk."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.files.receivers.credentials import UnusableCredentialsError
from runtime.files.receivers.http.memory_file import readable
from runtime.files.receivers.http.validity import validity
from runtime.files.receivers.pem import certificates, pem_blocks

if TYPE_CHECKING:
    from runtime.files.receivers.http.secret import HttpSecret
    from runtime.files.receivers.pem import PemBlock


@dataclass(frozen=True, slots=True)
class Identity:
    """What connections are made with.

    Attributes:
        context: of the client.
        has_certificate: it can show one, should it be asked.
        has_ca: it trusts those whom the secret names, and not the system's.
        valid_from, valid_until: of the client's certificate, seconds since the epoch.
    """

    context: ssl.SSLContext
    has_certificate: bool
    has_ca: bool
    valid_from: float = float("-inf")
    valid_until: float = float("inf")

    @classmethod
    def of(cls, secret: HttpSecret) -> Identity:
        """Make it.

        Raises:
            UnusableCredentialsError: certificate, key or the certificates of authorities are not what they should be.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which verifies the receiver's certificate and its name
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        _trust(context, secret.ca_certificate)
        if not secret.certificate:
            return cls(context, has_certificate=False, has_ca=bool(secret.ca_certificate))
        valid_from, valid_until = _show(context, secret)
        return cls(context, True, bool(secret.ca_certificate), valid_from, valid_until)

    def check(self, now: float) -> None:
        """Refuse a certificate that the receiver would refuse for its time.

        Raises:
            UnusableCredentialsError: it is not valid yet, or no longer.
        """
        if now < self.valid_from:
            raise UnusableCredentialsError("certificate-not-yet-valid")
        if now > self.valid_until:
            raise UnusableCredentialsError("certificate-expired")


def _trust(context: ssl.SSLContext, text: str) -> None:
    if not text:
        context.load_default_certs()
        return
    # Whatever is named is trusted: an authority, one below it, or the receiver's own certificate.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    authorities = certificates(text)
    if not authorities:
        raise UnusableCredentialsError("ca-certificate-unreadable")
    for authority in authorities:
        try:
            context.load_verify_locations(cadata=authority.der)
        except (ssl.SSLError, ValueError):
            raise UnusableCredentialsError("ca-certificate-unreadable") from None


def _show(context: ssl.SSLContext, secret: HttpSecret) -> tuple[float, float]:
    """Load certificate and key, and return the time in which the certificate is valid.

    The first certificate is the client's, the others are those that lead from it to an authority: TLS sends them so.
    """
    chain = certificates(secret.certificate)
    if not chain:
        raise UnusableCredentialsError("certificate-unreadable")
    key = _private_key(secret.key)
    try:
        valid_from, valid_until = validity(chain[0].der)
        with readable("".join(block.pem for block in chain)) as certificate_path, readable(key.pem) as key_path:
            # OpenSSL asks the terminal for a passphrase, unless it is given one.
            context.load_cert_chain(certificate_path, key_path, password=lambda: "")
    except ssl.SSLError as error:
        raise UnusableCredentialsError(_refused(error)) from None
    except ValueError:
        raise UnusableCredentialsError("certificate-unreadable") from None
    return valid_from, valid_until


def _private_key(text: str) -> PemBlock:
    keys = [block for block in pem_blocks(text) if block.label.endswith("PRIVATE KEY")]
    if not keys:
        raise UnusableCredentialsError("key-unreadable")
    if keys[0].encrypted:
        raise UnusableCredentialsError("key-encrypted")
    return keys[0]


def _refused(error: ssl.SSLError) -> str:
    match error.reason:
        case "KEY_VALUES_MISMATCH" | "KEY_TYPE_MISMATCH" | "NO_CERTIFICATE_ASSIGNED":  # the last: of another kind
            return "key-of-another-certificate"
        case "EE_KEY_TOO_SMALL" | "CA_KEY_TOO_SMALL" | "CA_MD_TOO_WEAK" | "EE_MD_TOO_WEAK":
            return "certificate-too-weak"
        case _:
            return "certificate-or-key-unreadable"
