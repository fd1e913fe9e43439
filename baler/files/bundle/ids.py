"""Bundle ids and the object keys that follow from one.

An id sorts by the time of its creation and is unique per attempt: `20261120T090102345Z-9f86d081884c7d65`.
The same key holds the bundle in the archive and in the mailbox, so that knowing the id is knowing both places. The
archive also has the bundle's manifest, under a key of its own: the index that tells which bundle holds a file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

PREFIX: Final = "bundles/"
SUFFIX: Final = ".tar.gz"
QUARANTINE_PREFIX: Final = "quarantine/"
INDEX_PREFIX: Final = "manifests/"
INDEX_SUFFIX: Final = ".json.gz"
ENTROPY_BYTES: Final = 8

_ID = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T\d{9}Z-[0-9a-f]{16}")


def new_bundle_id(now: float, entropy: bytes) -> str:
    """Make the id of a new bundle.

    Args:
        now: seconds since the epoch.
        entropy: ENTROPY_BYTES random bytes: what tells two attempts of one millisecond apart.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"a bundle id takes {ENTROPY_BYTES} random bytes, not {len(entropy)}")
    moment = datetime.fromtimestamp(now, UTC)
    return f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}Z-{entropy.hex()}"


def creation_time(bundle_id: str) -> datetime:
    """Return when the attempt began that made a bundle's id, UTC.

    Raises:
        ValueError: the id is not a bundle id.
    """
    if _ID.fullmatch(bundle_id) is None:
        raise ValueError(f"not a bundle id: {bundle_id!r}")
    stamp, _, _ = bundle_id.partition("Z")
    return datetime.strptime(f"{stamp}000", "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)


def bundle_key(bundle_id: str) -> str:
    """Return the object key of a bundle, the same in the archive and in the mailbox.

    Raises:
        ValueError: the id is not a bundle id.
    """
    return f"{PREFIX}{_below_its_day(bundle_id)}{SUFFIX}"


def manifest_key(bundle_id: str) -> str:
    """Return the object key of a bundle's entry in the archive's index.

    Raises:
        ValueError: the id is not a bundle id.
    """
    return f"{INDEX_PREFIX}{_below_its_day(bundle_id)}{INDEX_SUFFIX}"


def quarantine_key(bundle_id: str) -> str:
    """Return the key in the mailbox of a bundle that its receiver refused, out of the way of the others.

    Raises:
        ValueError: the id is not a bundle id.
    """
    return f"{QUARANTINE_PREFIX}{_below_its_day(bundle_id)}{SUFFIX}"


def quarantined_bundle_id(key: str) -> str:
    """Return the id of the bundle that lies under a key of the quarantine.

    Raises:
        ValueError: no quarantined bundle can lie under that key.
    """
    bundle_id = key.rpartition("/")[2].removesuffix(SUFFIX)
    if _ID.fullmatch(bundle_id) is None or quarantine_key(bundle_id) != key:
        raise ValueError(f"not the key of a quarantined bundle: {key!r}")
    return bundle_id


def bundle_id_of(key: str) -> str:
    """Return the id of the bundle that lies under an object key.

    Raises:
        ValueError: no bundle can lie under that key.
    """
    bundle_id = key.rpartition("/")[2].removesuffix(SUFFIX)
    if _ID.fullmatch(bundle_id) is None or bundle_key(bundle_id) != key:
        raise ValueError(f"not the key of a bundle: {key!r}")
    return bundle_id


def indexed_bundle_id(key: str) -> str:
    """Return the id of the bundle whose manifest lies under a key of the index.

    Raises:
        ValueError: no manifest can lie under that key.
    """
    bundle_id = key.rpartition("/")[2].removesuffix(INDEX_SUFFIX)
    if _ID.fullmatch(bundle_id) is None or manifest_key(bundle_id) != key:
        raise ValueError(f"not the key of a manifest: {key!r}")
    return bundle_id


def _below_its_day(bundle_id: str) -> str:
    match = _ID.fullmatch(bundle_id)
    if match is None:
        raise ValueError(f"not a bundle id: {bundle_id!r}")
    return f"{match['year']}/{match['month']}/{match['day']}/{bundle_id}"
