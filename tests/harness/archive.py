"""An archive and a mailbox in moto, filled as the aggregator fills them, and `baler` to work on them."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from baler.aws.attempts import unavailable
from baler.cli.main import app
from baler.files.aws.archive_objects import S3ArchiveObjects
from baler.files.bundle.ids import PREFIX, bundle_key, manifest_key, new_bundle_id
from baler.files.bundle.writer import BundleWriter
from baler.files.landed_file import LandedFile
from baler.files.register.registrar import Registrar
from runtime.files.aws.buckets import S3Archive

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mypy_boto3_s3 import S3Client
    from typer.testing import Result

ARCHIVE = "archive"
MAILBOX = "mailbox"


@dataclass
class ArchiveSite:
    """Both buckets, in one region."""

    client: S3Client

    def __post_init__(self) -> None:
        for bucket in (ARCHIVE, MAILBOX):
            self.client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        self.client.put_bucket_versioning(Bucket=ARCHIVE, VersioningConfiguration={"Status": "Enabled"})

    def archive(
        self, at: datetime, files: Sequence[tuple[str, bytes]], version: str = "v1", landed: datetime | None = None
    ) -> str:
        """Archive a bundle of (key, content) that was made, and whose files landed, at that time; return its id."""
        bundle_id = new_bundle_id(at.timestamp(), bytes(8))
        with BundleWriter(bundle_id, at.timestamp(), 1_000_000) as writer:
            for key, content in files:
                file = LandedFile("landing", key, version, "etag", len(content), landed or at)
                writer.add(file, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())
            S3Archive(self.client, ARCHIVE).put(writer.finish())
        return bundle_id

    def sink(self, bundle_id: str) -> None:
        """Move a bundle to Deep Archive, as the lifecycle rule does."""
        key = bundle_key(bundle_id)
        source = {"Bucket": ARCHIVE, "Key": key}
        self.client.copy_object(Bucket=ARCHIVE, Key=key, CopySource=source, StorageClass="DEEP_ARCHIVE")  # pyright: ignore[reportArgumentType]  # a dict of both

    def damage(self, bundle_id: str) -> None:
        """Change the last bytes of an archived bundle, and nothing that tells of it."""
        key = bundle_key(bundle_id)
        found = self.client.get_object(Bucket=ARCHIVE, Key=key)
        body = found["Body"].read()[:-9] + b"damaged!!"
        self.client.put_object(Bucket=ARCHIVE, Key=key, Body=body, Metadata=found["Metadata"])

    def forget(self, bundle_id: str) -> None:
        """Leave the index entry alone, as an aggregator that died between the two puts does."""
        self.client.delete_object(Bucket=ARCHIVE, Key=bundle_key(bundle_id))

    def register(self, now: datetime) -> None:
        """Let the registrar run, at that time."""
        Registrar(S3ArchiveObjects(self.client, ARCHIVE, unavailable), now.timestamp).run(lambda: 900.0)

    def pages(self) -> list[str]:
        """The keys of the register's pages."""
        found = self.client.list_objects_v2(Bucket=ARCHIVE, Prefix="register/").get("Contents", [])
        return [item.get("Key", "") for item in found]

    def mail(self, bundle_id: str, prefix: str = PREFIX) -> None:
        """Copy a bundle into the mailbox, or into its quarantine."""
        key = bundle_key(bundle_id)
        source = {"Bucket": ARCHIVE, "Key": key}
        self.client.copy_object(Bucket=MAILBOX, Key=key.replace(PREFIX, prefix), CopySource=source)  # pyright: ignore[reportArgumentType]  # a dict of both

    def garble_index(self, bundle_id: str) -> None:
        self.client.put_object(Bucket=ARCHIVE, Key=manifest_key(bundle_id), Body=b"no gzip")

    def mailed(self) -> dict[str, str | None]:
        """The replay that each bundle in the mailbox is there for, by bundle id."""
        return {
            key.rpartition("/")[2].removesuffix(".tar.gz"): self.metadata(MAILBOX, key).get("replay")
            for key in self.keys(MAILBOX)
        }

    def keys(self, bucket: str) -> list[str]:
        """The keys of the bundles in a bucket."""
        found = self.client.list_objects_v2(Bucket=bucket, Prefix=PREFIX).get("Contents", [])
        return [item.get("Key", "") for item in found]

    def metadata(self, bucket: str, key: str) -> dict[str, str]:
        return self.client.head_object(Bucket=bucket, Key=key)["Metadata"]

    def body(self, bucket: str, bundle_id: str) -> bytes:
        return self.client.get_object(Bucket=bucket, Key=bundle_key(bundle_id))["Body"].read()


def run(*arguments: object) -> Result:
    """Run `baler` in this process."""
    return CliRunner().invoke(app, [*map(str, arguments)])
