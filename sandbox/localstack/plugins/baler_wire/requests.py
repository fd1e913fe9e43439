"""Which service and operation a request is about, told by its head and the beginning of its body.

Before LocalStack's own parser, which takes a thread and all of the body. What cannot be told is empty: such a request
meets only what is for all operations, or nothing at all where it names no service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

# Signing names that are not botocore's names of services.
_SERVICES: Final = {"apigateway": "apigatewayv2", "monitoring": "cloudwatch"}
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d{8}/[^/]+/([^/]+)/aws4_request")
# With it LocalStack's services mark the requests that they send one another.
_INTERNAL: Final = "x-localstack-data"
_BY_PATH: Final = re.compile(r"^/service/[^/]+/operation/(\w+)")
_INVOCATION: Final = re.compile(r"^/2015-03-31/functions/[^/]+/invocations$")
_ACTION: Final = re.compile(rb"(?:^|&)Action=(\w+)")

# S3's operations by method; in each the first whose query parameter is there, and the one for none of them.
_OF_OBJECTS: Final = {
    "GET": (
        ("uploadId", "ListParts"),
        ("tagging", "GetObjectTagging"),
        ("attributes", "GetObjectAttributes"),
        ("acl", "GetObjectAcl"),
        ("retention", "GetObjectRetention"),
        ("legal-hold", "GetObjectLegalHold"),
        ("", "GetObject"),
    ),
    "HEAD": (("", "HeadObject"),),
    "PUT": (
        ("uploadId", "UploadPart"),
        ("tagging", "PutObjectTagging"),
        ("acl", "PutObjectAcl"),
        ("retention", "PutObjectRetention"),
        ("legal-hold", "PutObjectLegalHold"),
        ("", "PutObject"),
    ),
    "POST": (
        ("uploads", "CreateMultipartUpload"),
        ("uploadId", "CompleteMultipartUpload"),
        ("restore", "RestoreObject"),
    ),
    "DELETE": (
        ("uploadId", "AbortMultipartUpload"),
        ("tagging", "DeleteObjectTagging"),
        ("", "DeleteObject"),
    ),
}
_OF_BUCKETS: Final = {
    "GET": (("list-type", "ListObjectsV2"), ("versions", "ListObjectVersions"), ("uploads", "ListMultipartUploads")),
    "HEAD": (("", "HeadBucket"),),
    "POST": (("delete", "DeleteObjects"),),
}
_COPIES: Final = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}


@dataclass(frozen=True)
class RequestHead:
    """What is known of a request before anything reads it.

    Attributes:
        method: of HTTP.
        target: path and query, as sent.
        service: as botocore names it; empty where it is signed for none.
        operation: of the service's API; empty where nobody can tell.
        access_key: that signed it; empty for none.
        internal: whether a service of the sandbox sent it.
        conditional: whether it writes only where there is no object.
    """

    method: str
    target: str
    service: str = ""
    operation: str = ""
    access_key: str = ""
    internal: bool = False
    conditional: bool = False

    @property
    def written_object(self) -> str:
        """Bucket and key of an object that it creates or deletes; empty for none."""
        written = self.operation in {"PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject"}
        return unquote(self.target.partition("?")[0]) if self.service == "s3" and written else ""


def head_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> RequestHead:
    """Return what is known.

    Args:
        method: of HTTP.
        target: path and query, as sent.
        headers: by their names in small letters.
        body: its beginning, some hundred bytes.
    """
    query = target.partition("?")[2]
    signed = _CREDENTIAL.search(headers.get("authorization", "")) or _CREDENTIAL.search(_presigned(query))
    if signed is None:
        return RequestHead(method, target, internal=_INTERNAL in headers)
    service = _SERVICES.get(signed[2], signed[2])
    return RequestHead(
        method=method,
        target=target,
        service=service,
        operation=_operation(service, method, target, headers, body),
        access_key=signed[1],
        internal=_INTERNAL in headers,
        conditional=headers.get("if-none-match") == "*",
    )


def _presigned(query: str) -> str:
    return f"Credential={dict(parse_qsl(query)).get('X-Amz-Credential', '')}" if "X-Amz-Credential=" in query else ""


def _operation(service: str, method: str, target: str, headers: Mapping[str, str], body: bytes) -> str:
    path, _, query = target.partition("?")
    if service == "s3":
        return _s3_operation(method, path, query, headers)
    if named := headers.get("x-amz-target"):
        return named.rpartition(".")[2]
    if by_path := _BY_PATH.match(path):
        return by_path[1]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        action = _ACTION.search(body)
        return action[1].decode() if action else ""
    return "Invoke" if service == "lambda" and _INVOCATION.match(path) else ""


def _s3_operation(method: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    bucket, _, key = path.lstrip("/").partition("/")
    parameters = {name for name, _ in parse_qsl(query, keep_blank_values=True)} | {""}
    if not bucket:
        return "ListBuckets"
    of_method = (_OF_OBJECTS if key else _OF_BUCKETS).get(method, ())
    operation = next((operation for parameter, operation in of_method if parameter in parameters), "")
    return _COPIES.get(operation, operation) if "x-amz-copy-source" in headers else operation
