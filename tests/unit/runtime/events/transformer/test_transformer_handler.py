"""The transformer's handler as Lambda calls it, on moto."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.emf import samples, values
from harness.event_functions import (
    ARRIVED_AT,
    PROCESSED,
    PROGRESS,
    RAW,
    EventStores,
    announced,
    event_of,
    invoke,
    sqs_event,
    started,
)

from baler.environment_variables import InvalidEnvironment
from baler.events import metric_names
from baler.events.announcement import message_of
from baler.events.aws.progress_items import object_mark
from baler.events.aws.progress_table import DynamoProgressTable
from baler.events.parsing.parse import parse
from baler.events.raw_object import raw_objects
from baler.events.recovery.pseudo_shard import RecoveryKind, RecoveryRun, pseudo_shard
from baler.events.stream.committed_batch import CommittedBatch
from baler.events.stream.shard_key import ShardKey
from baler.events.stream_record import StreamRecord
from baler.store_errors import Refused, Unavailable
from runtime.events.transformer.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.events.raw_object import StreamObject

VARIABLES: tuple[str, ...] = (
    "STACK",
    "STREAM_ARN",
    "RAW_BUCKET",
    "PROCESSED_BUCKET",
    "PROGRESS_TABLE",
    "TRANSFORM_QUEUE_URL",
    "DEAD_LETTER_QUEUE_URL",
    "PATIENCE_SECONDS",
)
LAST = f"{2:056}"


@dataclass
class Function:
    """The function, the stores, and a batch of two events in one raw object."""

    module: Any
    stores: EventStores
    shard: ShardKey

    @property
    def raw(self) -> StreamObject:
        """The raw object."""
        records = [
            StreamRecord(self.shard.shard_id, f"{number:056}", 0, "key", ARRIVED_AT + number, event_of(1000 * number))
            for number in (1, 2)
        ]
        (made,) = raw_objects(self.shard.label, records[0].sequence_number, LAST, parse(records).events)
        return made

    def put(self, *, commits: bool = True) -> str:
        """Put the object and commit its batch; return its key."""
        made = self.raw
        boto3.client("s3").put_object(Bucket=RAW, Key=made.key, Body=made.content)
        if commits:
            self.commit(made.key)
        return made.key

    def commit(self, *keys: str) -> None:
        """Commit a batch that lists objects."""
        table = DynamoProgressTable(boto3.client("dynamodb"), PROGRESS)
        assert table.commit(CommittedBatch(self.shard, "", f"{1:056}", LAST, keys, None, 2, 0, ARRIVED_AT + 2))

    def invoke(self, *bodies: str) -> list[str]:
        """Hand messages over; return the ids of those that stay."""
        return invoke(self.module, sqs_event(bodies))

    def processed(self) -> list[dict[str, Any]]:
        """The lines of the processed bucket."""
        return self.stores.lines(PROCESSED, self.shard.shard_id)


@pytest.fixture(scope="module")
def handler(stores: EventStores) -> Iterator[Any]:
    yield from started("transformer", stores.variables)


@pytest.fixture
def function(handler: Any, stores: EventStores, shard: str) -> Function:
    return Function(handler, stores, ShardKey(stores.stream, 1_795_000_000, shard))


@pytest.mark.requirement("EVENT-TRANSFORM-01", "EVENT-PROCESSED-01", "EVENT-META-03")
def test_a_listed_object_is_processed_under_its_own_name_and_noted_on_its_batch(function: Function) -> None:
    key = function.put()
    assert function.invoke(*announced(key)) == []
    assert function.stores.keys(PROCESSED, function.shard.shard_id) == ["processed/" + key.removeprefix("raw/")]
    first, second = function.processed()
    assert (first["original_data"]["amount"], second["original_data"]["amount"]) == (1000, 2000)
    assert (first["enriched_data"]["is_high_value"], second["enriched_data"]["is_high_value"]) == (False, True)
    batch = function.stores.progress(function.shard.shard_id)[f"batch#{LAST}"]
    assert batch["processed"] == {"SS": [object_mark(key)]}


def test_what_s3_announces_more_than_once_is_processed_once(function: Function) -> None:
    key = function.put()
    assert function.invoke(*announced(key, key), *announced(key)) == []
    assert function.invoke(*announced(key)) == []
    assert [line["original_data"]["amount"] for line in function.processed()] == [1000, 2000]


def test_an_object_that_is_not_committed_yet_is_announced_again_and_then_acknowledged(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(*_: float) -> int:
        return 0

    monkeypatch.setattr("runtime.events.transformer.settlement.seconds_until_committed", at_once)
    key = function.put(commits=False)
    assert function.invoke(*announced(key, put_at=time.time())) == []
    assert function.processed() == []
    function.commit(key)
    (again,) = function.stores.messages("TRANSFORM_QUEUE_URL")
    assert function.invoke(again["Body"]) == []
    assert len(function.processed()) == 2


def test_an_early_object_stays_in_the_queue_where_it_cannot_be_announced_again(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baler.aws.http.sqs.HttpSqs.send_message_batch", refuse)
    assert function.invoke(*announced(function.put(commits=False), put_at=time.time())) == ["m0"]


def refuse(*_: Any, **__: Any) -> Any:
    raise Refused("no", "AccessDenied")


def test_an_orphan_is_skipped_and_stays(function: Function) -> None:
    key = function.put(commits=False)
    function.commit()
    assert function.invoke(*announced(key)) == []
    assert function.stores.keys(RAW, function.shard.shard_id) == [key]
    assert function.processed() == []


@pytest.mark.requirement("EVENT-DEAD-01")
def test_what_can_never_be_processed_is_moved_to_the_dead_letters_with_its_reason(function: Function) -> None:
    good = function.put()
    foreign = good.replace("event_type=transaction", "event_type=other")
    boto3.client("s3").put_object(Bucket=RAW, Key=good, Body=b"other bytes")
    bodies = [*announced(good, foreign), "no message", '{"Records": []}']
    assert function.invoke(*bodies) == []
    letters = function.stores.messages("DEAD_LETTER_QUEUE_URL")
    found = {
        each["MessageAttributes"]["message-id"]["StringValue"]: (
            each["MessageAttributes"]["reason"]["StringValue"],
            each["Body"],
        )
        for each in letters
    }
    reasons = ("foreign_content", "foreign_key", "malformed_message", "malformed_message")
    assert found == {f"m{at}": (reason, bodies[at]) for at, reason in enumerate(reasons)}
    assert function.processed() == []


def test_a_refused_message_stays_where_the_dead_letters_do_not_take_it(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baler.aws.http.sqs.HttpSqs.send_message_batch", refuse)
    assert function.invoke("no message") == ["m0"]


@pytest.mark.parametrize(
    "broken",
    [
        "baler.aws.http.dynamodb.HttpDynamoDb.get_item",
        "baler.aws.http.dynamodb.HttpDynamoDb.update_item",
        "baler.aws.http.s3.HttpS3.get_object",
        "baler.aws.http.s3.HttpS3.put_object",
    ],
)
def test_a_store_that_fails_leaves_the_message_and_no_other(
    function: Function, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    key = function.put()
    test_event = '{"Service":"Amazon S3","Event":"s3:TestEvent"}'
    with monkeypatch.context() as patch:
        patch.setattr(broken, refuse)
        assert function.invoke(*announced(key), test_event) == ["m0"]
    assert function.invoke(*announced(key)) == []
    assert len(function.processed()) == 2


def test_an_error_that_nobody_expects_leaves_its_message_alone_and_tells_nothing_of_it(
    function: Function, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    marker = "m4" + "rker"  # in two pieces: a traceback shows lines of code

    def fail(*_: Any) -> None:
        raise ZeroDivisionError(marker)

    key = function.put()
    monkeypatch.setattr("runtime.events.transformer.object_content.transform", fail)
    assert function.invoke(*announced(key), "{}") == ["m0"]
    out = capsys.readouterr().out
    assert "ZeroDivisionError" in out
    assert marker not in out


@pytest.mark.requirement("EVENT-OBS-01")
def test_the_metrics_of_a_batch_say_what_became_of_its_objects_and_how_long_it_took(
    function: Function, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = function.put()
    with monkeypatch.context() as patch:
        patch.setattr(function.module._batch, "_clock", lambda: ARRIVED_AT + 21.0)
        function.invoke(*announced(key, put_at=ARRIVED_AT + 11.0), "no message")
    found = samples(capsys.readouterr().out.splitlines())
    assert {sample.namespace for sample in found} == {metric_names.NAMESPACE}
    counted = {
        metric_names.PROCESSED: 1,
        metric_names.PROCESSED_EVENTS: 2,
        metric_names.ORPHANS: 0,
        metric_names.NOT_YET: 0,
        metric_names.REFUSED: 1,
        metric_names.UNAVAILABLE: 0,
        metric_names.OLDEST_LEFT_AGE: 0,
        metric_names.TRANSFORM_LATENCY: 10.0,
        metric_names.EVENT_LATENCY: 20.0,
    }
    assert {name: values(found, name, stack="test") for name in counted} == {
        name: [value] for name, value in counted.items()
    }
    assert values(found, metric_names.REFUSED, stack="test", reason="malformed_message") == [1]


def test_what_an_operator_announces_again_or_brings_back_does_not_count_as_slow(
    handler: Any, stores: EventStores, shard: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RecoveryRun(RecoveryKind.REDRIVE, datetime(2026, 11, 26, tzinfo=UTC), "abcdef")
    own = ShardKey(stores.stream, 1_795_000_000, shard)
    recovered = Function(handler, stores, pseudo_shard(run, own, LAST))
    reprocessed = Function(handler, stores, own)
    assert recovered.invoke(*announced(recovered.put())) == []
    assert reprocessed.invoke(message_of(reprocessed.put(), RAW, ARRIVED_AT)) == []
    found = samples(capsys.readouterr().out.splitlines())
    assert values(found, metric_names.PROCESSED, stack="test") == [1, 1]
    assert values(found, metric_names.EVENT_LATENCY, stack="test") == []
    assert values(found, metric_names.TRANSFORM_LATENCY, stack="test") == []


def test_the_age_of_what_is_left_is_that_of_the_oldest_object(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    function.invoke(*announced(function.put(commits=False), put_at=time.time() - 600))
    found = samples(capsys.readouterr().out.splitlines())
    assert values(found, metric_names.OLDEST_LEFT_AGE, stack="test") == pytest.approx([600], abs=30)
    assert values(found, metric_names.NOT_YET, stack="test") == [1]


def test_nothing_of_an_object_is_logged_and_a_hostile_key_forges_no_line(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = 'x\n{"level":"ERROR","message":"forged"}\r\n'
    function.invoke(*announced(function.put(), hostile), '{"m4rker": 1}')
    captured = capsys.readouterr()
    assert "m4rker" not in captured.out + captured.err
    assert '"amount"' not in captured.out + captured.err
    assert not any(line.startswith('{"level":"ERROR","message":"forged"') for line in captured.out.splitlines())


def test_messages_that_stay_are_seen_again_soon(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def change(_: object, **request: Any) -> None:
        seen.append(request)

    key = function.put()
    monkeypatch.setattr("baler.aws.http.s3.HttpS3.get_object", refuse)
    monkeypatch.setattr("baler.aws.http.sqs.HttpSqs.change_message_visibility_batch", change)
    function.invoke(*announced(key))
    ((entry,),) = [request["Entries"] for request in seen]
    assert (entry["ReceiptHandle"], entry["VisibilityTimeout"] <= 3) == ("handle-0", True)


def test_a_queue_that_does_not_answer_is_no_error_of_the_function(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise Unavailable("no answer")

    key = function.put()
    monkeypatch.setattr("baler.aws.http.s3.HttpS3.get_object", refuse)
    monkeypatch.setattr("baler.aws.queue.SqsQueue.set_visibility", silent)
    assert function.invoke(*announced(key)) == ["m0"]


@pytest.mark.parametrize("name", [*VARIABLES, "THRESHOLDS"])
def test_a_missing_variable_is_refused_by_name(name: str) -> None:
    variables = {**dict.fromkeys(VARIABLES, "1"), "THRESHOLDS": '{"large_from": 5000}'}
    assert Environment.read(variables).thresholds.large_from == 5000
    with pytest.raises(InvalidEnvironment, match=name):
        Environment.read({key: value for key, value in variables.items() if key != name})


@pytest.mark.parametrize("value", ["5", "[]", "{", '{"other": 1}', '{"large_from": "many"}', '{"large_from": 5}'])
def test_thresholds_that_are_none_are_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidEnvironment, match="THRESHOLDS"):
        Environment.read({**dict.fromkeys(VARIABLES, "1"), "THRESHOLDS": value})
