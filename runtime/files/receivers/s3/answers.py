"""What a store's answers mean, beyond the class of their status.

Stores agree on the class of a status, and hardly on more: a full disk is 500 on one and 507 on the next, an unknown
access key 403 or 404, a condition that failed 412 or 409. So error codes are not read, and 404, 409 and 412 are asked
after (see `receiver`). docs/s3-stores.md has the table.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from baler.files.bundle.manifest import META_SHA256
from runtime.files.receivers.s3.requests import CHECKSUM, META, META_DOCUMENTED_SHA256

if TYPE_CHECKING:
    from runtime.files.courier.ports import Parcel
    from runtime.files.receivers.http.connections import Reply

ANOTHER_OBJECT: Final = "another-object-is-there"
"""Under the bundle's key, with other bytes. It is never replaced."""
ERROR_IN_SUCCESS: Final = "error-in-a-success"
"""A 200 whose body says that it failed, as S3 may answer what takes long."""
GONE_AFTER_PUT: Final = "not-there-after-the-put"
"""The store took it and does not have it."""
WITHOUT_HASH: Final = "kept-without-its-hash"
"""The size is right, and the store, or something before it, dropped the metadata."""
NO_BUCKET: Final = "no-such-bucket"
UNKNOWN_KEY: Final = "unknown-access-key"
"""404 to all that we sign, and a refusal to what nobody signed."""
CONDITION_WITHOUT_OBJECT: Final = "refused-though-nothing-is-there"
"""The store says that the key is taken, and has nothing there: a delete marker, or a folder of that name."""


def difference(head: Reply, parcel: Parcel) -> str:
    """Compare what a HEAD found with what was to be there; "" where it is the same, else the reason for people.

    Size and hash must be the same: the hash of the metadata and, where the store tells it, its own of the bytes.
    """
    if _header(head, "content-length") != str(parcel.size):
        return ANOTHER_OBJECT
    told = {_header(head, f"{META}{name}").lower() for name in (META_DOCUMENTED_SHA256, META_SHA256)} - {""}
    checksum = _header(head, CHECKSUM)
    if checksum and "-" not in checksum:  # else of the checksums of parts
        told.add(_hexadecimal(checksum))
    if not told:
        return WITHOUT_HASH
    return "" if told == {parcel.sha256} else ANOTHER_OBJECT


def _header(reply: Reply, name: str) -> str:
    return reply.headers.get(name.encode(), b"").decode("latin-1").strip()


def _hexadecimal(checksum: str) -> str:
    try:
        return base64.b64decode(checksum, validate=True).hex()
    except ValueError:
        return "ill-formed"
