"""How S3 frames its answers: XML in chunks and without a length, errors above all, each with numbers of its own.

LocalStack gives every answer a length, a request number in another form, and one `x-amz-id-2` to all. As traces of the
real service have it: errors (https://github.com/pingcap/tiflash/issues/10538, with `Connection: close`), those of HEAD
(https://github.com/aws/aws-cli/issues/666), and lists, mostly (https://github.com/boto/botocore/issues/2227).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from baler_wire.identifiers import Identifiers
    from baler_wire.requests import RequestHead

    Headers = list[tuple[str, str]]

_REQUEST: Final = "x-amz-request-id"
_HOST: Final = "x-amz-id-2"
_ELEMENT: Final = re.compile(rb"<(RequestId|HostId)>[^<]*</\1>")
_END: Final = b"</Error>"
_ERRORS: Final = 400


def is_s3(headers: Headers) -> bool:
    """Tell whether an answer is S3's: LocalStack gives this header to those alone."""
    return any(name.lower() == _HOST for name, _ in headers)


def framed(status: int, headers: Headers, head: RequestHead, identifiers: Identifiers) -> Headers:
    """Return the headers of an answer as S3 sends them. Twisted chunks what has no length, but for HEAD."""
    replaced = {_REQUEST: identifiers.request, _HOST: identifiers.host}
    kept = [(name, value) for name, value in headers if name.lower() not in replaced]
    if _has_chunks(status, headers, head):
        kept = [(name, value) for name, value in kept if name.lower() not in {"content-length", "transfer-encoding"}]
        if head.method == "HEAD":
            kept.append(("Transfer-Encoding", "chunked"))
    return [*kept, *replaced.items()]


def identified(status: int, body: bytes, identifiers: Identifiers) -> bytes:
    """Return the body of an error with the numbers that its headers have; another body as it is."""
    if status < _ERRORS or _END not in body:
        return body
    head, _, tail = _ELEMENT.sub(b"", body).rpartition(_END)
    numbers = f"<RequestId>{identifiers.request}</RequestId><HostId>{identifiers.host}</HostId>"
    return head + numbers.encode() + _END + tail


def _has_chunks(status: int, headers: Headers, head: RequestHead) -> bool:
    if status >= _ERRORS:
        return True
    # An object may be XML itself, and has its length.
    makes_xml = head.operation not in {"", "GetObject", "HeadObject"}
    return makes_xml and any(name.lower() == "content-type" and "/xml" in value for name, value in headers)
