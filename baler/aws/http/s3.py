"""The calls on the objects of one bucket that the aggregator and the courier make."""

from __future__ import annotations

import base64
import re
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, Final, TypedDict
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, HTTPClientError
from botocore.parsers import create_parser

from baler.aws.http.client import HttpClient, Request, Service
from baler.aws.http.object_body import Body
from baler.aws.http.signature import Signer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from botocore.awsrequest import AWSPreparedRequest
    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_s3 import S3Client

    from baler.aws.http.connections import Answer

_REFUSAL: Final = re.compile(rb"<(Code|Message)>([^<]*)</")
# Before the request that `address_of` wants to see.
_BEFORE_SEND: Final = "before-send.s3.GetObject"
_METADATA: Final = "x-amz-meta-"
# S3 says nothing while it takes or copies a bundle.
_WRITE_SILENCE_SECONDS: Final = 6.0


class HttpS3(Service):
    """Reads and writes the objects of one bucket; arguments, answers and errors are boto3's, see `HttpClient.ask`.

    Args:
        client: boto3's, with which this shares region, endpoint and addressing.
        credentials: asked for each request.
        bucket: its name.
    """

    def __init__(self, client: S3Client, credentials: Callable[[], ReadOnlyCredentials], bucket: str) -> None:
        self._bucket = bucket
        address = urlsplit(address_of(client, bucket))
        self._path = address.path.removesuffix("-")
        self._listing_shape: Any = client.meta.service_model.operation_model("ListObjectsV2").output_shape
        super().__init__(
            HttpClient(
                f"{address.scheme}://{address.netloc}", Signer(credentials, client.meta.region_name, "s3"), _refusal
            )
        )

    def get_object(self, *, Bucket: str, Key: str, VersionId: str = "", IfMatch: str = "") -> ObjectRead:  # noqa: N803 - boto3's words
        """Ask for an object; its body is still to be read, and closed."""
        query = f"versionId={quote(VersionId, safe='~')}" if VersionId else ""
        # S3 keeps a checksum of every object that was put with one, and sends it to who asks.
        headers = {"x-amz-checksum-mode": "ENABLED"}
        if IfMatch:
            headers["if-match"] = IfMatch
        return self._client.ask(Request("GetObject", "GET", self._path_of(Bucket, Key), query, headers), _opened)

    def head_object(self, *, Bucket: str, Key: str) -> ObjectHead:  # noqa: N803 - boto3's words
        """Ask for what is known of an object. A refusal's code is its status: the answer has no document."""
        return self._client.ask(Request("HeadObject", "HEAD", self._path_of(Bucket, Key), "", {}), _described)

    def list_objects_v2(self, *, Bucket: str, Prefix: str, ContinuationToken: str = "") -> ObjectList:  # noqa: N803 - boto3's words
        """List a page of the bucket, of at most 1,000 objects in the order of their keys."""
        _ = self._path_of(Bucket, "")
        path = self._path.removesuffix("/") or "/"
        query = query_of_listing(Prefix, ContinuationToken)
        return self._client.ask(Request("ListObjectsV2", "GET", path, query, {}), self._listed)

    def delete_object(self, *, Bucket: str, Key: str, IfMatch: str) -> None:  # noqa: N803 - boto3's words
        """Delete an object if it still has the ETag.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
        """
        request = Request("DeleteObject", "DELETE", self._path_of(Bucket, Key), "", {"if-match": IfMatch})
        self._client.ask(request, _document)

    def put_object(  # noqa: PLR0913 - boto3's arguments
        self,
        *,
        Bucket: str,  # noqa: N803 - boto3's words
        Key: str,  # noqa: N803
        Body: bytes | IO[bytes],  # noqa: N803
        ContentType: str,  # noqa: N803
        ContentLength: int = -1,  # noqa: N803
        ChecksumSHA256: str = "",  # noqa: N803
        Metadata: Mapping[str, str] | None = None,  # noqa: N803
        IfNoneMatch: str = "",  # noqa: N803
    ) -> None:
        """Put an object. The signature covers the body, so S3 refuses bytes that are not those that were signed.

        Args:
            Bucket: that which this client is for.
            Key: of the object.
            ContentType: of the body.
            Metadata: the user's, that S3 keeps beside it.
            IfNoneMatch: "*" to put it only if nothing is under the key.
            Body: bytes, or a file, of which what is left to read is put.
            ContentLength: of a file.
            ChecksumSHA256: of the body, base64; S3 keeps it. Needed for a file.
        """
        length = len(Body) if isinstance(Body, bytes) else ContentLength
        headers = {"content-length": str(length), "content-type": ContentType}
        headers |= {f"{_METADATA}{name}": value for name, value in (Metadata or {}).items()}
        if ChecksumSHA256:
            headers |= {"x-amz-sdk-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": ChecksumSHA256}
        if IfNoneMatch:
            headers["if-none-match"] = IfNoneMatch
        self._write("PutObject", Bucket, Key, headers, Body, base64.b64decode(ChecksumSHA256).hex())

    def copy_object(  # noqa: PLR0913 - boto3's arguments
        self,
        *,
        Bucket: str,  # noqa: N803 - boto3's words
        Key: str,  # noqa: N803
        CopySource: Mapping[str, str],  # noqa: N803
        CopySourceIfMatch: str = "",  # noqa: N803
        ContentType: str = "",  # noqa: N803
        Metadata: Mapping[str, str] | None = None,  # noqa: N803
    ) -> None:
        """Copy an object here.

        Args:
            Bucket: that which this client is for.
            Key: of the copy.
            CopySource: `Bucket` and `Key` of the original.
            CopySourceIfMatch: the ETag that it must have.
            ContentType: of the copy; needed with Metadata, which replace all that is known of the original.
            Metadata: the user's, of the copy; None for those of the original.
        """
        source = quote(f"{CopySource['Bucket']}/{CopySource['Key']}", safe="/~")
        headers = {"x-amz-copy-source": source}
        if CopySourceIfMatch:
            headers["x-amz-copy-source-if-match"] = CopySourceIfMatch
        if Metadata is not None:
            headers |= {"x-amz-metadata-directive": "REPLACE", "content-type": ContentType}
            headers |= {f"{_METADATA}{name}": value for name, value in Metadata.items()}
        answer = self._write("CopyObject", Bucket, Key, headers)
        if b"</CopyObjectResult>" not in answer:
            raise HTTPClientError(error=ValueError("the answer says neither that it was copied nor why not"))

    def _listed(self, answer: Answer) -> ObjectList:
        # By boto3's own parser, which says in an error of its own what is no listing.
        document = {"headers": answer.headers, "status_code": answer.status, "body": answer.read()}
        page: Any = create_parser("rest-xml").parse(document, self._listing_shape)
        if "IsTruncated" not in page:
            # The document of something else: an empty page would say that nothing is there.
            raise HTTPClientError(error=ValueError("the answer is no listing"))
        contents: Any = [{**listed, "Key": unquote_plus(listed["Key"])} for listed in page.get("Contents", [])]
        return {"Contents": contents, "NextContinuationToken": page.get("NextContinuationToken", "")}

    def _path_of(self, bucket: str, key: str) -> str:
        """Return the path of an object's URL.

        Raises:
            ValueError: another bucket than the one that this client is for.
        """
        if bucket != self._bucket:
            raise ValueError(f"this client is for {self._bucket}, not {bucket}")
        return self._path + quote(key, safe="/~")

    def _write(  # noqa: PLR0913, PLR0917 - of one request
        self,
        operation: str,
        bucket: str,
        key: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes] = b"",
        sha256: str = "",
    ) -> bytes:
        """Send a request that writes, and return the document in its answer.

        S3 says 200 before a copy has ended, and what became of it in the document; so that must be read.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        """
        path = self._path_of(bucket, key)
        request = Request(operation, "PUT", path, "", headers, body, sha256, _WRITE_SILENCE_SECONDS)
        document = self._client.ask(request, _document)
        if b"<Error>" in document:
            # As boto3 has it: a failure of S3's own, whatever the status said.
            response: Any = {**_refusal(document), "ResponseMetadata": {"HTTPStatusCode": 500}}
            raise ClientError(response, operation)
        return document


