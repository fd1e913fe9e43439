"""GetObject on one bucket."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, TypedDict
from urllib.parse import quote, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import FlexibleChecksumError

from runtime.aws.lean.client import LeanClient, Request
from runtime.aws.lean.signature import Signer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from botocore.awsrequest import AWSPreparedRequest
    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_s3 import S3Client

    from runtime.aws.lean.connections import Answer

_REFUSAL: Final = re.compile(rb"<(Code|Message)>([^<]*)</")
_OPERATION: Final = "GetObject"
_SENT: Final = f"before-send.s3.{_OPERATION}"


class LeanS3:
    """Reads the objects of one bucket.

    Args:
        client: boto3's, with which this shares region, endpoint and addressing.
        credentials: asked for each request.
        bucket: its name.
    """

    def __init__(self, client: S3Client, credentials: Callable[[], ReadOnlyCredentials], bucket: str) -> None:
        self._bucket = bucket
        address = urlsplit(address_of(client, bucket))
        self._path = address.path.removesuffix("-")
        self._client = LeanClient(
            f"{address.scheme}://{address.netloc}", Signer(credentials, client.meta.region_name, "s3"), _refusal
        )

    def get_object(self, *, Bucket: str, Key: str, VersionId: str = "", IfMatch: str = "") -> ObjectRead:  # noqa: N803 - boto3's words
        """Ask for an object; its body is still to be read, and closed.

        Raises:
            ClientError: S3 refused.
            BotoCoreError: S3 did not answer.
            ValueError: another bucket than the one that this client is for.
        """
        if Bucket != self._bucket:
            raise ValueError(f"this client reads {self._bucket}, not {Bucket}")
        path = self._path + quote(Key, safe="/~")
        query = f"versionId={quote(VersionId, safe='~')}" if VersionId else ""
        # S3 keeps a checksum of every object that was put with one, and tells it to who asks.
        headers = {"x-amz-checksum-mode": "ENABLED"}
        if IfMatch:
            headers["if-match"] = IfMatch
        return self._client.ask(Request(_OPERATION, "GET", path, query, headers), _received)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._client.close()


class Body:
    """The body of an object, compared with its checksum when its end is reached."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def iter_chunks(self, chunk_size: int) -> Generator[bytes]:
        """Yield the body in pieces of at most so many bytes.

        Raises:
            BotoCoreError: it broke off, or is not what was put.
        """
        algorithm, expected = _checksum_of(self._answer)
        digest = _DIGESTS[algorithm]()
        for chunk in self._answer.iter_chunks(chunk_size):
            digest.update(chunk)
            yield chunk
        found = base64.b64encode(digest.digest()).decode()
        if expected and found != expected:
            raise FlexibleChecksumError(error_msg=f"{algorithm} is {found}, S3 has {expected}")

    def close(self) -> None:
        """Leave off; harmless at the end."""
        self._answer.close()


class ObjectRead(TypedDict):
    """What `get_object` returns: those of boto3's fields that are used here."""

    ContentLength: int
    Body: Body


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


# Of those that S3 keeps, the ones that need no more than the standard library; S3 has one of an object, never two.
_DIGESTS: Final = {"sha256": hashlib.sha256, "crc32": _Crc32}


def _checksum_of(answer: Answer) -> tuple[str, str]:
    """Return algorithm and base64 of the checksum of the whole body; "" where there is none that can be compared."""
    for algorithm in _DIGESTS:
        told = answer.headers.get(f"x-amz-checksum-{algorithm}", "")
        if told and "-" not in told:  # else of the parts' checksums, not of the bytes
            return algorithm, told
    return "crc32", ""


def address_of(client: S3Client, bucket: str) -> str:
    """Return the URL to which boto3 would send a GetObject of the key "-".

    Region, FIPS and dual-stack settings, overridden endpoints and the bucket's own host name are thus boto3's to know.
    """
    urls: list[str] = []

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        urls.append(request.url)
        return AWSResponse(request.url, 200, HTTPHeaders(), BytesIO())

    # A handler that returns an answer keeps boto3 from sending the request; its types know only those that return none.
    keep: Any = answer
    client.meta.events.register_first(_SENT, keep)
    try:
        _ = client.get_object(Bucket=bucket, Key="-")
    finally:
        client.meta.events.unregister(_SENT, keep)
    return urls[0]


def _received(answer: Answer) -> ObjectRead:
    return {"ContentLength": answer.length, "Body": Body(answer)}


def _refusal(body: bytes) -> dict[str, Any]:
    found = {name.decode(): text.decode() for name, text in _REFUSAL.findall(body)}
    return {"Error": {"Code": found.get("Code", ""), "Message": found.get("Message", "")}}
