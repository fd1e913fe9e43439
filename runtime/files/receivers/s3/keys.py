"""The access key of a store, as its secret has it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

from runtime.files.receivers.credentials import UnusableCredentialsError

# It goes into a header, where a slash ends it.
_ACCESS_KEY_ID: Final = re.compile(r"[!-.0-~]{1,256}")
_NEEDED: Final = ("access_key_id", "secret_access_key")
_FIELDS: Final = frozenset({*_NEEDED, "ca_certificate"})


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """What a request is signed with.

    Attributes:
        access_key_id: which the store knows.
        secret_access_key: which it knows too; never sent.
        ca_certificate: PEM of the authorities that signed the store's certificate; "" for those of the system.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    ca_certificate: str = ""

    @classmethod
    def parse(cls, secret: str) -> StoreKeys:
        """Read a secret. An unknown field is refused: it is a known one with a mistake in its name.

        Raises:
            UnusableCredentialsError: nothing can be signed with it.
        """
        try:
            document: Any = json.loads(secret)
        except (ValueError, RecursionError):
            raise UnusableCredentialsError("secret-not-json") from None  # the error quotes the secret
        if not isinstance(document, dict):
            raise UnusableCredentialsError("secret-not-an-object")
        fields = cast("dict[str, Any]", document)
        if fields.keys() - _FIELDS:
            raise UnusableCredentialsError("secret-with-unknown-field")
        for name, value in fields.items():
            if not isinstance(value, str) or not value.strip():
                raise UnusableCredentialsError(f"{_word(name)}-empty")
        for name in _NEEDED:
            if name not in fields:
                raise UnusableCredentialsError(f"{_word(name)}-missing")
        # A pasted value ends with a line often enough.
        named = {name: value.strip() for name, value in fields.items()}
        if not _ACCESS_KEY_ID.fullmatch(named["access_key_id"]):
            raise UnusableCredentialsError("access-key-id-ill-formed")
        return cls(**named)


def _word(name: str) -> str:
    return name.replace("_", "-")
