"""The mailbox as the courier uses it."""

from __future__ import annotations

import hashlib
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import FAILURES, code_of, fault_of
from baler.aws.http.s3 import last_modified_in, metadata_in
from baler.files.bundle.fence import CONTENT_TYPE
from baler.files.bundle.ids import PREFIX, bundle_id_of, bundle_key, quarantine_key
from baler.files.bundle.manifest import (
    META_FILE_COUNT,
    META_FORMAT_VERSION,
    META_OLDEST_EVENT,
    META_REFUSAL,
    META_REPLAY,
    META_SHA256,
)
from baler.files.courier.delivery_record import DeliveryId
from baler.store_errors import Unavailable
from runtime.files.courier.ports import DamagedError, GoneError, Parcel, WaitingBundle

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from baler.aws.http.object_body import Body
    from baler.aws.http.s3 import HttpS3, ListedObject, ObjectHead, ObjectList, ObjectRead

# The object is not there, or is another than the one that was listed; the status where S3 sent no document.
_NOT_THAT_ONE: Final = frozenset({"NoSuchKey", "PreconditionFailed", "404", "412"})
# From 128 KiB on the C library gives memory back to the system after each piece, and takes it anew page by page.
_PIECE_BYTES: Final = 96 * 1024
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_METADATA: Final = frozenset({META_SHA256, META_FILE_COUNT, META_FORMAT_VERSION, META_OLDEST_EVENT, META_REPLAY})
# It becomes a header, and part of the receiver's key; those that `baler replay` makes are such.
_REPLAY: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class S3CourierMailbox:
    """The Mailbox port (see runtime/files/courier/ports.py).

    An ETag is the hash of the bytes, so a bundle that a replay put there again has the one that it had before. What is
    meant is therefore told by the time of its put as well, which S3 compares in no condition: it is asked for right
    before, and what remains is the time of one request.

    Args:
        client: of the distribution bucket.
        bucket: its name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: HttpS3, bucket: str, deadline: float = math.inf) -> None:
        self._client = client.until(deadline)
        self._bucket = bucket
        self._deadline = deadline

    def waiting(self) -> Iterator[WaitingBundle]:
        """Yield the bundles in the order of their keys, which is that of their creation, a page when it is needed."""
        token = ""
        while True:
            page = self._page(token)
            for listed in page["Contents"]:
                bundle = _bundle(listed)
                if bundle is not None:
                    yield bundle
            token = page["NextContinuationToken"]
            if not token:
                return

    def open(self, bundle: WaitingBundle) -> Parcel:
        """Ask for a bundle and believe nothing of it: its metadata say what its bytes must be."""

        def get() -> ObjectRead:
            try:
                return self._client.get_object(
                    Bucket=self._bucket, Key=bundle_key(bundle.bundle_id), IfMatch=bundle.etag
                )
            except ClientError as error:
                if code_of(error) not in _NOT_THAT_ONE:
                    raise
                raise GoneError from error

        answer = attempt("read a bundle in the mailbox", get, self._deadline)
        try:
            return _parcel(bundle, answer)
        except BaseException:
            answer["Body"].close()
            raise

    def remove(self, bundle: WaitingBundle) -> None:
        """Delete a bundle unless it is gone, or another was put there meanwhile."""
        if self._found(bundle) is not None:
            self._delete(bundle)

    def quarantine(self, bundle: WaitingBundle, reason: str) -> None:
        """Copy a bundle to the side prefix, with its metadata and the reason beside them, and delete it then.

        A crash in between leaves both; what is set aside once more replaces itself.
        """
        found = self._found(bundle)
        if found is None:
            return
        metadata = {**_metadata_to_keep(found), META_REFUSAL: reason}

        def copy() -> bool:
            try:
                self._client.copy_object(
                    Bucket=self._bucket,
                    Key=quarantine_key(bundle.bundle_id),
                    CopySource={"Bucket": self._bucket, "Key": bundle_key(bundle.bundle_id)},
                    CopySourceIfMatch=bundle.etag,
                    ContentType=CONTENT_TYPE,
                    Metadata=metadata,
                )
            except ClientError as error:
                if code_of(error) not in _NOT_THAT_ONE:
                    raise
                return False
            return True

        if attempt("set a bundle aside", copy, self._deadline):
            self._delete(bundle)

    def _page(self, token: str) -> ObjectList:
        def page() -> ObjectList:
            return self._client.list_objects_v2(Bucket=self._bucket, Prefix=PREFIX, ContinuationToken=token)

        return attempt("list the mailbox", page, self._deadline)

    def _found(self, bundle: WaitingBundle) -> ObjectHead | None:
        """Return what is known of the object, if it is the one that was listed."""

        def head() -> ObjectHead | None:
            try:
                return self._client.head_object(Bucket=self._bucket, Key=bundle_key(bundle.bundle_id))
            except ClientError as error:
                if code_of(error) not in _NOT_THAT_ONE:
                    raise
                return None

        found = attempt("look at a bundle in the mailbox", head, self._deadline)
        if found is None or found["ETag"] != bundle.etag:
            return None
        return found if _is_meant(bundle, found["LastModified"]) else None

    def _delete(self, bundle: WaitingBundle) -> None:
        def delete() -> None:
            try:
                self._client.delete_object(Bucket=self._bucket, Key=bundle_key(bundle.bundle_id), IfMatch=bundle.etag)
            except ClientError as error:
                if code_of(error) not in _NOT_THAT_ONE:
                    raise

        attempt("remove a bundle from the mailbox", delete, self._deadline)


class _PromisedBody:
    """The bytes of a bundle, whose last piece is held back until all of them have the hash that was promised.

    So a bundle whose bytes are others can never be complete on the wire.
    """

    def __init__(self, body: Body, sha256: str) -> None:
        self._body = body
        self._sha256 = sha256

    def __iter__(self) -> Generator[bytes]:
        """Yield the pieces."""
        digest = hashlib.sha256()
        held = b""
        try:
            for piece in self._body.iter_chunks(_PIECE_BYTES):
                digest.update(piece)
                if held:
                    yield held
                held = piece
        except FAILURES as error:
            raise Unavailable(f"read a bundle in the mailbox: {fault_of(error).reason}") from error
        if digest.hexdigest() != self._sha256:
            raise DamagedError("hash-mismatch")
        if held:
            yield held

    def close(self) -> None:
        """Leave off; harmless at the end."""
        self._body.close()


def _bundle(listed: ListedObject) -> WaitingBundle | None:
    """Return the bundle that is listed; None for an object that is none, which the mailbox monitor counts."""
    try:
        bundle_id = bundle_id_of(listed["Key"])
    except ValueError:
        return None
    return WaitingBundle(bundle_id, listed["ETag"], listed["Size"], listed["LastModified"].timestamp())


def _parcel(bundle: WaitingBundle, answer: ObjectRead) -> Parcel:
    headers = answer["Headers"]
    if not _is_meant(bundle, _put_at(headers)):
        raise GoneError
    metadata = metadata_in(headers)
    sha256 = metadata.get(META_SHA256, "")
    file_count = metadata.get(META_FILE_COUNT, "")
    replay_id = metadata.get(META_REPLAY, "")
    if _SHA256.fullmatch(sha256) is None:
        raise DamagedError("no-hash")
    if _COUNT.fullmatch(file_count) is None:
        raise DamagedError("no-file-count")
    if replay_id and _REPLAY.fullmatch(replay_id) is None:
        raise DamagedError("replay-id")
    return Parcel(
        delivery=DeliveryId(bundle.bundle_id, replay_id),
        sha256=sha256,
        file_count=int(file_count),
        size=answer["ContentLength"],
        oldest_event_at=_moment(metadata.get(META_OLDEST_EVENT, "")),
        body=_PromisedBody(answer["Body"], sha256),
    )


def _metadata_to_keep(found: ObjectHead) -> dict[str, str]:
    """Return a bundle's own metadata. A damaged object may have others, which S3 would not take again as they came."""
    return {
        name: value
        for name, value in found["Metadata"].items()
        if name in _METADATA and value.isascii() and value.isprintable()
    }


def _put_at(headers: Mapping[str, str]) -> datetime:
    try:
        return last_modified_in(headers)
    except FAILURES as error:
        raise Unavailable(f"read a bundle in the mailbox: {fault_of(error).reason}") from error


def _is_meant(bundle: WaitingBundle, put_at: datetime) -> bool:
    """Whether an object with the right ETag is the one that was listed; a listing may round the time."""
    return abs(put_at.timestamp() - bundle.put_at) <= 1


def _moment(text: str) -> float | None:
    """Read a time as bundles have it; None where it is missing, as in bundles of earlier versions, or is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.timestamp()
