"""Records as the API reads them: keys from the index, and what they stand for from the table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.lake.aws.record_items import CAPTURED_AT, DOCUMENT, ID, SOURCE
from baler.lake.document import Number
from baler.store_errors import Refused
from runtime.lake.api.ports import Place, StoredRecord
from runtime.lake.api.record import COMMON

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from concurrent.futures import Executor, Future

    from baler.aws.http.dynamodb import HttpDynamoDb
    from runtime.lake.api.ports import Span

INDEX: Final = "SourceIndex"
"""By source and `captured_at`; it has keys alone."""

_EXPIRES_AT: Final = "expires_at"
# Before and behind every time, as texts sort.
_BEFORE_ALL: Final = "0"
_BEHIND_ALL: Final = "9999-12-31T23:59:59Z"
_KEYS_AT_ONCE: Final = 100
"""BatchGetItem takes no more; nor does it answer with more than 16 MB."""
_READS_MAX: Final = 8
_WAIT_SECONDS: Final = 0.05

_Page = tuple[list["Place"], dict[str, Any] | None]


class DynamoRecords:
    """The Records port (see runtime/lake/api/ports.py).

    Args:
        client: of DynamoDB.
        table: the table's name.
        deadline: when its calls must be over, seconds since the epoch.
        pool: asks several sources, or for more than a hundred records, at the same time.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        client: HttpDynamoDb,
        table: str,
        deadline: float,
        pool: Executor,
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._client = client.until(deadline)
        self._table = table
        self._deadline = deadline
        self._pool = pool
        self._sleep = sleep

    def places(self, source: str, span: Span, at_once: int) -> Iterator[Place]:
        """Ask the index at once, and for more when that is used up."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": INDEX,
            "KeyConditionExpression": "#source = :source AND #captured BETWEEN :oldest AND :newest",
            "ExpressionAttributeNames": {"#source": SOURCE, "#captured": CAPTURED_AT},
            "ExpressionAttributeValues": {
                ":source": {"S": source},
                ":oldest": {"S": span.oldest or _BEFORE_ALL},
                ":newest": {"S": span.newest or _BEHIND_ALL},
            },
            "ScanIndexForward": False,
            "Limit": at_once,
        }
        if span.after is not None:
            request["ExclusiveStartKey"] = {
                SOURCE: {"S": span.after.source},
                CAPTURED_AT: {"S": span.after.captured_at},
                ID: {"S": span.after.id},
            }
        return self._behind(request, self._pool.submit(self._query, request))

    def read(self, ids: Collection[str], fields: Collection[str]) -> Mapping[str, StoredRecord]:
        """Read records by hundreds, without their documents.

        Consistently: the index names a record as soon as it is written, and a replica that lags would hide it from this
        walk for good.
        """
        names = {f"#a{place}": name for place, name in enumerate((ID, SOURCE, _EXPIRES_AT, *COMMON, *sorted(fields)))}
        asked = {
            "ConsistentRead": True,
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
        }
        keys = [{ID: {"S": each}} for each in dict.fromkeys(ids)]
        parts = [keys[start : start + _KEYS_AT_ONCE] for start in range(0, len(keys), _KEYS_AT_ONCE)]
        if len(parts) == 1:
            return self._read(parts[0], asked)
        found: dict[str, StoredRecord] = {}
        for part in self._pool.map(self._read, parts, [asked] * len(parts)):
            found |= part
        return found

    def get(self, record_id: str) -> StoredRecord | None:
        """Read a record, document included."""
        answer = attempt(
            "read a record",
            lambda: self._client.get_item(TableName=self._table, Key={ID: {"S": record_id}}, ConsistentRead=True),
            self._deadline,
        )
        item = answer.get("Item")
        return None if item is None else _record(item)

    def _behind(self, request: dict[str, Any], first: Future[_Page]) -> Iterator[Place]:
        places, start = first.result()
        yield from places
        while start is not None:
            places, start = self._query({**request, "ExclusiveStartKey": start})
            yield from places

    def _query(self, request: dict[str, Any]) -> _Page:
        answer = attempt("query the index of records", lambda: self._client.query(**request), self._deadline)
        places = [Place(each[SOURCE]["S"], each[CAPTURED_AT]["S"], each[ID]["S"]) for each in answer["Items"]]
        return places, answer.get("LastEvaluatedKey")

    def _read(self, keys: list[dict[str, Any]], asked: Mapping[str, Any]) -> dict[str, StoredRecord]:
        """Read a hundred at most; what DynamoDB leaves for later is asked for again."""
        found: dict[str, StoredRecord] = {}
        for number in range(_READS_MAX):
            request = {self._table: {"Keys": keys, **asked}}
            answer = attempt(
                "read records", lambda r=request: self._client.batch_get_item(RequestItems=r), self._deadline
            )
            for item in answer.get("Responses", {}).get(self._table, []):
                record = _record(item)
                found[record.id] = record
            keys = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            if not keys:
                return found
            wait = _WAIT_SECONDS * 2**number
            if time.time() + wait >= self._deadline:
                break
            self._sleep(wait)
        raise Refused("read records: DynamoDB leaves some for later", "UnprocessedKeys")


def _record(item: Mapping[str, Any]) -> StoredRecord:
    expires_at = item.get(_EXPIRES_AT)
    document = item.get(DOCUMENT)
    return StoredRecord(
        id=item[ID]["S"],
        source=item[SOURCE]["S"],
        captured_at=item[CAPTURED_AT]["S"],
        attributes={
            name: value
            for name, attribute in item.items()
            if name != DOCUMENT and (value := _value(attribute)) is not None
        },
        document=None if document is None else document["S"],
        expires_at=None if expires_at is None else int(expires_at["N"]),
    )


def _value(attribute: Mapping[str, Any]) -> str | bool | Number | None:
    """Return the value of a field; None for kinds that no field has."""
    if "S" in attribute:
        return attribute["S"]
    if "N" in attribute:
        return Number(attribute["N"])
    return attribute.get("BOOL")
