r"""PEM as it is found in secrets: CRLF, everything on one line, `\n` written out, text before and after."""

from __future__ import annotations

import base64
import re
import textwrap
from dataclasses import dataclass, field
from typing import Final

_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_LINE: Final = 64
CERTIFICATE: Final = "CERTIFICATE"


@dataclass(frozen=True, slots=True)
class PemBlock:
    """What stands between BEGIN and END.

    Attributes:
        label: "CERTIFICATE", "PRIVATE KEY" …
        base64: the text between, without white space; "" where it is none.
        encrypted: it can be read with a passphrase alone.
    """

    label: str
    base64: str = field(repr=False)
    encrypted: bool = False

    @property
    def pem(self) -> str:
        """The block as RFC 7468 has it."""
        lines = "\n".join(textwrap.wrap(self.base64, _LINE))
        return f"-----BEGIN {self.label}-----\n{lines}\n-----END {self.label}-----\n"

    @property
    def der(self) -> bytes:
        """The bytes.

        Raises:
            ValueError: it is not base64.
        """
        return base64.b64decode(self.base64, validate=True)


def pem_blocks(text: str) -> list[PemBlock]:
    r"""Return all blocks of a text.

    Secrets Manager's console makes one line of what is pasted into its fields, and a PEM that went through a shell or a
    template has `\n` written out: whoever sees "-----BEGIN CERTIFICATE-----" takes that for a certificate, and it is.
    """
    plain = text.replace("\\r", "").replace("\\n", "\n")
    return [_block(label, body) for label, body in _BLOCK.findall(plain)]


def certificates(text: str) -> list[PemBlock]:
    """Return the certificates of a text."""
    return [block for block in pem_blocks(text) if block.label == CERTIFICATE]


def _block(label: str, body: str) -> PemBlock:
    # A key of OpenSSL's old kind has headers, as RFC 1421 had, if it is encrypted.
    encrypted = "ENCRYPTED" in label or "ENCRYPTED" in body
    packed = "".join(body.split())
    return PemBlock(label, packed if _BASE64.fullmatch(packed) else "", encrypted)
