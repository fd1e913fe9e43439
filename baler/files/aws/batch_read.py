"""Items of a table by their keys, a hundred at a time, strongly consistent."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

from baler.aws.attempts import unavailable
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# DynamoDB takes so many keys in one call (API reference, BatchGetItem).
_CALL_MAX: Final = 100
# Keys that DynamoDB left out are asked for again, after at most 0.1, 0.2, 0.4 … seconds.
_TRIES: Final = 7
_FIRST_PAUSE_SECONDS: Final = 0.1


class BatchRead:
    """Reads a table whose key is one text attribute.

    One call at a time, on purpose: that is 5,000 to 10,000 read units a second at the very most, less than the 12,000
    that a new table without provisioned capacity takes (DynamoDB developer guide, "On-demand capacity mode").

    Args:
        client: a DynamoDB client.
        table: the table's name.
        key: the name of its key.
        what: is being read, for the message of an error: "read claims".
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        key: str,
        what: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._key = key
        self._what = what
        self._sleep = sleep

    def items(self, keys: Sequence[str]) -> Iterator[tuple[str, Mapping[str, AttributeValueTypeDef]]]:
        """Yield the items that are under the keys, each behind its key; what is not there is left out.

        Raises:
            Unavailable: DynamoDB did not answer, or not for all of them.
        """
        for start in range(0, len(keys), _CALL_MAX):
            for item in self._batch([{self._key: {"S": key}} for key in keys[start : start + _CALL_MAX]]):
                yield item[self._key].get("S", ""), item

    def _batch(self, keys: list[dict[str, AttributeValueTypeDef]]) -> Iterator[Mapping[str, AttributeValueTypeDef]]:
        """Read up to a hundred items; DynamoDB may answer for some of them only, and then says which are left."""
        wanted = keys
        for tries in range(_TRIES):
            with unavailable(self._what):
                answer = self._client.batch_get_item(
                    RequestItems={self._table: {"Keys": wanted, "ConsistentRead": True}}
                )
            yield from answer["Responses"].get(self._table, [])
            left = answer["UnprocessedKeys"].get(self._table)
            if not left:
                return
            wanted = [dict(key) for key in left["Keys"]]  # pyright: ignore[reportArgumentType]  # answered as they were asked
            self._sleep(random.uniform(0, _FIRST_PAUSE_SECONDS * 2**tries))  # noqa: S311 - spreads tries
        raise Unavailable(f"{self._what}: DynamoDB left {len(wanted)} items out, {_TRIES} times")
