"""The archive bucket in memory, as the register reads and writes it; every call goes through a hook."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from baler.files.bundle.fence import body_of_fence
from baler.files.bundle.ids import bundle_key, manifest_key, new_bundle_id
from baler.files.bundle.manifest import Manifest, ManifestFile, timestamp
from baler.files.register.ports import ListedObject, PackedManifest
from harness.stores import Calls, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@cache
def etag_of(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@dataclass
class MemoryArchive:
    """The ports RegisterReader and RegisterStore, and what aggregators put."""

    call: Calls = plain
    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    hashes: dict[str, str] = field(default_factory=dict[str, str])
    page_size: int = 10

    def listed(self, prefix: str, after: str = "") -> Iterator[ListedObject]:
        while True:
            page = self.call("archive.list", lambda after=after: self._page(prefix, after))
            yield from page
            if len(page) < self.page_size:
                return
            after = page[-1].key

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        def get() -> bytes | None:
            body = self.objects.get(key)
            return None if body is None else body[start:][:length]

        return self.call("archive.get", get)

    def manifests(self, bundle_ids: Sequence[str]) -> Iterator[PackedManifest | None]:
        for bundle_id in bundle_ids:
            body = self.read(manifest_key(bundle_id))
            yield None if body is None else PackedManifest(body, etag_of(body), self.hashes.get(bundle_id, ""))

    def put(self, key: str, body: bytes) -> bool:
        def put() -> bool:
            if key in self.objects:
                return False
            self.objects[key] = body
            return True

        return self.call("archive.put", put)

    def put_manifest(self, bundle_id: str, files: Sequence[ManifestFile]) -> None:
        """Do the first of an aggregator's two puts."""
        manifest = Manifest(bundle_id, "2026-11-20T00:00:00.000Z", tuple(files))
        self.hashes[bundle_id] = hashlib.sha256(bundle_id.encode()).hexdigest()
        self.objects.setdefault(manifest_key(bundle_id), gzip.compress(manifest.to_bytes(), mtime=0))

    def put_bundle(self, bundle_id: str) -> bool:
        """Do the second; False where a fence was first."""
        return self.objects.setdefault(bundle_key(bundle_id), b"bundle " + bundle_id.encode()) != body_of_fence()

    def fence(self, bundle_id: str) -> bool:
        """Fence an attempt off; False where its bundle was first."""
        return self.objects.setdefault(bundle_key(bundle_id), body_of_fence()) == body_of_fence()

    def archive(self, at: datetime, *keys: str, entropy: int = 0) -> str:
        """Archive a bundle that was made at that time, with small files of these keys; return its id."""
        bundle_id = new_bundle_id(at.timestamp(), entropy.to_bytes(8, "big"))
        self.put_manifest(bundle_id, [file_of(key, at) for key in keys])
        self.put_bundle(bundle_id)
        return bundle_id

    def _page(self, prefix: str, after: str) -> list[ListedObject]:
        names = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        return [
            ListedObject(key, len(self.objects[key]), etag_of(self.objects[key])) for key in names[: self.page_size]
        ]


def file_of(key: str, at: datetime) -> ManifestFile:
    """A small file that landed at that time."""
    sha256 = hashlib.sha256(key.encode()).hexdigest()
    return ManifestFile(key, "v1", len(key), timestamp(at.astimezone(UTC)), sha256, f"files/{key}")
