"""New receipts in the courier's table: bundles that the receiver has acknowledged, as they come."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from baler.files.aws.courier_table import KEY
from baler.files.courier.delivery_record import DeliveryId
from loadtest.bundles import BundleWatch, FoundBundle
from sandbox.courier import record_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from baler.files.bundle.manifest import Manifest

# DynamoDB's limit for one request.
_ASKED_AT_ONCE: Final = 100


class ReceiptWatch:
    """Finds the bundles that were acknowledged, each once. What is in them is read in the archive.

    Args:
        s3: a client.
        dynamodb: another.
        archive: the bucket's name.
        table: the courier's.
        since: seconds since the epoch: bundles of older attempts are not looked at.
    """

    def __init__(self, s3: S3Client, dynamodb: DynamoDBClient, archive: str, table: str, since: float) -> None:
        self._archive = BundleWatch(s3, archive, since)
        self._dynamodb = dynamodb
        self._table = table
        self._waiting: dict[str, Manifest] = {}

    @property
    def seen(self) -> set[str]:
        """Keys of what was found in the archive."""
        return self._archive.seen

    @property
    def vanished(self) -> int:
        """How many were taken from the archive while they were looked at."""
        return self._archive.vanished

    @property
    def broken(self) -> list[str]:
        """Keys of those that are not bundles, or not the bytes that their metadata says."""
        return self._archive.broken

    @property
    def waiting(self) -> int:
        """How many bundles were found that have no receipt yet."""
        return len(self._waiting)

    def look(self, now: float, *, everything: bool) -> Iterator[FoundBundle]:
        """Yield the bundles that have a new receipt; see `BundleWatch.look`."""
        for bundle in self._archive.look(now, everything=everything):
            self._waiting[bundle.manifest.bundle_id] = bundle.manifest
        bundle_ids = iter(tuple(self._waiting))
        while asked := list(islice(bundle_ids, _ASKED_AT_ONCE)):
            for bundle_id, at in self._receipts(asked):
                yield FoundBundle(self._waiting.pop(bundle_id), at)

    def _receipts(self, bundle_ids: list[str]) -> Iterator[tuple[str, float]]:
        names = {record_key(DeliveryId(bundle_id)): bundle_id for bundle_id in bundle_ids}
        keys: list[Any] = [{KEY: {"S": name}} for name in names]
        answer = self._dynamodb.batch_get_item(RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}})
        # What it did not get round to is asked for again by the next look.
        for item in answer["Responses"].get(self._table, []):
            if "delivered_at" in item:
                yield names[item[KEY].get("S", "")], float(item["delivered_at"].get("N", "0"))
