"""What S3's requests need."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from baler_iam.access import Access, UnknownActionError
from baler_iam.actions.s3_names import (
    BUCKET_ACTIONS,
    DELETE_KEYS,
    LIST_KEYS,
    OBJECT_ACTIONS,
    OF_A_VERSION,
    PUT_KEYS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from baler_iam.access import Call, ContextKeys, Resources

_READS = ("GetObject", "HeadObject", "GetObjectAttributes")
_COPIES = ("CopyObject", "UploadPartCopy")
# Parts create no object, and take none of the conditions on one that is created.
_CREATES = ("PutObject", "CompleteMultipartUpload", "CopyObject")
# A condition that asks for no ETag.
_ANY_OBJECT = "*"


def s3_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to S3 needs.

    Raises:
        UnknownActionError: the operation is not in the tables.
    """
    operation, parameters = call.operation, call.parameters
    if operation == "ListBuckets":
        yield Access("s3:ListAllMyBuckets", "*", call.account)
        return
    bucket = _Bucket(call, resources)
    if operation == "DeleteObjects":
        for item in parameters["Delete"]["Objects"]:
            keys = _given({"IfMatch": item.get("ETag")}, DELETE_KEYS)
            yield bucket.on_object(_of_version("DeleteObject", item.get("VersionId")), item["Key"], keys)
            yield from _compared(bucket, item["Key"], item.get("ETag"))
    elif operation in _COPIES:
        yield from _copied(call, resources)
        yield bucket.on_object("PutObject", parameters["Key"], _put_keys(operation, parameters))
    elif operation in OBJECT_ACTIONS:
        yield from _object_accesses(call, resources, bucket)
    elif operation in BUCKET_ACTIONS:
        yield bucket.itself(BUCKET_ACTIONS[operation], _given(parameters, LIST_KEYS))
    else:
        raise UnknownActionError(
            f"The sandbox does not know which permission S3's {operation} needs: add it to "
            "sandbox/localstack/plugins/baler_iam/actions/s3_names.py."
        )


def _object_accesses(call: Call, resources: Resources, bucket: _Bucket) -> Iterator[Access]:
    operation, parameters = call.operation, call.parameters
    key, version = parameters["Key"], parameters.get("VersionId")
    action = OBJECT_ACTIONS[operation]
    keys = _put_keys(operation, parameters) if action == "PutObject" else {}
    if operation == "DeleteObject":
        keys = _given(parameters, DELETE_KEYS)
    yield bucket.on_object(_of_version(action, version), key, keys)
    if operation == "DeleteObject":
        yield from _compared(bucket, key, parameters.get("IfMatch"))
    if operation == "GetObjectAttributes":
        yield bucket.on_object("GetObjectVersionAttributes" if version else "GetObjectAttributes", key)
    if operation in _READS:
        yield from _of_what_is_missing(resources, bucket, key, version)
    if operation in {"PutObject", "CreateMultipartUpload"}:
        if parameters.get("Tagging"):
            yield bucket.on_object("PutObjectTagging", key)
        if parameters.get("ACL"):
            yield bucket.on_object("PutObjectAcl", key)


def _compared(bucket: _Bucket, key: str, etag: str | None) -> Iterator[Access]:
    """Who deletes what has a certain ETag also needs to read it (user guide, "How to perform conditional deletes")."""
    if etag not in {None, _ANY_OBJECT}:
        yield bucket.on_object("GetObject", key)


def _of_what_is_missing(resources: Resources, bucket: _Bucket, key: str, version: str | None) -> Iterator[Access]:
    """Whoever may not list is not told what is not there: 403 in place of 404 (API reference, GetObject)."""
    if bucket.exists and not resources.has_object(bucket.name, key, version):
        yield bucket.itself("ListBucket")


class _Bucket:
    """The bucket that a request names."""

    def __init__(self, call: Call, resources: Resources, name: str | None = None) -> None:
        self.name = name or call.parameters["Bucket"]
        owned = resources.bucket(self.name)
        self.exists = owned is not None
        self._account, self._policy = owned or (call.account, None)
        self._arn = f"arn:aws:s3:::{self.name}"

    def itself(self, action: str, keys: ContextKeys | None = None) -> Access:
        return Access(f"s3:{action}", self._arn, self._account, self._policy, keys or {})

    def on_object(self, action: str, key: str, keys: ContextKeys | None = None) -> Access:
        return Access(f"s3:{action}", f"{self._arn}/{key}", self._account, self._policy, keys or {})


def _copied(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what reading the source of a copy needs. Its name arrives form-encoded, its version behind it."""
    source, _, version = call.parameters["CopySource"].removeprefix("/").partition("?versionId=")
    name, _, key = unquote(source).partition("/")
    bucket = _Bucket(call, resources, name)
    yield bucket.on_object(_of_version("GetObject", version), key)
    yield from _of_what_is_missing(resources, bucket, key, version or None)


def _of_version(action: str, version: str | None) -> str:
    return OF_A_VERSION.get(action, action) if version else action


def _put_keys(operation: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    creates = operation in _CREATES
    return {**_given(parameters, PUT_KEYS), "s3:ObjectCreationOperation": str(creates).lower()}


def _given(parameters: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, str]:
    return {key: str(parameters[name]) for name, key in keys.items() if parameters.get(name) is not None}
