"""What a command wrote: objects, and how many of the files are in them where they are tar."""

from __future__ import annotations

import hashlib
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Baled:
    """What is in the bucket.

    Attributes:
        objects: their number.
        files: how many different ones of the files are members of them; None where no object is tar, packed or not.
    """

    objects: int
    files: int | None

    def text(self, of: int) -> str:
        """Say it to people.

        Args:
            of: how many files there are.
        """
        objects = f"wrote {self.objects} object{'' if self.objects == 1 else 's'}"
        return objects if self.files is None else f"{objects} with {self.files} of the {of} files"


def baled(s3: S3Client, bucket: str, bodies: Sequence[bytes]) -> Baled:
    """Count the objects of a bucket, and find the files in them by their content, whatever they are called there."""
    keys = list(_keys(s3, bucket))
    wanted = {hashlib.sha256(body).digest() for body in bodies}
    found: set[bytes] = set()
    is_tar = False
    for key in keys:
        body: Any = s3.get_object(Bucket=bucket, Key=key)["Body"]
        try:
            with tarfile.open(fileobj=body, mode="r|*") as tar:
                found |= wanted & {_digest(tar, member) for member in tar if member.isfile()}
        except tarfile.ReadError:
            continue  # it is something else
        is_tar = True
    return Baled(len(keys), len(found) if is_tar else None)


def emptied(s3: S3Client, bucket: str) -> None:
    """Delete every object of a bucket."""
    for key in list(_keys(s3, bucket)):
        s3.delete_object(Bucket=bucket, Key=key)


def _keys(s3: S3Client, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (found["Key"] for found in page.get("Contents", []) if "Key" in found)


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = tar.extractfile(member)
    return b"" if content is None else hashlib.sha256(content.read()).digest()
