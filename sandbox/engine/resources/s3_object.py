"""Objects that the program itself puts into a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi import FileAsset

from sandbox.engine.errors import UnsupportedResourceError
from sandbox.engine.resources.creation import Created, Creation

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def bucket_object(_name: str, inputs: Inputs) -> Creation:
    """Put a text or a file under a key.

    Raises:
        UnsupportedResourceError: the source is something else than a `pulumi.FileAsset`.
    """
    bucket, key = inputs.take("bucket"), inputs.take("key")
    body = _content(inputs.take("content"), inputs.take("source"), key)
    definition = inputs.renamed(
        cacheControl="CacheControl",
        contentEncoding="ContentEncoding",
        contentType="ContentType",
        metadata="Metadata",
        storageClass="StorageClass",
    )
    # Only when an object is put again, and whether it stays when the stack is destroyed.
    inputs.ignore("etag", "forceDestroy", "sourceHash")

    def create(aws: Endpoint) -> Created:
        put = aws.s3.put_object(Bucket=bucket, Key=key, Body=body, **definition)
        outputs = {
            "arn": f"arn:aws:s3:::{bucket}/{key}",
            "bucket": bucket,
            "etag": put["ETag"].strip('"'),
            "key": key,
            "versionId": put.get("VersionId", ""),
        }
        return Created(f"{bucket}/{key}", outputs)

    return create


def _content(text: str | None, source: Any, key: str) -> bytes:
    """Return the object's bytes: none where the program gives nothing, as the provider does."""
    if isinstance(source, FileAsset):
        return Path(source.path).read_bytes()
    if source is not None:
        raise UnsupportedResourceError(f"the sandbox puts {key} from content, or from a pulumi.FileAsset as source.")
    return (text or "").encode()
