"""Listings that begin behind a key: LocalStack compares it with keys that it has encoded already.

boto3 always asks for encoded keys (`EncodingType=url`), where `=` and a blank sort in other places; LocalStack then
leaves out keys that lie behind `StartAfter`. S3 compares keys as they are, and encodes its answer
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.aws.api import RequestContext
    from localstack.services.s3.provider import S3Provider


@hooks.on_infra_start()
def begin_listings() -> None:
    """Have LocalStack's own ListObjectsV2 compare what is written alike."""
    from localstack.services.s3.provider import S3Provider  # noqa: PLC0415 - when the service may be loaded

    S3Provider.list_objects_v2 = _beginning(S3Provider.list_objects_v2)


def _beginning(list_objects_v2: Callable[..., Any]) -> Callable[..., Any]:
    def listing(
        provider: S3Provider,
        context: RequestContext,
        bucket: str,
        *,
        encoding_type: str | None = None,
        start_after: str | None = None,
        **parameters: Any,
    ) -> Any:
        if encoding_type and start_after:
            start_after = quote(start_after)
        return list_objects_v2(
            provider, context, bucket, encoding_type=encoding_type, start_after=start_after, **parameters
        )

    return listing
