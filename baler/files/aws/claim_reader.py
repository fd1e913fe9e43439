"""The claim table, read many items at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from baler.files.aws.batch_read import BatchRead
from baler.files.aws.claim_items import KEY, claim_in, record_in
from baler.files.claims.model import partition_key, record_key, rejection_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.files.claims.model import BundleRecord, Claim


class DynamoClaimReader:
    """The ClaimReader port (see baler/files/reconciliation/ports.py).

    Args:
        client: a DynamoDB client.
        table: the table's name.
        sleep: waits for so many seconds.
    """

    def __init__(self, client: DynamoDBClient, table: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._read = BatchRead(client, table, KEY, "read claims", sleep)

    def claims(self, identities: Collection[str]) -> Mapping[str, Claim]:
        """Return the claims on files, by the identity of the file."""
        return {
            identity: claim_in(item, identity)
            for identity, item in self._items({partition_key(identity): identity for identity in identities})
        }

    def bundles(self, bundle_ids: Collection[str]) -> Mapping[str, BundleRecord]:
        """Return the records of bundles, by bundle id."""
        return {
            bundle_id: record_in(item, bundle_id)
            for bundle_id, item in self._items({record_key(bundle_id): bundle_id for bundle_id in bundle_ids})
        }

    def rejections(self, identities: Collection[str]) -> Mapping[str, str]:
        """Return why files are known to be among the dead letters, by the identity of the file."""
        return {
            identity: item.get("reason", {}).get("S", "")
            for identity, item in self._items({rejection_key(identity): identity for identity in identities})
        }

    def _items(self, by_key: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, AttributeValueTypeDef]]]:
        """Yield the items that are under the keys, each behind what its key stands for."""
        for key, item in self._read.items(list(by_key)):
            yield by_key[key], item
