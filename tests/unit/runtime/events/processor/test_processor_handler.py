"""The processor's handler as Lambda calls it, on moto."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from harness.emf import samples, values
from harness.event_functions import (
    ARRIVED_AT,
    RAW,
    EventStores,
    context,
    event_of,
    invoke,
    kinesis_event,
    started,
)

from baler.aws.http.client import HttpClient, Request
from baler.environment_variables import InvalidEnvironment
from baler.events import metric_names
from baler.events.lambda_event import ForeignEventError
from baler.store_errors import Refused, Unavailable
from runtime.events.processor.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLES: tuple[str, ...] = (
    "STACK",
    "STREAM_ARN",
    "RAW_BUCKET",
    "PROGRESS_TABLE",
    "BATCH_TABLE",
    "BATCH_DAYS",
    "RAW_DAYS",
)


@dataclass
class Function:
    """The function and what it works on."""

    module: Any
    stores: EventStores
    shard: str

    def invoke(self, *contents: bytes, first: int = 1) -> list[str]:
        """Hand a batch over; return the sequence numbers that are named in the answer."""
        return invoke(self.module, kinesis_event(self.stores.stream, self.shard, contents, first))

    def lines(self, prefix: str) -> list[dict[str, Any]]:
        """The lines below a prefix of the raw bucket."""
        return self.stores.lines(RAW, self.shard, prefix)

    def everything(self) -> tuple[object, ...]:
        """All that is kept of the shard."""
        stores, shard = self.stores, self.shard
        return stores.progress(shard), stores.batches(shard), stores.versions(RAW, shard)


@pytest.fixture(scope="module")
def handler(stores: EventStores) -> Iterator[Any]:
    yield from started("processor", stores.variables)


@pytest.fixture
def function(handler: Any, stores: EventStores, shard: str) -> Function:
    return Function(handler, stores, shard)


def numbered(number: int) -> str:
    return f"{number:056}"


@pytest.mark.requirement("EVENT-PROCESS-02", "EVENT-PROCESS-04", "EVENT-RAW-01")
def test_a_batch_is_in_the_raw_bucket_and_committed_and_reported(function: Function) -> None:
    assert function.invoke(event_of(1), event_of(2), b"no event") == []
    assert [line["amount"] for line in function.lines("raw/")] == [1, 2]
    assert [line["reason"] for line in function.lines("rejected/")] == ["not_json"]
    (key,) = function.stores.keys(RAW, function.shard, "raw/")
    assert key.startswith("raw/event_type=transaction/year=2026/month=11/day=20/hour=09/data_")
    progress = function.stores.progress(function.shard)
    assert progress["frontier"]["last"] == {"S": numbered(3)}
    assert progress[f"batch#{numbered(3)}"]["objects"] == {"L": [{"S": key}]}


@pytest.mark.requirement("EVENT-META-01")
def test_the_table_of_batches_has_the_documents_attributes_and_the_arrival_of_the_last_record(
    function: Function,
) -> None:
    function.invoke(event_of(1), event_of(2), b"no event")
    (item,) = function.stores.batches(function.shard)
    batch_id = item.get("batch_id", {}).get("S", "")
    assert batch_id.endswith(f".{function.shard}_{numbered(1)}_{numbered(3)}")
    assert {name: value for name, value in item.items() if name != "batch_id"} == {
        "processed_at": {"S": "2026-11-20T09:01:05.500Z"},
        "shard_id": {"S": function.shard},
        "total_records": {"N": "3"},
        "success_records": {"N": "2"},
        "failed_records": {"N": "1"},
        "partitions_count": {"N": "1"},
        "ttl": {"N": str(int(ARRIVED_AT) + 3 + 30 * 86_400)},
    }


def test_a_batch_takes_three_calls_beside_those_of_its_objects(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    function.invoke(event_of(1), event_of(2))
    asked: list[str] = []
    ask: Any = HttpClient.ask

    def count(client: HttpClient, request: Request, receive: Any) -> Any:
        asked.append(request.operation)
        return ask(client, request, receive)

    monkeypatch.setattr(HttpClient, "ask", count)
    assert function.invoke(*(event_of(amount) for amount in range(100)), first=3) == []
    assert asked == ["GetItem", "PutObject", "TransactWriteItems", "PutItem"]


def test_a_batch_that_comes_again_changes_nothing(function: Function) -> None:
    function.invoke(event_of(1), event_of(2))
    before = function.everything()
    assert function.invoke(event_of(1), event_of(2)) == []
    assert function.everything() == before


def test_a_batch_whose_commit_was_not_reported_is_reported_when_it_comes_again(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise Unavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr("runtime.events.aws.batch_table.DynamoBatchTable.put", silent)
        assert function.invoke(event_of(1), event_of(2)) == []
    assert function.stores.batches(function.shard) == []
    assert function.invoke(event_of(1), event_of(2), event_of(3)) == []
    totals = [item["total_records"].get("N") for item in function.stores.batches(function.shard)]
    assert sorted(filter(None, totals)) == ["1", "2"]


@pytest.mark.parametrize(
    "broken",
    [
        "baler.aws.http.dynamodb.HttpDynamoDb.get_item",
        "baler.aws.http.dynamodb.HttpDynamoDb.transact_write_items",
        "baler.aws.http.s3.HttpS3.put_object",
    ],
)
@pytest.mark.requirement("EVENT-FLOW-03")
def test_a_store_that_fails_is_an_answer_and_no_error_of_the_function(
    function: Function, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise Refused("no", "AccessDenied")

    with monkeypatch.context() as patch:
        patch.setattr(broken, refuse)
        assert function.invoke(event_of(1), event_of(2)) == [numbered(1)]
    assert function.invoke(event_of(1), event_of(2)) == []
    assert len(function.lines("raw/")) == 2


def test_a_stream_that_cannot_be_described_is_an_answer(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise Refused("no", "AccessDenied")

    monkeypatch.setattr(function.module._life, "created_at", refuse)
    assert function.invoke(event_of(1)) == [numbered(1)]


@pytest.mark.requirement("EVENT-FLOW-02")
def test_the_metrics_of_a_batch_say_what_became_of_its_records(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.invoke(event_of(1), b"", b"no event", b"no event")
    found = samples(capsys.readouterr().out.splitlines())
    assert {sample.namespace for sample in found} == {metric_names.NAMESPACE}
    counted = {
        metric_names.RECORDS: 4,
        metric_names.EVENTS: 1,
        metric_names.REJECTED: 3,
        metric_names.SET_ASIDE: 0,
        metric_names.DROPPED: 0,
        metric_names.OBJECTS: 1,
        metric_names.UNCOMMITTED: 0,
        metric_names.UNAVAILABLE: 0,
        metric_names.UNREPORTED: 0,
    }
    assert {name: values(found, name, stack="test") for name in counted} == {
        name: [value] for name, value in counted.items()
    }
    assert values(found, metric_names.REJECTED, stack="test", reason="not_json") == [2]
    assert values(found, metric_names.REJECTED, stack="test", reason="empty") == [1]
    assert len(values(found, metric_names.LAG, stack="test", shard=function.shard)) == 1


@pytest.mark.requirement("EVENT-OBS-01")
def test_the_age_of_a_batch_is_published_while_a_shard_is_stuck(
    function: Function, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise Refused("no", "AccessDenied")

    with monkeypatch.context() as patch:
        patch.setattr("baler.aws.http.s3.HttpS3.put_object", refuse)
        patch.setattr(function.module.time, "time", lambda: ARRIVED_AT + 601.0)
        function.invoke(event_of(1), event_of(2))
    found = samples(capsys.readouterr().out.splitlines())
    assert values(found, metric_names.BATCH_AGE, stack="test") == [600.0]
    assert values(found, metric_names.LAG, stack="test", shard=function.shard) == [600.0]
    assert values(found, metric_names.UNCOMMITTED, stack="test") == [1]
    assert values(found, metric_names.UNAVAILABLE, stack="test") == [1]


def test_nothing_of_a_record_is_logged(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    function.invoke(event_of(1, note="m4rker"), b"m4rker", b'{"m4rker": 1}')
    captured = capsys.readouterr()
    assert "rejected records" in captured.out
    assert "m4rker" not in captured.out + captured.err
    assert "key-1" not in captured.out + captured.err


def test_records_of_another_stream_are_refused(function: Function) -> None:
    with pytest.raises(ForeignEventError, match="another stream"):
        function.module.handle(kinesis_event("arn:aws:kinesis:other", function.shard, [event_of(1)]), context())
    assert function.stores.keys(RAW, function.shard) == []


def test_batches_are_kept_as_long_as_the_raw_objects_that_they_list(stores: EventStores, shard: str) -> None:
    for module in started("processor", {**stores.variables, "RAW_DAYS": "10"}):
        invoke(module, kinesis_event(stores.stream, shard, [event_of(1)]))
    batch = stores.progress(shard)[f"batch#{numbered(1)}"]
    assert float(batch["expires_at"].get("N", "0")) > time.time() + 10 * 86_400


@pytest.mark.parametrize("name", VARIABLES)
def test_a_missing_variable_is_refused_by_name(name: str) -> None:
    variables = dict.fromkeys(VARIABLES, "1")
    assert Environment.read(variables).raw_days == 1
    with pytest.raises(InvalidEnvironment, match=name):
        Environment.read({key: value for key, value in variables.items() if key != name})


@pytest.mark.parametrize("value", ["-1", "1.5", "ten", "²"])
def test_a_number_that_is_none_is_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidEnvironment, match="RAW_DAYS"):
        Environment.read({**dict.fromkeys(VARIABLES, "1"), "RAW_DAYS": value})


def test_a_line_of_the_log_is_json(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    function.invoke(event_of(1), b"\n{}")
    assert all(json.loads(line) for line in capsys.readouterr().out.splitlines())
