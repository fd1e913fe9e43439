"""Runs with a single record, in the protocol's table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.events.aws.progress_items import TTL, run_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.aws.http.dynamodb import HttpDynamoDb
    from baler.events.stream.shard_key import ShardKey

_LIFETIME_SECONDS: Final = 8 * 86_400
"""Each attempt begins it anew. Where more lies between two of them, a record that kills holds its shard a little
longer."""
_RUNS: Final = "runs"


class DynamoRunTable:
    """The RunTable port (see runtime/events/processor/ports.py). A set is what makes repeated calls harmless.

    The crash counter lives as long as its process, and its timer calls from another thread. So the deadline is asked
    for at each call.

    Args:
        client: `baler.aws.http`'s.
        table: the table's name.
        deadline: returns when calls must be over, seconds since the epoch.
        clock: the time, seconds since the epoch.
    """

    def __init__(
        self,
        client: HttpDynamoDb,
        table: str,
        deadline: Callable[[], float],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._table = table
        self._deadline = deadline
        self._clock = clock

    def begin(self, shard: ShardKey, sequence_number: str, run_id: str) -> int:
        """Add a run; the answer holds those that were there."""
        item = self._update("note a run", "ADD", shard, sequence_number, run_id)
        return len(set(item.get(_RUNS, {}).get("SS", [])) - {run_id})

    def end(self, shard: ShardKey, sequence_number: str, run_id: str) -> None:
        """Remove a run; where none was noted, an item without runs is left, which expires."""
        self._update("note the end of a run", "DELETE", shard, sequence_number, run_id)

    def _update(self, what: str, verb: str, shard: ShardKey, sequence_number: str, run_id: str) -> dict[str, Any]:
        deadline = self._deadline()
        client = until(self._client, deadline)
        expires_at = str(int(self._clock()) + _LIFETIME_SECONDS)

        def update() -> dict[str, Any]:
            answer = client.update_item(
                TableName=self._table,
                Key=run_key(shard, sequence_number),
                UpdateExpression=f"{verb} #runs :run SET #expires = :expires",
                ExpressionAttributeNames={"#runs": _RUNS, "#expires": TTL},
                ExpressionAttributeValues={":run": {"SS": [run_id]}, ":expires": {"N": expires_at}},
                ReturnValues="ALL_NEW",
            )
            return answer.get("Attributes", {})

        return attempt(what, update, deadline)
