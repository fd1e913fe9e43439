"""Reads the archive as an auditor would: which bundle holds which file."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from baler.files.bundle.fence import META_FENCE
from baler.files.bundle.ids import PREFIX
from baler.files.bundle.manifest import MEMBER, META_SHA256, Manifest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class InspectedBundle:
    """A bundle in the archive.

    Attributes:
        key: its object key.
        size: bytes, compressed.
        intact: its bytes have the hash that its metadata says.
        manifest: what it says it holds.
    """

    key: str
    size: int
    intact: bool
    manifest: Manifest


def archived_bundles(s3: S3Client, bucket: str) -> list[InspectedBundle]:
    """Download every bundle of the archive and read its manifest; fences are no bundles."""
    found = (
        _read(s3, bucket, item.get("Key", ""))
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
        for item in page.get("Contents", [])
    )
    return [bundle for bundle in found if bundle is not None]


def _read(s3: S3Client, bucket: str, key: str) -> InspectedBundle | None:
    """Read a bundle; None for a fence."""
    metadata = s3.head_object(Bucket=bucket, Key=key)["Metadata"]
    if META_FENCE in metadata:
        return None
    with tempfile.TemporaryFile() as copy:
        sha256 = metadata.get(META_SHA256)
        s3.download_fileobj(bucket, key, copy)
        size = copy.tell()
        copy.seek(0)
        intact = hashlib.file_digest(copy, "sha256").hexdigest() == sha256  # pyright: ignore[reportArgumentType]  # a temporary file has readinto
        copy.seek(0)
        return InspectedBundle(key, size, intact, _manifest(copy))


def _manifest(body: IO[bytes]) -> Manifest:
    with tarfile.open(fileobj=body, mode="r:gz") as tar:
        member = tar.extractfile(MEMBER)
        assert member is not None  # noqa: S101 - a regular file, which the writer made
        return Manifest.parse(member.read())
