"""The secret that signs `lastKey`: an item of the table of sources, made by whoever needs it first.

No name of a source begins with "#". To put another one in its place, delete the item and roll the function out anew:
each process keeps what it has read.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.faults import code_of
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from baler.aws.http.dynamodb import HttpDynamoDb

KEY: Final = "source"
"""The partition key of the table."""
PAGING_KEY: Final = "#paging-key"
"""Key of the item."""

_SECRET: Final = "secret"  # noqa: S105 - the attribute's name
_BYTES: Final = 32
_REFUSED: Final = "ConditionalCheckFailedException"


class DynamoPagingKey:
    """Keeps the key for the process; `until` gives the PagingKey port (see runtime/lake/api/ports.py).

    Args:
        client: of DynamoDB, whose answers have binary values in base64.
        table: the name of the table of sources.
    """

    def __init__(self, client: HttpDynamoDb, table: str) -> None:
        self._client = client
        self._table = table
        self._kept = b""

    def until(self, deadline: float) -> BoundPagingKey:
        """Return it for one request, which ends by then (seconds since the epoch)."""
        return BoundPagingKey(self, deadline)

    def read_by(self, deadline: float) -> bytes:
        """Return the key.

        Raises:
            Unavailable: the table did not answer in time, or has no key that is one.
        """
        if not self._kept:
            key = self._found(deadline) or self._made(deadline)
            if len(key) != _BYTES:  # somebody put another item there, or took it away: nothing is signed with less
                raise Unavailable("the key of paging is not what it must be")
            self._kept = key
        return self._kept

    def _found(self, deadline: float) -> bytes:
        client = self._client.until(deadline)

        def read() -> bytes:
            answer = client.get_item(TableName=self._table, Key={KEY: {"S": PAGING_KEY}}, ConsistentRead=True)
            return base64.b64decode(answer["Item"][_SECRET]["B"]) if "Item" in answer else b""

        return attempt("read the key of paging", read, deadline)

    def _made(self, deadline: float) -> bytes:
        client = self._client.until(deadline)
        made = secrets.token_bytes(_BYTES)

        def put() -> None:
            try:
                client.put_item(
                    TableName=self._table,
                    Item={KEY: {"S": PAGING_KEY}, _SECRET: {"B": base64.b64encode(made).decode()}},
                    ConditionExpression="attribute_not_exists(#key)",
                    ExpressionAttributeNames={"#key": KEY},
                )
            except ClientError as error:
                if code_of(error) != _REFUSED:
                    raise

        attempt("put the key of paging", put, deadline)
        # Whose it is, ours or that of a function that was faster: what is there now stays.
        return self._found(deadline)


@dataclass(frozen=True, slots=True)
class BoundPagingKey:
    """See `DynamoPagingKey.until`."""

    _keeper: DynamoPagingKey
    _deadline: float

    def read(self) -> bytes:
        """See the port."""
        return self._keeper.read_by(self._deadline)
