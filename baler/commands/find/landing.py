"""The versions of a file in the landing bucket."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from baler.cli.s3 import explained
from baler.files.aws.landed_versions import landed_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

    from baler.files.landed_file import LandedFile


@dataclass(frozen=True, slots=True)
class LandedVersion:
    """A version in the landing bucket; `is_current`: what a GET of the key answers."""

    file: LandedFile
    is_current: bool


class LandingBucket:
    """The landing bucket. Its methods raise S3Error where S3 fails.

    Args:
        client: boto3's S3 client.
        bucket: the bucket's name.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        self.name = bucket
        self._client = client

    def versions(self, key: str) -> list[LandedVersion]:
        """Return every version of exactly this key, newest first."""
        found: list[LandedVersion] = []
        # A listing is by key, so the key itself comes before all that only begins with it.
        for version in self._below(key):
            if version.file.key != key:
                break
            found.append(version)
        return found

    def below(self, prefix: str, limit: int) -> list[LandedVersion]:
        """Return the versions of the first keys that begin with a prefix, `limit` versions at the most."""
        return list(islice(self._below(prefix), limit))

    def _below(self, prefix: str) -> Iterator[LandedVersion]:
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self.name, Prefix=prefix)
        with explained(f"list the landing bucket {self.name!r}"):
            for page in pages:
                for version in page.get("Versions", []):
                    yield LandedVersion(landed_file(self.name, version), version.get("IsLatest", False))
