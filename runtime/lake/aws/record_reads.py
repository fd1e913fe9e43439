"""Records as the API reads them: keys from the index, and what they stand for from the table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from baler.aws.attempts import attempt
from baler.lake.aws.record_items import CAPTURED_AT, DOCUMENT, EXPIRES_AT, ID, SOURCE
from baler.lake.document import Number
from runtime.lake.api.ports import Place, StoredRecord
from runtime.lake.api.record import COMMON
from runtime.lake.aws.batch_reads import KEYS_AT_ONCE, read_items

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from concurrent.futures import Executor, Future

    from baler.aws.http.dynamodb import HttpDynamoDb
    from runtime.lake.api.ports import Span

INDEX: Final = "SourceIndex"
"""By source and `captured_at`; it has keys alone."""

# Before and behind every time, as texts sort.
_BEFORE_ALL: Final = "0"
_BEHIND_ALL: Final = "9999-12-31T23:59:59Z"
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
        names = {f"#a{place}": name for place, name in enumerate((ID, SOURCE, EXPIRES_AT, *COMMON, *sorted(fields)))}
        asked = {
            "ConsistentRead": True,
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
        }
        keys = [{ID: {"S": each}} for each in dict.fromkeys(ids)]
        parts = [keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE)]
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
            # Who needs more than was asked for at first passes over what is gone, which may be much.
            places, start = self._query({**request, "ExclusiveStartKey": start, "Limit": KEYS_AT_ONCE})
            yield from places

    def _query(self, request: dict[str, Any]) -> _Page:
        answer = attempt("query the index of records", lambda: self._client.query(**request), self._deadline)
        places = [Place(each[SOURCE]["S"], each[CAPTURED_AT]["S"], each[ID]["S"]) for each in answer["Items"]]
        return places, answer.get("LastEvaluatedKey")

    def _read(self, keys: list[dict[str, Any]], asked: Mapping[str, Any]) -> dict[str, StoredRecord]:
        """Read a hundred at most."""
        items = read_items(
            self._client,
            self._table,
            keys,
            asked,
            deadline=self._deadline,
            first_wait_seconds=_WAIT_SECONDS,
            sleep=self._sleep,
        )
        return {record.id: record for record in map(_record, items)}


def _record(item: Mapping[str, Any]) -> StoredRecord:
    attributes: dict[str, str | bool | Number] = {}
    # All that a page costs by attribute is here and in `record_text`: a call for each would be a third more.
    for name, attribute in item.items():
        if (text := attribute.get("S")) is not None:
            attributes[name] = text
        elif "N" in attribute:
            attributes[name] = Number(attribute["N"])
        elif "BOOL" in attribute:
            attributes[name] = attribute["BOOL"]
        # Of other kinds there is no field.
    document = attributes.pop(DOCUMENT, None)
    expires_at = item.get(EXPIRES_AT)
    return StoredRecord(
        id=item[ID]["S"],
        source=item[SOURCE]["S"],
        captured_at=item[CAPTURED_AT]["S"],
        attributes=attributes,
        document=document if isinstance(document, str) else None,
        expires_at=None if expires_at is None else int(expires_at["N"]),
    )
