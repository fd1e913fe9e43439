"""Credentials of a receiver that nobody keeps in Secrets Manager."""

from __future__ import annotations

import json
import time
from pathlib import Path

from runtime.files.receivers.credentials import Credentials, SecretVersion


class _KnownSecret:
    """The SecretStore port."""

    def __init__(self, text: str) -> None:
        self._version = SecretVersion("1", text, time.time())

    def current(self) -> SecretVersion | None:
        """Return it."""
        return self._version

    def previous(self) -> SecretVersion | None:
        """Return none."""
        return None


def credentials(secret: dict[str, str], authority: str) -> Credentials:
    """Return credentials with a secret that also has the receiver's authority, a file."""
    text = json.dumps({**secret, "ca_certificate": Path(authority).read_text(encoding="ascii")})
    return Credentials(_KnownSecret(text), grace_seconds=0)
