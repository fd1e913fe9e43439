"""A store in memory that answers as this or that real one does: what was read off them is in docs/s3-stores.md."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from runtime.files.receivers.http.connections import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runtime.files.receivers.http.connections import NoReplyError, Request

KEY: Final = "AKIDEXAMPLE"
BUCKET: Final = "inbox"
_META: Final = "x-amz-meta-"


@dataclass(frozen=True)
class Dialect:
    """How a store differs from others.

    Attributes:
        unknown_key: status for an access key that it does not know.
        wrong_hash: status for bytes that are not those of the checksum.
        compares_signed_hash: also for those that are not what was signed.
        full: status while its disk is full.
        conditions: it knows `If-None-Match`.
        delete_marker: status of a conditional put on a key whose newest version is a delete marker.
        checksums: it keeps S3's checksums and tells them.
    """

    unknown_key: int = 403
    wrong_hash: int = 400
    compares_signed_hash: bool = True
    full: int = 500
    conditions: bool = True
    delete_marker: int = 200
    checksums: bool = True


MINIO: Final = Dialect()
VERSITYGW: Final = Dialect(unknown_key=404, full=507, delete_marker=412)
SEAWEEDFS: Final = Dialect(compares_signed_hash=False)
OLD: Final = Dialect(conditions=False, checksums=False)
"""Before conditional puts and flexible checksums: 501 to a header that it does not implement."""
DIALECTS: Final = {"minio": MINIO, "versitygw": VERSITYGW, "seaweedfs": SEAWEEDFS, "old": OLD}


def reply(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer, with headers by their names."""
    return Reply(status, {name.encode(): value.encode() for name, value in (headers or {}).items()}, body)


@dataclass
class DialectStore:
    """Connections of the receiver, with a store behind them.

    Attributes:
        dialect: how it answers.
        objects: by path, as sent: bytes and metadata.
        buckets: that are there.
        known_keys: access keys.
        full: its disk is.
        delete_markers: paths of keys whose newest version is one.
        drops_metadata: something before it does.
        instead: looked at before each request; a reply or an error in its place.
        reads_before_instead: by then it has read the body.
        after: called after each request took effect, to change or lose the reply.
        asked: method and path of each request.
        requests: which they were.
        closed: its connections were.
    """

    dialect: Dialect = MINIO
    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict[str, "tuple[bytes, dict[str, str]]"])
    buckets: set[str] = field(default_factory=lambda: {BUCKET})
    known_keys: set[str] = field(default_factory=lambda: {KEY})
    full: bool = False
    delete_markers: set[str] = field(default_factory=set[str])
    drops_metadata: bool = False
    instead: Callable[[Request], Reply | NoReplyError | None] = lambda _: None
    reads_before_instead: bool = False
    after: Callable[[Request, Reply], Reply | NoReplyError] = lambda _, reply: reply
    asked: list[str] = field(default_factory=list[str])
    requests: list[Request] = field(default_factory=list["Request"])
    closed: bool = False

    def ask(self, request: Request) -> Reply:
        self.asked.append(f"{request.method} {request.target}")
        self.requests.append(request)
        if self.reads_before_instead:
            request = replace(request, body=[b"".join(request.body)])
        found = self.instead(request)
        if found is None:
            found = self.after(request, self._answer(request))
        if isinstance(found, Exception):
            raise found
        if request.into is not None and found.status == 200:
            request.into(found.body)
            return replace(found, body=b"")
        return found

    def close(self) -> None:
        self.closed = True

    def _answer(self, request: Request) -> Reply:
        headers = dict(request.headers)
        key = re.search(r"Credential=([^/]+)/", headers.get("authorization", ""))
        if key is None or key[1] not in self.known_keys:
            return reply(self.dialect.unknown_key if key else 403)
        bucket, _, name = request.target.lstrip("/").partition("/")
        if bucket and bucket not in self.buckets:
            return reply(404)
        if not name:
            return reply(200)
        if request.method == "PUT":
            return self._put(request, headers)
        if request.target not in self.objects:
            return reply(404)
        data, metadata = self.objects[request.target]
        told = {**metadata, "content-length": str(len(data))}
        if self.dialect.checksums and "x-amz-checksum-mode" in headers:
            told["x-amz-checksum-sha256"] = base64.b64encode(hashlib.sha256(data).digest()).decode()
        return reply(200, data if request.method == "GET" else b"", told)

    def _put(self, request: Request, headers: dict[str, str]) -> Reply:
        if "if-none-match" in headers:
            if not self.dialect.conditions:
                return reply(501)
            if request.target in self.objects:
                return reply(412)
            if request.target in self.delete_markers and self.dialect.delete_marker != 200:
                return reply(self.dialect.delete_marker)
        if self.full:
            return reply(self.dialect.full)
        data = b"".join(request.body)
        assert str(len(data)) == headers["Content-Length"]
        digest = hashlib.sha256(data)
        signed = digest.hexdigest() if self.dialect.compares_signed_hash else headers["x-amz-content-sha256"]
        checksum = base64.b64encode(digest.digest()).decode()
        expected = (headers["x-amz-content-sha256"], headers.get("x-amz-checksum-sha256", checksum))
        if (signed, checksum) != expected:
            return reply(self.dialect.wrong_hash)
        kept = {} if self.drops_metadata else {n: v for n, v in headers.items() if n.startswith(_META)}
        self.objects[request.target] = (data, kept)
        return reply(200)

    def only_object(self) -> tuple[str, bytes, dict[str, str]]:
        """Return path, decoded, bytes and metadata (without S3's prefix) of what is there."""
        [(path, (data, metadata))] = self.objects.items()
        return unquote(path), data, {name.removeprefix(_META): value for name, value in metadata.items()}
