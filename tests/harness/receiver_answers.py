"""Every answer of a receiver, as docs/receiver-answers.md lists them, and a receiver that gives it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from baler.files.courier.answer import Meaning
from harness.scripted_receiver import AUTHORITY, HUGE, LARGE, SMALL, Peer, accepts, answer, secret_text
from sandbox.receivers.certificates import Authority, Validity

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class AnswerRow:
    """One line of the page.

    Attributes:
        what: the receiver does, or how the secret is.
        meaning: what the courier makes of it.
        reason: in logs and metrics.
        script: of the receiver.
        tls: of the receiver, see `server_context`; None for none.
        secret: of the courier.
        data: what is sent.
        seconds: until the deadline.
        retry_after_seconds: what the receiver asks for.
    """

    what: str
    meaning: Meaning
    reason: str
    script: Callable[[Peer], None] = accepts
    tls: dict[str, Any] | None = field(default_factory=dict[str, Any])
    secret: str = field(default_factory=secret_text)
    data: bytes = SMALL
    seconds: float = 20.0
    retry_after_seconds: float = 0.0


def says(status: int, **headers: str) -> Callable[[Peer], None]:
    """The script of a receiver that has read the bundle."""

    def script(peer: Peer) -> None:
        peer.head()
        peer.body()
        peer.say(answer(f"{status} Said", b"", **headers))

    return script


def of_status(status: int, meaning: Meaning, **headers: str) -> AnswerRow:
    return AnswerRow(str(status), meaning, str(status), says(status, **headers))


def _silent(peer: Peer) -> None:
    peer.head()
    peer.body()
    peer.stays()


def _cut(peer: Peer) -> None:
    peer.head()
    peer.body()


def _other_protocol(peer: Peer) -> None:
    peer.head()
    peer.body()
    peer.say(b"220 mail.premises.example ESMTP\r\n\r\n")


def _too_early(peer: Peer) -> None:
    peer.head()
    peer.say(answer("200 OK", connection="close"))
    peer.leaves()


def _plain(peer: Peer) -> None:
    peer.say(answer("400 Bad Request"))


def _gone(peer: Peer) -> None:
    peer.reset()


_STRANGER = Authority("another").client("courier")
_EXPIRED = AUTHORITY.client("courier", Validity(-200, -100))
_OWN = AUTHORITY.client("courier")
_RENEWED = AUTHORITY.client("courier")

STATUSES: Final = (
    *(of_status(status, Meaning.ACCEPTED) for status in (200, 201, 202, 204)),
    *(of_status(status, Meaning.MISPLACED) for status in (301, 302, 303, 307, 308, 404, 405, 415)),
    *(of_status(status, Meaning.UNAUTHORIZED) for status in (401, 403)),
    *(of_status(status, Meaning.REFUSED) for status in (400, 402, 406, 409, 410, 411, 413, 414, 417, 422, 431, 451)),
    *(of_status(status, Meaning.BUSY) for status in (408, 429, 503)),
    *(of_status(status, Meaning.UNREACHABLE) for status in (500, 502, 504, 507, 599)),
)
"""Any other status means what the others of its hundred do that have no line of their own."""

NO_ANSWERS: Final = (
    AnswerRow("says nothing until the deadline", Meaning.UNREACHABLE, "timeout", _silent, seconds=1.0),
    AnswerRow("ends the connection before an answer", Meaning.UNREACHABLE, "connection-cut", _cut),
    AnswerRow("answers in another protocol", Meaning.UNREACHABLE, "not-http", _other_protocol),
    AnswerRow("speaks no TLS", Meaning.UNREACHABLE, "not-tls", _plain, tls=None),
    AnswerRow(
        "says 2xx and does not take the whole body", Meaning.UNREACHABLE, "accepted-too-early", _too_early, data=HUGE
    ),
    AnswerRow(
        "shows a certificate for another name",
        Meaning.UNREACHABLE,
        "receiver-certificate-for-another-name",
        tls={"name": "another.example"},
    ),
    AnswerRow(
        "shows a certificate out of its time",
        Meaning.UNREACHABLE,
        "receiver-certificate-not-valid-now",
        tls={"ended": True},
    ),
    AnswerRow(
        "shows a certificate of an authority that is not the secret's",
        Meaning.UNAUTHORIZED,
        "client-credentials-unusable:receiver-certificate-not-trusted",
        secret=json.dumps({"ca_certificate": Authority("another").pem}),
    ),
    AnswerRow(
        "shows a certificate of a private authority, and the secret names none",
        Meaning.UNAUTHORIZED,
        "client-credentials-unusable:ca-certificate-missing",
        secret=json.dumps({}),
    ),
    AnswerRow(
        "wants a client certificate, and the secret has none",
        Meaning.UNAUTHORIZED,
        "tls-alert-certificate-required",
        tls={"wants_certificate": True},
        data=LARGE,
    ),
    AnswerRow(
        "does not know who signed the client certificate",
        Meaning.UNAUTHORIZED,
        "tls-alert-unknown-ca",
        tls={"wants_certificate": True},
        secret=secret_text(certificate=_STRANGER.certificate, key=_STRANGER.key),
    ),
    AnswerRow(
        "leaves right after the handshake of TLS 1.3, and the secret has no client certificate",
        Meaning.UNAUTHORIZED,
        "no-client-certificate",
        _gone,
        tls={"tickets": 0},
    ),
    AnswerRow(
        "nothing: the client certificate has ended",
        Meaning.UNAUTHORIZED,
        "client-credentials-unusable:certificate-expired",
        secret=secret_text(certificate=_EXPIRED.certificate, key=_EXPIRED.key),
    ),
    AnswerRow(
        "nothing: certificate and key are of two rotations",
        Meaning.UNAUTHORIZED,
        "client-credentials-unusable:key-of-another-certificate",
        secret=secret_text(certificate=_RENEWED.certificate, key=_OWN.key),
    ),
)
"""What is no answer of HTTP."""
