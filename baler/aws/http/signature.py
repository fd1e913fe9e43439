"""AWS Signature Version 4 of a request's headers.

The rule is https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. The tests hold
it against botocore's signer. What that costs is saved by the signing key, which is good for a day and kept.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.credentials import ReadOnlyCredentials

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


class Signer:
    """Signs requests to one service in one region.

    Args:
        credentials: asked for each request, so that credentials may be renewed meanwhile.
        region: as in the endpoint's name.
        service: as in the endpoint's name, for example "s3".
        clock: the time, seconds since the epoch.
    """

    def __init__(
        self,
        credentials: Callable[[], ReadOnlyCredentials],
        region: str,
        service: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._region = region
        self._service = service
        self._clock = clock
        # Day, secret key, signing key: one object, so that no thread sees the key of another day.
        self._kept: tuple[str, str, bytes] = ("", "", b"")

    def sign(self, method: str, path: str, query: str, headers: Mapping[str, str], digest: str) -> dict[str, str]:
        """Return all headers to send.

        Args:
            method: "GET", ...
            path: of the URL, encoded as it is sent.
            query: of the URL, encoded as it is sent, its parameters sorted; or "".
            headers: to be signed, names in lower case; "host" must be among them.
            digest: SHA-256 of the body, hexadecimal.
        """
        credentials = self._credentials()
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock()))
        signed = {**headers, "x-amz-date": moment}
        if self._service == "s3":
            signed["x-amz-content-sha256"] = digest  # S3 alone asks for it
        if credentials.token:
            signed["x-amz-security-token"] = credentials.token
        names = sorted(signed)
        lines = "".join(f"{name}:{signed[name]}\n" for name in names)
        request = f"{method}\n{path}\n{query}\n{lines}\n{';'.join(names)}\n{digest}"
        scope = f"{moment[:8]}/{self._region}/{self._service}/aws4_request"
        text = f"{_ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = _hmac(self._key(moment[:8], credentials.secret_key or ""), text).hex()
        signed["authorization"] = (
            f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        return signed

    def _key(self, day: str, secret: str) -> bytes:
        """Return the signing key of a day; two threads that make it at once make the same."""
        kept_day, kept_secret, key = self._kept
        if (kept_day, kept_secret) != (day, secret):
            key = _hmac(f"AWS4{secret}".encode(), day)
            for part in (self._region, self._service, "aws4_request"):
                key = _hmac(key, part)
            self._kept = (day, secret, key)
        return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
