"""The mailbox in S3, a page of a thousand objects at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.files.mailbox_monitor.mailbox_stats import ListedObject, MailboxPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client


def mailbox_pages(client: S3Client, bucket: str, prefix: str) -> Iterator[MailboxPage]:
    """Yield the pages of a part of the bucket; each is asked for when it is wanted."""
    for answer in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        found = [
            ListedObject(
                item["Key"],  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 tells all three
                item["Size"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                item["LastModified"].timestamp(),  # pyright: ignore[reportTypedDictNotRequiredAccess]
            )
            for item in answer.get("Contents", [])
        ]
        yield MailboxPage(found, is_last=not answer["IsTruncated"])
