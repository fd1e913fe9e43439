"""Known records and conflicts inside one counted batch: two functions at once, over a store that cancels."""

from __future__ import annotations

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from harness.lake_functions import LakeStores, announced, invoke, sqs_record, started
from harness.sightings import order

from baler.lake.counters import Day, Total
from baler.lake.declarations import shipped_declarations

if TYPE_CHECKING:
    from pathlib import Path

POSTS: Final = "jsonplaceholder"
INVALID: Final = f"{POSTS}-42"
RECORDS: Final = 100
DISTINCT: Final = 6
MESSAGES: Final = 10
# Twelve at least hold no invalid record: one for each other object, and seven halves of the one that has it.
EACH: Final = 4
"""One in four of those is cancelled; of all, it is about one in five."""
LOST: Final = 2
"""The transaction whose answer is lost after it took effect."""


@pytest.fixture
def stores(aws: None, tmp_path: Path) -> LakeStores:  # noqa: ARG001 - where they are made
    path = tmp_path / "sources.toml"
    path.write_text(shipped_declarations(), encoding="utf-8")
    return LakeStores.make(str(path))


class CancellingTables:
    """Transactions as DynamoDB does them, now and then cancelled: moto's own copy whole tables, and know no names.

    Attributes:
        codes: reasons that were given, to see that each was.
    """

    def __init__(self) -> None:
        self._client = boto3.client("dynamodb")
        self._lock = threading.Lock()
        self._done: dict[str, Any] = {}
        self._numbers = itertools.count(1)
        self._kinds = itertools.cycle(["TransactionConflict", "ThrottlingError", "ConditionalCheckFailed"])
        self.codes: list[str] = []

    def transact_write_items(self, items: list[Any], token: str) -> Any:
        with self._lock:
            if token in self._done:
                # DynamoDB refuses another content under the same name.
                assert self._done[token] == items
                return {}
            invalid = [place for place, each in enumerate(items) if _record(each) == INVALID]
            if invalid:
                raise self._cancelled(len(items), invalid, "ValidationError")
            number = next(self._numbers)
            if number % EACH == 0:
                kind = next(self._kinds)
                # A conflict is the counter's, the rest are a record's.
                raise self._cancelled(len(items), [len(items) - 1 if kind == "TransactionConflict" else 1], kind)
            there = self._there([_record(each) for each in items])
            if taken := [place for place, each in enumerate(items) if _record(each) in there]:
                raise self._cancelled(len(items), taken, "ConditionalCheckFailed")
            for each in items:
                if "Put" in each:
                    self._client.put_item(**each["Put"])
                else:
                    self._client.update_item(**each["Update"])
            self._done[token] = items
            if number == LOST:
                self.codes.append("lost")
                raise ReadTimeoutError(endpoint_url="")
            return {}

    def _there(self, ids: list[str]) -> set[str]:
        found = self._client.batch_get_item(
            RequestItems={"records": {"Keys": [{"id": {"S": each}} for each in ids if each], "ConsistentRead": True}}
        )
        return {item["id"].get("S", "") for item in found["Responses"]["records"]}

    def _cancelled(self, items: int, places: list[int], code: str) -> ClientError:
        self.codes.append(code)
        reasons = [{"Code": code if each in places else "None"} for each in range(items)]
        response: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": ""},
            "ResponseMetadata": {"HTTPStatusCode": 400},
            "CancellationReasons": reasons,
        }
        return ClientError(response, "TransactWriteItems")


@pytest.mark.requirement("LAKE-SCALE-02")
def test_the_counter_equals_the_distinct_records_and_only_the_invalid_one_is_set_aside(stores: LakeStores) -> None:
    def message(number: int) -> dict[str, Any]:
        # The last four show what others show, five minutes later each.
        first = number % DISTINCT * RECORDS
        items = [{"id": each, "userId": 1, "title": "t", "body": "b"} for each in range(first, first + RECORDS)]
        at = order(f"2026-03-08T10:{5 * number:02}", 1001 + number)
        return sqs_record(f"m{number}", announced(stores.ingest(POSTS, at, json.dumps(items).encode())))

    messages = [message(number) for number in range(MESSAGES)]
    for module in started(stores.variables):
        cancelling = CancellingTables()

        def transact(_: Any, /, cancelling: CancellingTables = cancelling, **request: Any) -> Any:
            return cancelling.transact_write_items(request["TransactItems"], request["ClientRequestToken"])

        with (
            mock.patch.object(type(module._dynamodb), "transact_write_items", transact),
            ThreadPoolExecutor(2) as functions,
        ):
            halves = [{"Records": messages[::2]}, {"Records": messages[1::2]}]
            named = list(functions.map(invoke, [module, module], halves))
        # Each message was received once: none is named, and none was sent again.
        assert named == [[], []]
        assert set(cancelling.codes) == {
            "lost",
            "TransactionConflict",
            "ThrottlingError",
            "ConditionalCheckFailed",
            "ValidationError",
        }
    assert stores.messages("QUEUE_URL") == stores.messages("DEAD_LETTER_QUEUE_URL") == []
    distinct = DISTINCT * RECORDS - 1
    assert len(stores.records()) == distinct
    assert stores.counted() == {Day(POSTS, date(2026, 3, 8)): distinct, Total(POSTS): distinct}
    assert {each["id"] for each in stores.rejected()} == {INVALID}


def _record(item: Any) -> str:
    return item.get("Put", {}).get("Item", {}).get("id", {}).get("S", "")
