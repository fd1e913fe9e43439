"""The journal of runs, in the claim table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.aggregator.isolation import JournalEntry
from runtime.aws.claim_table import KEY, TTL
from runtime.aws.faults import unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from runtime.aws.lean.dynamodb import LeanDynamoDb


class DynamoJournal:
    """The Journal port (see runtime/aggregator/isolation.py).

    Args:
        client: boto3's, or the lean one.
        table: the claim table's name.
    """

    def __init__(self, client: DynamoDBClient | LeanDynamoDb, table: str) -> None:
        self._client = client
        self._table = table

    def entry(self, message_id: str) -> JournalEntry | None:
        """Read the entry of a message, strongly consistent."""
        with unavailable("read the journal"):
            item = self._client.get_item(
                TableName=self._table, Key={KEY: {"S": _message_key(message_id)}}, ConsistentRead=True
            ).get("Item")
        if item is None:
            return None
        return JournalEntry(
            message_id=message_id,
            run_id=item["run_id"].get("S", ""),
            run_until=float(item["run_until"].get("N", "0")),
            alone=item["alone"].get("BOOL", False),
            suspect=item["suspect"].get("BOOL", False),
            kills=int(item["kills"].get("N", "0")),
            expires_at=int(item[TTL].get("N", "0")),
        )

    def write(self, entry: JournalEntry) -> None:
        """Replace the entry of a message."""
        with unavailable("write the journal"):
            self._client.put_item(
                TableName=self._table,
                Item={
                    KEY: {"S": _message_key(entry.message_id)},
                    "run_id": {"S": entry.run_id},
                    "run_until": {"N": f"{entry.run_until:.3f}"},
                    "alone": {"BOOL": entry.alone},
                    "suspect": {"BOOL": entry.suspect},
                    "kills": {"N": str(entry.kills)},
                    TTL: {"N": str(entry.expires_at)},
                },
            )

    def has_ended(self, run_id: str) -> bool:
        """Read whether the end of a run was noted, strongly consistent."""
        with unavailable("read the journal"):
            found = self._client.get_item(
                TableName=self._table, Key={KEY: {"S": _run_key(run_id)}}, ConsistentRead=True
            )
        return "Item" in found

    def end(self, run_id: str, expires_at: int) -> None:
        """Note the end of a run."""
        with unavailable("note the end of a run"):
            self._client.put_item(
                TableName=self._table, Item={KEY: {"S": _run_key(run_id)}, TTL: {"N": str(expires_at)}}
            )


def _message_key(message_id: str) -> str:
    return f"crash#{message_id}"


def _run_key(run_id: str) -> str:
    return f"run#{run_id}"
