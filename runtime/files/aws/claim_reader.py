"""The claim table, read a hundred items at a time."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

from baler.aws.attempts import unavailable
from baler.files.aws.claim_table import KEY, claim_in, record_in
from baler.files.claims.model import partition_key, record_key, rejection_key
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.files.claims.model import BundleRecord, Claim

# DynamoDB takes so many keys in one call (API reference, BatchGetItem).
_CALL_MAX: Final = 100
# Keys that DynamoDB left out are asked for again, after at most 0.1, 0.2, 0.4 … seconds.
_TRIES: Final = 7
_FIRST_PAUSE_SECONDS: Final = 0.1


class DynamoClaimReader:
    """The ClaimReader port (see runtime/files/reconciliation/ports.py).

    One call at a time, on purpose: that is 5,000 to 10,000 read units a second at the very most, less than the 12,000
    that a new table without provisioned capacity takes (DynamoDB developer guide, "On-demand capacity mode").

    Args:
        client: a DynamoDB client.
        table: the table's name.
        sleep: waits for so many seconds.
    """

    def __init__(self, client: DynamoDBClient, table: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def claims(self, identities: Collection[str]) -> Mapping[str, Claim]:
        """Return the claims on files, by the identity of the file."""
        return {
            identity: claim_in(item, identity)
            for item, identity in self._items({partition_key(identity): identity for identity in identities})
        }

    def bundles(self, bundle_ids: Collection[str]) -> Mapping[str, BundleRecord]:
        """Return the records of bundles, by bundle id."""
        return {
            bundle_id: record_in(item, bundle_id)
            for item, bundle_id in self._items({record_key(bundle_id): bundle_id for bundle_id in bundle_ids})
        }

    def rejected(self, identities: Collection[str]) -> Collection[str]:
        """Return which of the files are known to be among the dead letters."""
        return {identity for _, identity in self._items({rejection_key(identity): identity for identity in identities})}

    def _items(self, by_key: Mapping[str, str]) -> Iterator[tuple[Mapping[str, AttributeValueTypeDef], str]]:
        """Yield the items that are under the keys, each with what its key stands for."""
        keys = list(by_key)
        for start in range(0, len(keys), _CALL_MAX):
            for item in self._batch([{KEY: {"S": key}} for key in keys[start : start + _CALL_MAX]]):
                yield item, by_key[item[KEY].get("S", "")]

    def _batch(self, keys: list[dict[str, AttributeValueTypeDef]]) -> Iterator[Mapping[str, AttributeValueTypeDef]]:
        """Read up to a hundred items; DynamoDB may answer for some of them only, and then says which are left."""
        wanted = keys
        for tries in range(_TRIES):
            with unavailable("read claims"):
                answer = self._client.batch_get_item(
                    RequestItems={self._table: {"Keys": wanted, "ConsistentRead": True}}
                )
            yield from answer["Responses"].get(self._table, [])
            left = answer["UnprocessedKeys"].get(self._table)
            if not left:
                return
            wanted = [dict(key) for key in left["Keys"]]  # pyright: ignore[reportArgumentType]  # answered as they were asked
            self._sleep(random.uniform(0, _FIRST_PAUSE_SECONDS * 2**tries))  # noqa: S311 - spreads tries
        raise Unavailable(f"read claims: DynamoDB left {len(wanted)} items out, {_TRIES} times")
