"""The claim table, read a hundred items at a time."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

from runtime.aws.attempts import unavailable
from runtime.aws.claim_table import KEY, TTL
from runtime.claims.model import BundleRecord, BundleState, Claim, partition_key
from runtime.claims.ports import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# DynamoDB takes so many keys in one call (API reference, BatchGetItem).
_CALL_MAX: Final = 100
# Keys that DynamoDB left out are asked for again, after at most 0.1, 0.2, 0.4 … seconds.
_TRIES: Final = 7
_FIRST_PAUSE_SECONDS: Final = 0.1


class DynamoClaimReader:
    """The ClaimReader port (see runtime/reconciliation/ports.py).

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
        by_key = {partition_key(identity): identity for identity in identities}
        return {
            identity: Claim(
                identity, _text(item, "bundle_id"), float(_number(item, "lease_until")), int(_number(item, TTL))
            )
            for item in self._items(list(by_key))
            for identity in (by_key[_text(item, KEY)],)
        }

    def bundles(self, bundle_ids: Collection[str]) -> Mapping[str, BundleRecord]:
        """Return the records of bundles, by bundle id."""
        by_key = {f"bundle#{bundle_id}": bundle_id for bundle_id in bundle_ids}
        return {
            bundle_id: BundleRecord(bundle_id, BundleState(_text(item, "state")), int(_number(item, TTL)))
            for item in self._items(list(by_key))
            for bundle_id in (by_key[_text(item, KEY)],)
        }

    def rejected(self, identities: Collection[str]) -> Collection[str]:
        """Return which of the files are known to be among the dead letters."""
        by_key = {f"rejected#{partition_key(identity)}": identity for identity in identities}
        return {by_key[_text(item, KEY)] for item in self._items(list(by_key))}

    def _items(self, keys: list[str]) -> Iterator[Mapping[str, AttributeValueTypeDef]]:
        for start in range(0, len(keys), _CALL_MAX):
            yield from self._batch([{KEY: {"S": key}} for key in keys[start : start + _CALL_MAX]])

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


def _text(item: Mapping[str, AttributeValueTypeDef], name: str) -> str:
    return item[name].get("S", "")


def _number(item: Mapping[str, AttributeValueTypeDef], name: str) -> str:
    return item[name].get("N", "0")
