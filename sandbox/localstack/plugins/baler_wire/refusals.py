"""How each service refuses who asks too much, or fails.

Codes and statuses are those of the services' API references ("Common Errors", and the errors of their operations); the
forms are those of their protocols (https://smithy.io/2.0/aws/protocols/index.html). S3's are in
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from baler_wire.identifiers import Identifiers
    from baler_wire.requests import RequestHead


@dataclass(frozen=True)
class Refusal:
    """An error of a service.

    Attributes:
        code: by which programs know it.
        message: for people.
        status: of HTTP.
    """

    code: str
    message: str
    status: int


@dataclass(frozen=True)
class Answer:
    """An answer of HTTP; how it is framed is the response's to say."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


_RATE: Final = "Rate exceeded"
_THROTTLED: Final = {
    "apigatewayv2": Refusal("TooManyRequestsException", "Too Many Requests", 429),
    "cloudwatch": Refusal("Throttling", _RATE, 400),
    # Of a table that is paid by the request; one with a provisioned throughput says ProvisionedThroughputExceeded.
    "dynamodb": Refusal("ThrottlingException", "Throughput exceeds the current capacity of your table or index.", 400),
    "iam": Refusal("Throttling", _RATE, 400),
    "kinesis": Refusal("ProvisionedThroughputExceededException", "Rate exceeded for shard in stream.", 400),
    "lambda": Refusal("TooManyRequestsException", "Rate Exceeded.", 429),
    "s3": Refusal("SlowDown", "Please reduce your request rate.", 503),
    "sns": Refusal("Throttled", _RATE, 429),
    "sqs": Refusal("RequestThrottled", "Request is throttled.", 400),
    "sts": Refusal("Throttling", _RATE, 400),
    "xray": Refusal("ThrottledException", _RATE, 429),
}
_OTHERS_THROTTLED: Final = Refusal("ThrottlingException", _RATE, 400)

_INTERNAL: Final = "We encountered an internal error. Please try again."
_FAILED: Final = {
    "dynamodb": Refusal("InternalServerError", "The request processing has failed because of an unknown error.", 500),
    "lambda": Refusal("ServiceException", "The Lambda service encountered an internal error.", 500),
    "s3": Refusal("InternalError", _INTERNAL, 500),
    "sns": Refusal("InternalError", _INTERNAL, 500),
}
_OTHERS_FAILED: Final = Refusal(
    "InternalFailure", "The request processing has failed because of an unknown error.", 500
)

CONFLICT: Final = Refusal(
    "ConditionalRequestConflict",
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
    409,
)
"""What S3 says to a conditional write during another one (API reference, PutObject, `If-None-Match`)."""

# DynamoDB and SQS write the namespace of a code, by which SDKs do not go.
_NAMESPACES: Final = {"dynamodb": "com.amazonaws.dynamodb.v20120810#", "sqs": "com.amazonaws.sqs#"}


def throttled(service: str) -> Refusal:
    """Return what a service says to one who asks too much: the request had no effect."""
    return _THROTTLED.get(service, _OTHERS_THROTTLED)


def failed(service: str) -> Refusal:
    """Return what a service says that fails: the request may have had its effect."""
    return _FAILED.get(service, _OTHERS_FAILED)


def answer(refusal: Refusal, head: RequestHead, identifiers: Identifiers) -> Answer:
    """Return an error in the form that the request's client reads."""
    if head.protocol == "xml":
        return _s3(refusal, head, identifiers)
    if head.protocol == "query":
        return _query(refusal, identifiers)
    if head.protocol == "cbor":
        return _cbor(refusal, identifiers)
    return _json(refusal, head, identifiers)


def _s3(refusal: Refusal, head: RequestHead, identifiers: Identifiers) -> Answer:
    elements = {
        "Code": refusal.code,
        "Message": refusal.message,
        "RequestId": identifiers.request,
        "HostId": identifiers.host,
    }
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()
    headers = (
        ("x-amz-request-id", identifiers.request),
        ("x-amz-id-2", identifiers.host),
        ("Content-Type", "application/xml"),
    )
    return Answer(refusal.status, headers, b"" if head.method == "HEAD" else body)


def _json(refusal: Refusal, head: RequestHead, identifiers: Identifiers) -> Answer:
    body = json.dumps({"__type": _NAMESPACES.get(head.service, "") + refusal.code, "message": refusal.message}).encode()
    headers = [
        ("x-amzn-RequestId", identifiers.request),
        ("x-amzn-ErrorType", refusal.code),
        ("Content-Type", "application/json" if head.protocol == "rest-json" else "application/x-amz-json-1.0"),
        ("Content-Length", str(len(body))),
    ]
    if head.service == "dynamodb":
        # botocore compares it, and tries again where it is wrong.
        headers.append(("x-amz-crc32", str(zlib.crc32(body))))
    if head.service == "sqs":
        headers.append(("x-amzn-query-error", f"{refusal.code};{_fault(refusal)}"))
    return Answer(refusal.status, tuple(headers), body)


def _query(refusal: Refusal, identifiers: Identifiers) -> Answer:
    body = (
        f"<ErrorResponse><Error><Type>{_fault(refusal)}</Type><Code>{refusal.code}</Code>"
        f"<Message>{escape(refusal.message)}</Message></Error><RequestId>{identifiers.request}</RequestId></ErrorResponse>"
    ).encode()
    headers = (
        ("x-amzn-RequestId", identifiers.request),
        ("Content-Type", "text/xml"),
        ("Content-Length", str(len(body))),
    )
    return Answer(refusal.status, headers, body)


def _fault(refusal: Refusal) -> str:
    return "Receiver" if refusal.status >= 500 else "Sender"  # noqa: PLR2004 - HTTP's own boundary


def _cbor(refusal: Refusal, identifiers: Identifiers) -> Answer:
    body = b"\xa2" + b"".join(map(_cbor_text, ("__type", refusal.code, "message", refusal.message)))
    headers = (
        ("x-amzn-RequestId", identifiers.request),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("Content-Type", "application/cbor"),
        ("Content-Length", str(len(body))),
    )
    return Answer(refusal.status, headers, body)


def _cbor_text(text: str) -> bytes:
    """Return a text of less than 256 bytes (RFC 8949, section 3.1, major type 3 with one byte of length)."""
    encoded = text.encode()
    return bytes((0x78, len(encoded))) + encoded
