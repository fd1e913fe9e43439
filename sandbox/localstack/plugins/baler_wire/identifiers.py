"""The numbers by which AWS's support finds a request: no two are alike, and each service has its own form."""

from __future__ import annotations

import base64
import secrets
import string
from dataclasses import dataclass, field
from typing import Final

_LETTERS: Final = string.ascii_uppercase + string.digits


def _request() -> str:
    # One call of the system for all of them: it is made for every answer of S3.
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in secrets.token_bytes(16))


def _host() -> str:
    return base64.b64encode(secrets.token_bytes(56)).decode()


@dataclass(frozen=True)
class Identifiers:
    """Those of one request to S3.

    Attributes:
        request: `x-amz-request-id`, and RequestId of an error.
        host: `x-amz-id-2`, and HostId of an error.
    """

    request: str = field(default_factory=_request)
    host: str = field(default_factory=_host)