class ObjectRead(TypedDict):
    """What `get_object` returns: those of boto3's fields that are used here, and the headers, for `metadata_in`."""

    ContentLength: int
    Body: Body
    Headers: Mapping[str, str]


class ObjectHead(TypedDict):
    """What `head_object` returns: those of boto3's fields that are used here."""

    Metadata: dict[str, str]
    ETag: str
    LastModified: datetime


class ListedObject(TypedDict):
    """An object of a listing: those of boto3's fields that are used here."""

    Key: str
    ETag: str
    Size: int
    LastModified: datetime


class ObjectList(TypedDict):
    """What `list_objects_v2` returns: those of boto3's fields that are used here."""

    Contents: list[ListedObject]
    NextContinuationToken: str
    """"" on the last page."""


def query_of_listing(prefix: str, token: str) -> str:
    """Return the query of a page of a listing; `token` is "" for the first. Sorted, as a signature wants it."""
    parameters = {"continuation-token": token} if token else {}
    # Keys in the answer are encoded: XML cannot hold each of them.
    parameters |= {"encoding-type": "url", "list-type": "2", "prefix": prefix}
    return urlencode(parameters, quote_via=quote, safe="~")


def metadata_in(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the user's metadata among the headers of an answer."""
    named = ((name.lower(), value) for name, value in headers.items())
    return {name.removeprefix(_METADATA): value for name, value in named if name.startswith(_METADATA)}


def last_modified_in(headers: Mapping[str, str]) -> datetime:
    """Return when the object of an answer was put, to the second.

    Raises:
        HTTPClientError: it does not say so.
    """
    try:
        return parsedate_to_datetime(headers.get("last-modified", ""))
    except ValueError as error:
        raise HTTPClientError(error=error) from error


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
    client.meta.events.register_first(_BEFORE_SEND, keep)
    try:
        _ = client.get_object(Bucket=bucket, Key="-")
    finally:
        client.meta.events.unregister(_BEFORE_SEND, keep)
    return urls[0]


def _opened(answer: Answer) -> ObjectRead:
    if answer.length is None:
        # Its end could not be told from its breaking off. S3 always sends the length.
        answer.close()
        raise HTTPClientError(error=ValueError("an object without Content-Length"))
    return {"ContentLength": answer.length, "Body": Body(answer), "Headers": answer.headers}


def _described(answer: Answer) -> ObjectHead:
    answer.read()
    headers = answer.headers
    return {
        "Metadata": metadata_in(headers),
        "ETag": headers.get("etag", ""),
        "LastModified": last_modified_in(headers),
    }


def _document(answer: Answer) -> bytes:
    return answer.read()


def _refusal(body: bytes) -> dict[str, Any]:
    found = {name.decode(): text.decode(errors="replace") for name, text in _REFUSAL.findall(body)}
    return {"Error": {"Code": found.get("Code", ""), "Message": found.get("Message", "")}}
