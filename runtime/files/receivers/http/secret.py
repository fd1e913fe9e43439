"""What the secret says: a client certificate, a name with a password, or a header with a token; and whom to trust."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

from runtime.files.receivers.credentials import UnusableCredentialsError

_FIELDS: Final = frozenset({"certificate", "key", "username", "password", "header", "token", "ca_certificate"})
# RFC 9110, 5.6.2: what a header's name is made of.
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]+")
# What the courier says itself, or must not say (docs/receiver-answers.md).
_NOT_ALLOWED: Final = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "filename",
        "flowfile-gzipped",
        "host",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-bundle-id",
        "x-content-sha256",
        "x-file-count",
        "x-prefer-acknowledge-uri",
        "x-replay-id",
    }
)


@dataclass(frozen=True, slots=True)
class HttpSecret:
    """What the secret says.

    Attributes:
        certificate, key: PEM of the client's, or both "".
        ca_certificate: PEM of those who vouch for the receiver; "" for the system's.
        headers: that authenticate, by name.
    """

    certificate: str = ""
    key: str = field(default="", repr=False)
    ca_certificate: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, text: str) -> HttpSecret:
        """Read the secret.

        An unknown field is refused: it is a known one with a mistake in its name, without which the receiver would be
        asked with half of what it wants.

        Raises:
            UnusableCredentialsError: it is not what the courier takes.
        """
        fields = _fields(text)
        _both(fields, "certificate", "key")
        _both(fields, "username", "password")
        _both(fields, "header", "token")
        if "username" in fields and "header" in fields:
            raise UnusableCredentialsError("password-and-token")
        return cls(
            certificate=fields.get("certificate", ""),
            key=fields.get("key", ""),
            ca_certificate=fields.get("ca_certificate", ""),
            headers=(*_basic(fields), *_token(fields)),
        )


def _fields(text: str) -> dict[str, str]:
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise UnusableCredentialsError("secret-not-json") from None  # the error quotes the secret
    if not isinstance(document, dict):
        raise UnusableCredentialsError("secret-not-an-object")
    fields = cast("dict[str, Any]", document)
    if fields.keys() - _FIELDS:
        raise UnusableCredentialsError("secret-with-unknown-field")
    for name, value in fields.items():
        if not isinstance(value, str) or not value.strip():
            raise UnusableCredentialsError(f"{name.replace('_', '-')}-empty")
    return fields


def _both(fields: dict[str, str], one: str, other: str) -> None:
    """Refuse one of two fields without the other."""
    for here, there in ((one, other), (other, one)):
        if here in fields and there not in fields:
            raise UnusableCredentialsError(f"{there}-missing")


def _basic(fields: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """RFC 7617; in UTF-8, as browsers have it."""
    if "username" not in fields:
        return ()
    name, word = fields["username"], fields["password"]
    if ":" in name:
        raise UnusableCredentialsError("username-with-colon")
    if not (name + word).isprintable():
        raise UnusableCredentialsError("password-not-printable")
    return (("Authorization", f"Basic {base64.b64encode(f'{name}:{word}'.encode()).decode()}"),)


def _token(fields: dict[str, str]) -> tuple[tuple[str, str], ...]:
    if "header" not in fields:
        return ()
    # A line end after a token was pasted with it; white space around a header's value is none of it (RFC 9110, 5.5).
    name, token = fields["header"].strip(), fields["token"].strip()
    if _NAME.fullmatch(name) is None or name.lower() in _NOT_ALLOWED:
        raise UnusableCredentialsError("header-not-allowed")
    if _PRINTABLE.fullmatch(token) is None:
        raise UnusableCredentialsError("token-not-printable")
    return ((name, token),)
