"""The archive bucket as the register reads and writes it (see baler/files/register/ports.py)."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError
from urllib3.exceptions import ProtocolError

from baler.aws.faults import FAILURES, code_of
from baler.files.bundle.fence import CONTENT_TYPE
from baler.files.bundle.ids import manifest_key
from baler.files.bundle.index_entry import LARGEST_ENTRY
from baler.files.bundle.manifest import META_SHA256
from baler.files.register.ports import ListedObject, PackedManifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from mypy_boto3_s3 import S3Client

# So many manifests are read at once: as many connections as a client of boto3 keeps.
CONNECTIONS: Final = 10

_TAKEN: Final = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})
_GONE: Final = frozenset({"NoSuchKey", "404"})
# How often an object is read whose connection breaks in the middle, which boto3 does not repeat.
_READS: Final = 3


class S3ArchiveObjects:
    """The ports RegisterReader and RegisterStore.

    Args:
        client: boto3's.
        bucket: the archive bucket's name.
        guard: makes of boto3's errors those of the caller; given what is being done.
        name: what the bucket is to the caller.
    """

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        guard: Callable[[str], AbstractContextManager[object]],
        name: str = "archive",
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._guard = guard
        self._name = f"{name} {bucket!r}"

    def listed(self, prefix: str, after: str = "") -> Iterator[ListedObject]:
        """Yield what lies below a prefix and behind a key."""
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix, StartAfter=after)
        )
        while True:
            with self._guard(f"list the {self._name}"):
                page = next(pages, None)
            if page is None:
                return
            for item in page.get("Contents", []):
                yield ListedObject(
                    item.get("Key", ""),
                    item.get("Size", 0),
                    item.get("ETag", "").strip('"'),
                    item.get("StorageClass", "STANDARD"),
                )

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Return bytes of an object; None if it is not there."""
        if length == 0:
            return b""
        end = "" if length is None else str(start + length - 1)
        found = self._get(key, f"bytes={start}-{end}")
        return None if found is None else found[0]

    def manifests(self, bundle_ids: Sequence[str]) -> Iterator[PackedManifest | None]:
        """Yield the manifests of bundles, in that order; a few are read at once."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            yield from pool.map(self.manifest, bundle_ids)

    def manifest(self, bundle_id: str) -> PackedManifest | None:
        """Return a bundle's manifest, or no more of it than any has that the aggregator writes and a byte."""
        found = self._get(manifest_key(bundle_id), f"bytes=0-{LARGEST_ENTRY}")
        return None if found is None else PackedManifest(*found)

    def put(self, key: str, body: bytes) -> bool:
        """Put an object where the key is free."""
        with self._guard(f"put {key!r} into the {self._name}"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=body,
                    ContentType=CONTENT_TYPE,
                    # Needed where the bucket has object lock.
                    ChecksumSHA256=base64.b64encode(hashlib.sha256(body).digest()).decode(),
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if code_of(error) not in _TAKEN:
                    raise
                return False
        return True

    def _get(self, key: str, span: str) -> tuple[bytes, str, str] | None:
        """Return a part of an object, its ETag, and the hash of a bundle that stands beside it."""
        for left in range(_READS - 1, -1, -1):
            with self._guard(f"read {key!r} in the {self._name}"):
                try:
                    answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=span)
                except ClientError as error:
                    if code_of(error) in _GONE:
                        return None
                    if code_of(error) != "InvalidRange":
                        raise
                    # It ends before: it is empty, or was exchanged. What it is, the register notes all the same.
                    head = self._client.head_object(Bucket=self._bucket, Key=key)
                    return b"", head["ETag"].strip('"'), head["Metadata"].get(META_SHA256, "")
                try:
                    return answer["Body"].read(), answer["ETag"].strip('"'), answer["Metadata"].get(META_SHA256, "")
                except FAILURES:
                    if not left:
                        raise
                except OSError as error:
                    if not left:
                        raise ProtocolError(str(error)) from error  # the network's, as boto3 lets it through
        raise AssertionError("the last read returns or raises")
