"""A bundle as an object of S3: how archive and mailbox are given one."""

from __future__ import annotations

import base64
import os
from typing import IO, TYPE_CHECKING, TypedDict

from baler.files.bundle.fence import CONTENT_TYPE
from baler.files.bundle.ids import bundle_key
from baler.files.bundle.manifest import (
    FORMAT_VERSION,
    META_FILE_COUNT,
    META_FORMAT_VERSION,
    META_OLDEST_EVENT,
    META_SHA256,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client

    from baler.aws.http.s3 import HttpS3
    from baler.files.bundle.writer import Bundle


class _Condition(TypedDict, total=False):
    IfNoneMatch: str


def bundle_metadata(bundle: Bundle) -> dict[str, str]:
    """Return the user metadata of a bundle that was just written."""
    return {
        META_SHA256: bundle.sha256,
        META_FILE_COUNT: str(len(bundle.files)),
        META_FORMAT_VERSION: str(FORMAT_VERSION),
        META_OLDEST_EVENT: min(file.event_time for file in bundle.files),
    }


def put_bundle(  # noqa: PLR0913 - what makes up the object, each by name
    client: S3Client | HttpS3,
    *,
    bucket: str,
    bundle_id: str,
    body: IO[bytes],
    metadata: Mapping[str, str],
    replace: bool,
) -> None:
    """Put a bundle under its key; S3 refuses bytes that do not have the hash that the metadata promises.

    Errors are the client's: with `replace` off, ClientError "PreconditionFailed" where the key is taken.

    Args:
        client: boto3's, or `baler.aws.http`'s of the bucket.
        bucket: its name.
        bundle_id: the bundle.
        body: the whole of it is put, wherever it was read to.
        metadata: the object's, with META_SHA256.
        replace: put it over what may be there.
    """
    body.seek(0, os.SEEK_END)
    size = body.tell()
    condition: _Condition = {} if replace else {"IfNoneMatch": "*"}
    body.seek(0)
    client.put_object(
        Bucket=bucket,
        Key=bundle_key(bundle_id),
        Body=body,
        ContentLength=size,
        ContentType=CONTENT_TYPE,
        ChecksumSHA256=base64.b64encode(bytes.fromhex(metadata[META_SHA256])).decode(),
        Metadata=metadata,
        **condition,
    )
