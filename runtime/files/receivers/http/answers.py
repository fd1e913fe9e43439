"""What an answer means, and what it means that there is none. The table of all is docs/receiver-answers.md."""

from __future__ import annotations

import email.utils
import errno
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import h11

from baler.files.courier.answer import Answer, Meaning
from runtime.files.receivers.credentials import unusable
from runtime.files.receivers.http.exchange import EarlyAcceptanceError
from runtime.files.receivers.http.wire import BareEndError, NoTimeError

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT: Final = "timeout"

_MISPLACED: Final = frozenset({404, 405, 415})
_UNAUTHORIZED: Final = frozenset({401, 403})
_BUSY: Final = frozenset({408, 429, 503})

# Alerts about who we are (RFC 8446, 6.2), as OpenSSL names them; a number that it does not know has no name. A
# handshake failure is how TLS 1.2 says that a certificate is missing.
_ALERT: Final = "ALERT_"
_ALERTS_ABOUT_US: Final = frozenset(
    {
        "access-denied",
        "bad-certificate",
        "certificate-expired",
        "certificate-required",
        "certificate-revoked",
        "certificate-unknown",
        "decrypt-error",
        "handshake-failure",
        "no-certificate",
        "unknown-ca",
        "unsupported-certificate",
    }
)
# OpenSSL's X509_V_ERR_…, of which the standard library names none.
_CERTIFICATE_TIMES: Final = frozenset({9, 10})
_CERTIFICATE_NAMES: Final = frozenset({62, 64})

# How a connection ends without a word of TLS.
_BARE_ENDS: Final = (BareEndError, BrokenPipeError, ConnectionResetError)

_CONNECTION_WORDS: Final = {
    errno.ECONNREFUSED: "connection-refused",
    errno.EHOSTUNREACH: "host-unreachable",
    errno.ENETUNREACH: "network-unreachable",
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was so when an attempt failed.

    Attributes:
        has_certificate: the receiver could be shown a client certificate.
        has_ca: the secret names whom to trust.
        vouched: the receiver is known to have accepted the handshake, or to have answered on this connection.
        connected: there was a connection.
    """

    has_certificate: bool
    has_ca: bool
    vouched: bool
    connected: bool


def answer_of_status(status: int, headers: Mapping[bytes, bytes], now: float) -> Answer:
    """Say what an answer means.

    Args:
        status: of HTTP.
        headers: by their names in lower case.
        now: seconds since the epoch.
    """
    return Answer(_meaning(status), str(status), status, _retry_after(headers.get(b"retry-after", b""), now))


def _meaning(status: int) -> Meaning:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Meaning.ACCEPTED
    # Nothing is sent on: what would be has credentials. A receiver that says 303 wants to be asked again later.
    if status in _MISPLACED or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Meaning.MISPLACED
    if status in _UNAUTHORIZED:
        return Meaning.UNAUTHORIZED
    if status in _BUSY:
        return Meaning.BUSY
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Meaning.REFUSED
    return Meaning.UNREACHABLE


def _retry_after(value: bytes, now: float) -> float:
    """Read seconds or a date (RFC 9110, 10.2.3); anything else asks for nothing."""
    text = value.decode("ascii", "replace").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_SECONDS)
    try:
        moment = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(moment - now, 0.0), _LONGEST_SECONDS)


# Longer than anybody means; the courier has a bound of its own.
_LONGEST_SECONDS: Final = 86_400.0


def answer_of_failure(error: Exception, circumstances: Circumstances) -> Answer:
    """Say what it means that there is no answer.

    Args:
        error: what ended the attempt.
        circumstances: what was so then.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_their_certificate(error, circumstances)
    if isinstance(error, ssl.SSLError):
        return _of_tls(error)
    if isinstance(error, _BARE_ENDS) and not (circumstances.vouched or circumstances.has_certificate):
        # A receiver that wants a certificate may leave without saying so: its alert is lost when it goes while we send.
        # Had it accepted the handshake, we would know (`Wire.vouched`).
        return Answer(Meaning.UNAUTHORIZED, "no-client-certificate")
    return Answer(Meaning.UNREACHABLE, _word(error, circumstances))


def _word(error: Exception, circumstances: Circumstances) -> str:
    match error:
        case EarlyAcceptanceError():
            return "accepted-too-early"
        case h11.RemoteProtocolError():
            return "not-http"
        case NoTimeError():
            return TIMEOUT
        case TimeoutError():
            return TIMEOUT if circumstances.connected else "connect-timeout"
        case OSError(errno=int(number)) if number in _CONNECTION_WORDS:
            return _CONNECTION_WORDS[number]
        case _:
            return "connection-cut"


def _of_their_certificate(error: ssl.SSLCertVerificationError, circumstances: Circumstances) -> Answer:
    if error.verify_code in _CERTIFICATE_TIMES:
        return Answer(Meaning.UNREACHABLE, "receiver-certificate-not-valid-now")
    if error.verify_code in _CERTIFICATE_NAMES:
        return Answer(Meaning.UNREACHABLE, "receiver-certificate-for-another-name")
    # Whom to trust is in the secret, and so is the mistake.
    return unusable("receiver-certificate-not-trusted" if circumstances.has_ca else "ca-certificate-missing")


def _of_tls(error: ssl.SSLError) -> Answer:
    reason = error.reason or ""
    if _ALERT in reason:
        alert = reason.rpartition(_ALERT)[2].lower().replace("_", "-")
        about_us = alert in _ALERTS_ABOUT_US
        return Answer(Meaning.UNAUTHORIZED if about_us else Meaning.UNREACHABLE, f"tls-alert-{alert}")
    return Answer(Meaning.UNREACHABLE, "not-tls" if reason in _NOT_TLS else "tls-failed")


# What OpenSSL makes of a plain HTTP server, or of anything else, that answers the first message of a handshake.
_NOT_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"})
