"""The journal of runs, in the claim table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.files.aws.claim_items import KEY, TTL
from runtime.files.aggregator.isolation import JournalEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from baler.aws.http.dynamodb import HttpDynamoDb


class DynamoJournal:
    """The Journal port (see runtime/files/aggregator/isolation.py).

    Args:
        client: `baler.aws.http`'s.
        table: the claim table's name.
        deadline: when its calls must be over, seconds since the epoch.
    """

    def __init__(self, client: HttpDynamoDb, table: str, deadline: float = math.inf) -> None:
        self._client = until(client, deadline)
        self._table = table
        self._deadline = deadline

    def entry(self, message_id: str) -> JournalEntry | None:
        """Read the entry of a message, strongly consistent."""
        item = self._read(_message_key(message_id))
        if item is None:
            return None
        return JournalEntry(
            message_id=message_id,
            run_id=item["run_id"].get("S", ""),
            hidden_until=float(item["hidden_until"].get("N", "0")),
            alone=item["alone"].get("BOOL", False),
            suspect=item["suspect"].get("BOOL", False),
            kills=int(item["kills"].get("N", "0")),
            expires_at=int(item[TTL].get("N", "0")),
        )

    def write(self, entry: JournalEntry) -> None:
        """Replace the entry of a message."""
        self._write(
            {
                KEY: {"S": _message_key(entry.message_id)},
                "run_id": {"S": entry.run_id},
                "hidden_until": {"N": f"{entry.hidden_until:.3f}"},
                "alone": {"BOOL": entry.alone},
                "suspect": {"BOOL": entry.suspect},
                "kills": {"N": str(entry.kills)},
                TTL: {"N": str(entry.expires_at)},
            }
        )

    def has_ended(self, run_id: str) -> bool:
        """Read whether the end of a run was noted, strongly consistent."""
        return self._read(_run_key(run_id)) is not None

    def end(self, run_id: str, expires_at: int) -> None:
        """Note the end of a run."""
        self._write({KEY: {"S": _run_key(run_id)}, TTL: {"N": str(expires_at)}})

    def _read(self, key: str) -> Mapping[str, AttributeValueTypeDef] | None:
        def get() -> Mapping[str, AttributeValueTypeDef] | None:
            return self._client.get_item(TableName=self._table, Key={KEY: {"S": key}}, ConsistentRead=True).get("Item")

        return attempt("read the journal", get, self._deadline)

    def _write(self, item: Mapping[str, AttributeValueTypeDef]) -> None:
        attempt("write the journal", lambda: self._client.put_item(TableName=self._table, Item=item), self._deadline)


def _message_key(message_id: str) -> str:
    return f"crash#{message_id}"


def _run_key(run_id: str) -> str:
    return f"run#{run_id}"
