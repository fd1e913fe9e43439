"""Deletes that name what they delete: LocalStack answers NotImplemented to `If-Match` of a DeleteObject.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html: 204 where the ETag is the object's, 412
where it is another's, 404 where there is no object; `*` is any object. Only the current version counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localstack.aws.api.s3 import NoSuchKey, PreconditionFailed
from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.aws.api import RequestContext
    from localstack.services.s3.provider import S3Provider


@hooks.on_infra_start()
def condition_deletes() -> None:
    """Put the condition in front of LocalStack's own DeleteObject."""
    from localstack.services.s3.provider import S3Provider  # noqa: PLC0415 - when the service may be loaded

    S3Provider.delete_object = _conditional(S3Provider.delete_object)


def _conditional(delete_object: Callable[..., Any]) -> Callable[..., Any]:
    def delete(
        provider: S3Provider,
        context: RequestContext,
        bucket: str,
        key: str,
        *,
        if_match: str | None = None,
        **parameters: Any,
    ) -> Any:
        if if_match is not None:
            _require(provider, context, bucket, key, if_match)
        return delete_object(provider, context, bucket, key, **parameters)

    return delete


def _require(provider: S3Provider, context: RequestContext, bucket: str, key: str, if_match: str) -> None:
    from localstack.services.s3.models import S3DeleteMarker  # noqa: PLC0415 - see above

    _, s3_bucket = provider._get_cross_account_bucket(context, bucket)  # noqa: SLF001 - as its own methods do
    existing = s3_bucket.objects.get(key)
    if existing is None or isinstance(existing, S3DeleteMarker):
        raise NoSuchKey("The specified key does not exist.", Key=key)
    if if_match.strip('"') not in {"*", existing.etag}:
        raise PreconditionFailed("At least one of the pre-conditions you specified did not hold", Condition="If-Match")
