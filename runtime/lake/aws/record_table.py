"""Records and counters in DynamoDB."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from baler.aws.attempts import attempt
from baler.aws.deadline import until
from baler.aws.faults import code_of
from baler.lake.aws.record_items import (
    CAPTURED_AT,
    CHANGED_AT,
    EXPIRES_AT,
    FINGERPRINT,
    GENERATION,
    ID,
    OTHER_SEEN,
    SEEN,
    is_over,
)
from baler.lake.retention import FOR_EVER
from runtime.lake.aws.batch_reads import KEYS_AT_ONCE, read_items
from runtime.lake.aws.record_writes import (
    WriteTime,
    as_known,
    as_stamped,
    cancelled,
    known_in,
    record_item,
    transaction_items,
)
from runtime.lake.curation.transaction import InvalidTransaction, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from baler.aws.http.dynamodb import HttpDynamoDb
    from baler.lake.retention import Retention
    from runtime.lake.curation.sighting import Known, Sighting
    from runtime.lake.curation.transaction import Cancelled, Transaction

_WAIT_SECONDS: Final = 0.1
_CANCELLED: Final = "TransactionCanceledException"
_INVALID: Final = "ValidationException"
# What a write outside of transactions is refused with.
_SINGLE: Final = {"ConditionalCheckFailedException": Reason.RACED, _INVALID: Reason.INVALID}
_AT_ONCE: Final = 8
_COMPARED: Final = (ID, FINGERPRINT, SEEN, CHANGED_AT, GENERATION, OTHER_SEEN, CAPTURED_AT, EXPIRES_AT)
_ASKED: Final = {
    "ConsistentRead": True,
    "ProjectionExpression": ", ".join(f"#{name}" for name in _COMPARED),
    "ExpressionAttributeNames": {f"#{name}": name for name in _COMPARED},
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The two tables.

    Attributes:
        records, counters: their names.
        retention: of what is in them. A record that is over is as good as gone, whether DynamoDB has deleted it or not.
    """

    records: str
    counters: str
    retention: Retention = FOR_EVER


class DynamoRecordTable:
    """The RecordTable port (see runtime/lake/curation/ports.py).

    Args:
        client: boto3's, or `baler.aws.http`'s.
        tables: the two tables.
        deadline: when its calls must be over, seconds since the epoch.
        clock: the time, seconds since the epoch; asked once. What is written then is the same in every try.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        client: DynamoDBClient | HttpDynamoDb,
        tables: Tables,
        deadline: float = math.inf,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        # Both have the same calls, but boto3's types know only literal arguments.
        self._client: Any = until(client, deadline)
        self._tables = tables
        self._deadline = deadline
        self._time = WriteTime(datetime.fromtimestamp(clock(), UTC), tables.retention)
        self._sleep = sleep

    def read(self, ids: Collection[str]) -> Mapping[str, Known]:
        """Read records by hundreds, consistently; one that is over is not there."""
        names = sorted(ids)
        now = self._time.now.timestamp()
        found: dict[str, Known] = {}
        for start in range(0, len(names), KEYS_AT_ONCE):
            keys = [{ID: {"S": each}} for each in names[start : start + KEYS_AT_ONCE]]
            items = read_items(
                self._client,
                self._tables.records,
                keys,
                _ASKED,
                deadline=self._deadline,
                first_wait_seconds=_WAIT_SECONDS,
                sleep=self._sleep,
            )
            found |= {each[ID]["S"]: known_in(each) for each in items if not is_over(each, now)}
        return found

    def transact(self, transaction: Transaction) -> Cancelled | None:
        """Do a transaction by its name. It is tried once: who asks repeats it, and knows when."""
        items = transaction_items(transaction, self._tables.records, self._tables.counters, self._time)

        def write() -> Cancelled | None:
            try:
                self._client.transact_write_items(TransactItems=items, ClientRequestToken=transaction.token)
            except ClientError as error:
                if code_of(error) == _CANCELLED:
                    reasons: Any = error.response.get("CancellationReasons", [])
                    return cancelled(reasons, len(transaction.writes))
                if code_of(error) == _INVALID:
                    raise InvalidTransaction(_INVALID) from error
                raise
            return None

        return attempt("write records and counts", write, self._deadline, 1)

    def replace(self, changes: Sequence[tuple[Sighting, Known]]) -> Mapping[str, Reason]:
        """Put records, each by a call of its own, some at once."""
        return _undone(changes, self._replace)

    def stamp(self, changes: Sequence[tuple[Sighting, Known]]) -> Mapping[str, Reason]:
        """Update records, each by a call of its own, some at once."""
        return _undone(changes, self._stamp)

    def _replace(self, sighting: Sighting, known: Known) -> Reason:
        item = record_item(sighting, known.after(sighting), self._time)
        return self._write(
            "replace a record",
            lambda: self._client.put_item(TableName=self._tables.records, Item=item, **as_known(known)),
        )

    def _stamp(self, sighting: Sighting, known: Known) -> Reason:
        after = known.after(sighting)
        newest = sighting.raw_s3_key if after.seen != known.seen else None
        request = as_stamped(known, after, self._time, newest)
        return self._write(
            "stamp a record", lambda: self._client.update_item(TableName=self._tables.records, **request)
        )

    def _write(self, what: str, call: Callable[[], object]) -> Reason:
        """Write on condition; where it does not hold, an earlier try may have written."""

        def write() -> Reason:
            try:
                call()
            except ClientError as error:
                if (reason := _SINGLE.get(code_of(error))) is None:
                    raise
                return reason
            return Reason.NONE

        return attempt(what, write, self._deadline)


def _undone(changes: Sequence[tuple[Sighting, Known]], write: Callable[[Sighting, Known], Reason]) -> dict[str, Reason]:
    """Write changes, some at once; return why some are not written. An error is raised when all have ended."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        reasons = list(pool.map(write, [each for each, _ in changes], [known for _, known in changes]))
    pairs = zip(changes, reasons, strict=True)
    return {sighting.id: reason for (sighting, _), reason in pairs if reason is not Reason.NONE}
