"""New bundles in a bucket, the mailbox or the archive, as they come."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.files.bundle.fence import META_FENCE
from baler.files.bundle.ids import ENTROPY_BYTES, PREFIX, bundle_key, new_bundle_id
from baler.files.bundle.manifest import MEMBER, META_SHA256, Manifest, ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

# A bundle's id is made when its attempt begins and the bundle is put when that ends, so bundles come somewhat out of
# order: a look goes back by the longest attempt and a visibility timeout. One that is rolled forward later still is
# seen by the looks at everything, when the queue drains.
_OVERLAP_SECONDS: Final = 180.0
# S3 reports when an object was put in whole seconds, rounded down.
_RESOLUTION_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class FoundBundle:
    """A bundle in the bucket.

    Attributes:
        manifest: what it says it holds.
        at: seconds since the epoch when it was there, at the latest.
    """

    manifest: Manifest
    at: float


class BundleWatch:
    """Finds the bundles that come into a bucket, each once.

    Args:
        s3: a client.
        bucket: the bucket's name.
        since: seconds since the epoch: bundles of older attempts are not looked at.

    Attributes:
        seen: keys of what was found.
        vanished: how many were gone between being listed and being read: somebody else takes them away.
        broken: keys of those that are not bundles, or not the bytes that their metadata says.
        waiting: how many were found that have not arrived yet: none, here.
    """

    waiting = 0

    def __init__(self, s3: S3Client, bucket: str, since: float) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._since = since
        self.seen: set[str] = set()
        self._fences: set[str] = set()
        self.vanished = 0
        self.broken: list[str] = []

    def look(self, now: float, *, everything: bool) -> Iterator[FoundBundle]:
        """Yield the bundles that are new.

        Args:
            now: seconds since the epoch.
            everything: list all since the start, not only what an attempt of the last minutes may have put.
        """
        start = self._since if everything else max(self._since, now - _OVERLAP_SECONDS)
        after = bundle_key(new_bundle_id(start, bytes(ENTROPY_BYTES)))
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=PREFIX, StartAfter=after)
        for page in pages:
            seen_at = time.time()
            for item in page.get("Contents", []):
                key = item["Key"]  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 sends all three
                if key in self.seen or key in self._fences:
                    continue
                put_at = item["LastModified"].timestamp() + _RESOLUTION_SECONDS  # pyright: ignore[reportTypedDictNotRequiredAccess]
                manifest = self._manifest(key)
                if key in self._fences:
                    continue
                self.seen.add(key)  # now: where it could not be read, the next look tries again
                if manifest is not None:
                    yield FoundBundle(manifest, min(put_at, seen_at))

    def _manifest(self, key: str) -> Manifest | None:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "NoSuchKey":
                raise
            self.vanished += 1
            return None
        if META_FENCE in answer["Metadata"]:
            answer["Body"].close()
            self._fences.add(key)
            return None
        body = answer["Body"].read()
        try:
            manifest = _read_manifest(body)
        except (tarfile.TarError, OSError, EOFError, KeyError, zlib.error, ManifestError):
            self.broken.append(key)
            return None
        if hashlib.sha256(body).hexdigest() != answer["Metadata"].get(META_SHA256):
            self.broken.append(key)
        return manifest


def _read_manifest(body: bytes) -> Manifest:
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as tar:
        member = tar.extractfile(MEMBER)
        if member is None:
            raise ManifestError(f"{MEMBER} is not a file")
        return Manifest.parse(member.read())
