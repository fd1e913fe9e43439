"""The mailbox in S3, by boto3."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from baler.cli.s3 import CHUNK_BYTES, S3GoneError, S3RefusedError, S3UnavailableError, body_chunks, explained
from baler.commands.consume.mailbox import (
    Content,
    MailboxRefusedError,
    MailboxUnavailableError,
    ObjectGoneError,
)
from baler.files.aws.bucket_contents import BucketContents, list_top
from baler.files.ledger.mailbox_object import MailboxObject

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client


class S3ConsumerMailbox:
    """One bucket's objects below a prefix.

    Args:
        client: boto3's S3 client.
        bucket: the mailbox bucket.
        prefix: what the keys begin with.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def list_top(self) -> BucketContents:
        """List what the bucket holds at its top, to tell a mailbox from the other buckets of a stack; one request."""
        with self._explained("list"):
            return list_top(self._client, self._bucket)

    def list(self) -> Iterator[MailboxObject]:
        """Yield the objects, a page of a thousand at a time; S3 lists in the order of the keys."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        with self._explained("list"):
            for page in pages:
                for item in page.get("Contents", []):
                    yield MailboxObject(
                        item["Key"],  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 sends all four
                        item["ETag"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                        item["Size"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                        item["LastModified"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
                    )

    @contextmanager
    def get(self, item: MailboxObject) -> Generator[Content]:
        """Open an object, if it is still the one that was listed."""
        with self._explained(f"read {item.key!r} in"):
            answer = self._client.get_object(Bucket=self._bucket, Key=item.key, IfMatch=item.etag)
        body = answer["Body"]
        try:
            yield Content(answer["Metadata"], self._chunks(body, item.key))
        finally:
            body.close()

    def delete(self, key: str) -> bool:
        """Delete an object that was delivered, and check first whether it is still there.

        S3 answers the delete of a missing object like any other, so a second consumer would go unseen without it. That
        is one more request a bundle, $0.10 a month at a bundle every 10 seconds.
        """
        there = True
        try:
            with self._explained(f"read {key!r} in"):
                self._client.get_object(Bucket=self._bucket, Key=key, Range="bytes=0-0")["Body"].close()
        except ObjectGoneError:
            there = False
        except MailboxRefusedError:
            pass  # if it concerns the delete too, that says so; an empty object has no first byte
        with self._explained(f"delete {key!r} in"):
            self._client.delete_object(Bucket=self._bucket, Key=key)
        return there

    def _chunks(self, body: StreamingBody, key: str) -> Iterator[bytes]:
        reading = f"read {key!r} in"
        with self._explained(reading):
            yield from body_chunks(body, self._what(reading), CHUNK_BYTES)

    def _what(self, verb: str) -> str:
        return f"{verb} the mailbox {self._bucket!r}"

    @contextmanager
    def _explained(self, verb: str) -> Generator[None]:
        """Turn S3's errors into the port's."""
        try:
            with explained(self._what(verb)):
                yield
        except S3GoneError as error:
            raise ObjectGoneError(str(error)) from error.__cause__
        except S3UnavailableError as error:
            raise MailboxUnavailableError(str(error)) from error.__cause__
        except S3RefusedError as error:
            raise MailboxRefusedError(str(error)) from error.__cause__
