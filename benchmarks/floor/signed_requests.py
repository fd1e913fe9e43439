"""Whole requests, signed as botocore signs them: what a bare socket sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.engine.endpoint import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

_CREDENTIALS: Final = Credentials(ROOT.access_key_id, ROOT.secret_access_key)


def signed_get(url: str, region: str) -> bytes:
    """Return a GetObject of an object's URL."""
    request = AWSRequest("GET", url)
    S3SigV4Auth(_CREDENTIALS, "s3", region).add_auth(request)
    return _written(request, b"")


def signed_call(url: str, region: str, operation: str, body: bytes) -> bytes:
    """Return a call of DynamoDB."""
    headers = {"x-amz-target": f"DynamoDB_20120810.{operation}", "content-type": "application/x-amz-json-1.0"}
    request = AWSRequest("POST", f"{url}/", headers, body)
    SigV4Auth(_CREDENTIALS, "dynamodb", region).add_auth(request)
    return _written(request, body)


def _written(request: AWSRequest, body: bytes) -> bytes:
    parts = urlsplit(request.url)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    given: Mapping[str, str] = dict(request.headers.items())
    headers = {"host": parts.netloc, "content-length": str(len(body)), **given}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{request.method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body
