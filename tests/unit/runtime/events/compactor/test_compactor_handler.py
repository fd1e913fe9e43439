"""The compactor's handler as Lambda calls it, on moto."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from baler_localstack.glue_versions import check_versions
from botocore.exceptions import EndpointConnectionError
from harness.emf import samples, values
from harness.event_functions import PROCESSED, EventStores, context, invoke, sqs_event, started
from harness.event_table import metrics
from harness.processed_events import ARRIVED_AT, SHARD_LABEL, event, processed

from baler.environment_variables import InvalidEnvironment
from baler.events import metric_names
from baler.events.announcement import message_of
from baler.events.aws.glue_catalogue import catalogue_of
from baler.events.recovery.pseudo_shard import RecoveryKind, RecoveryRun, pseudo_shard
from baler.events.stream.shard_key import ShardKey
from baler.store_errors import Refused
from runtime.events.compactor.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATABASE = "events_of_a_handler"
VARIABLES = (
    "STACK",
    "PROCESSED_BUCKET",
    "COMPACTED_BUCKET",
    "DATABASE",
    "TABLE",
    "COMPACTION_QUEUE_URL",
    "DEAD_LETTER_QUEUE_URL",
    "COMPACTED_DAYS",
)


@dataclass
class Function:
    """The function and its stores."""

    module: Any
    stores: EventStores
    database: str

    def put(self, *values: float, shard_label: str = SHARD_LABEL) -> str:
        """Put a processed object of metrics; return the message that announces it."""
        events = [event("metric", value=value, timestamp="2024-01-15T10:30:00Z") for value in values]
        key, body = processed(*events, shard_label=shard_label)
        boto3.client("s3").put_object(Bucket=PROCESSED, Key=key, Body=body)
        return message_of(key, PROCESSED, ARRIVED_AT)

    def invoke(self, *bodies: str, receives: int = 1) -> list[str]:
        """Hand messages over; return the ids of those that stay."""
        return invoke(self.module, sqs_event(bodies, receives), seconds=100)

    def rows(self) -> list[float]:
        """The values in the table."""
        table: Any = catalogue_of(boto3.Session()).load_table((self.database, "events"))
        return sorted(table.scan(selected_fields=("value",)).to_arrow()["value"].to_pylist())


@pytest.fixture(scope="module")
def variables(stores: EventStores) -> dict[str, str]:
    check_versions()
    boto3.client("s3").create_bucket(Bucket="compacted-bucket")
    queue = boto3.client("sqs").create_queue(QueueName="compaction")["QueueUrl"]
    return {
        **stores.variables,
        "COMPACTED_BUCKET": "compacted-bucket",
        "DATABASE": DATABASE,
        "TABLE": "events",
        "COMPACTION_QUEUE_URL": queue,
        "COMPACTED_DAYS": "0",
    }


@pytest.fixture(scope="module")
def handler(variables: dict[str, str]) -> Iterator[Any]:
    yield from started("compactor", variables)


@pytest.fixture
def function(handler: Any, stores: EventStores) -> Iterator[Function]:
    untyped: Any = boto3
    glue = untyped.client("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE})
    yield Function(handler, stores, DATABASE)
    glue.delete_table(DatabaseName=DATABASE, Name="events")
    glue.delete_database(Name=DATABASE)


def test_what_a_batch_announces_is_in_the_table_once_however_often_it_is_announced(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = function.put(1, 2), function.put(3)
    assert function.invoke(first, second, first) == []
    assert function.invoke(second) == []
    assert function.rows() == [1, 2, 3]
    output = samples(capsys.readouterr().out.splitlines())
    assert values(output, metric_names.COMPACTED, stack="test") == [3, 1]
    assert values(output, metric_names.COMPACTED_FILES, stack="test") == [2, 1]
    assert values(output, metric_names.TABLE_CONFLICTS, stack="test") == [0, 0]
    # What comes again is no delay.
    assert len(values(output, metric_names.COMPACTION_DELAY, stack="test")) == 2


def test_what_an_operator_brings_back_is_no_delay(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    run = RecoveryRun(RecoveryKind.REDRIVE, datetime(2026, 11, 26, tzinfo=UTC), "abcdef")
    own = ShardKey.of_label(function.stores.stream, SHARD_LABEL)
    assert function.invoke(function.put(1, shard_label=pseudo_shard(run, own, "0").label)) == []
    output = samples(capsys.readouterr().out.splitlines())
    assert values(output, metric_names.COMPACTED, stack="test") == [1]
    assert values(output, metric_names.COMPACTION_DELAY, stack="test") == []


@pytest.mark.requirement("EVENT-DEAD-01")
def test_what_can_never_be_in_the_table_is_moved_to_the_dead_letters_with_its_reason(function: Function) -> None:
    gone = message_of(metrics(9).key, PROCESSED, ARRIVED_AT)
    damaged = function.put(8)
    (key,) = [found for found in _keys() if found in damaged.replace("%3D", "=")]
    boto3.client("s3").put_object(Bucket=PROCESSED, Key=key, Body=b"other bytes")
    foreign = message_of("processed/event_type=../x.json", PROCESSED, ARRIVED_AT)
    bodies = [gone, damaged, foreign, "no message", function.put(1), '{"Service":"Amazon S3","Event":"s3:TestEvent"}']
    assert function.invoke(*bodies) == []
    assert function.rows() == [1]
    letters = function.stores.messages("DEAD_LETTER_QUEUE_URL")
    found = {
        each["MessageAttributes"]["message-id"]["StringValue"]: each["MessageAttributes"]["reason"]["StringValue"]
        for each in letters
    }
    assert found == {
        "m0": "object_missing",
        "m1": "foreign_content",
        "m2": "foreign_key",
        "m3": "malformed_message",
    }


def _keys() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=PROCESSED).get("Contents", [])
    return [each.get("Key", "") for each in found]


def test_a_refused_message_stays_where_the_dead_letters_do_not_take_it(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    function.invoke(function.put(1))

    def refuse(*_: Any, **__: Any) -> Any:
        raise Refused("no", "AccessDenied")

    monkeypatch.setattr("baler.aws.http.sqs.HttpSqs.send_message_batch", refuse)
    assert function.invoke("no message", receives=2) == ["m0"]


@pytest.mark.parametrize("broken", ["baler.aws.http.s3.HttpS3.get_object", "baler.events.aws.s3_files._Writer.close"])
def test_a_store_that_fails_leaves_the_messages_and_doubles_nothing(
    function: Function, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    message = function.put(1)
    function.invoke(message)
    monkeypatch.setattr(function.module, "_PAUSE_SECONDS", 0.0)

    def fail(*_: Any, **__: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="s3")

    with monkeypatch.context() as patch:
        patch.setattr(broken, fail)
        assert function.invoke(message, function.put(2)) == ["m0", "m1"]
    assert function.invoke(message, function.put(2)) == []
    assert function.rows() == [1, 2]


@pytest.mark.parametrize(("receives", "seconds"), [(1, 30), (2, 60), (3, 120), (4, None)])
def test_a_message_that_failed_is_seen_again_soon_and_later_when_the_queue_says(
    function: Function, monkeypatch: pytest.MonkeyPatch, receives: int, seconds: int | None
) -> None:
    function.invoke(function.put(1))
    seen: list[Mapping[str, int]] = []

    def note(_queues: Any, after: Mapping[str, int]) -> None:
        seen.append(after)

    monkeypatch.setattr("runtime.events.aws.compaction.SqsCompactionQueues.set_visibility", note)
    monkeypatch.setattr(function.module, "_COMMIT_SECONDS", 1000.0)  # there is no time for it
    assert function.invoke(function.put(2), receives=receives) == ["m0"]
    assert [list(after.values()) for after in seen] == [[] if seconds is None else [seconds]]


def test_no_connection_of_an_earlier_run_is_used(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(function.module._catalogue, "close", lambda: closed.append("catalogue"))
    monkeypatch.setattr(function.module._clients.s3, "close", lambda: closed.append("s3"))
    function.invoke(function.put(1))
    function.module.handle({"source": "aws.events"}, context(100))
    assert closed == ["catalogue", "s3"] * 2


def test_a_batch_without_time_stays(function: Function) -> None:
    function.invoke(function.put(1))
    assert invoke(function.module, sqs_event([function.put(2)]), seconds=10) == ["m0"]


def test_the_clock_has_closed_hours_rewritten_and_says_so_even_of_none(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        function.invoke(function.put(number))
    assert function.module.handle({"source": "aws.events"}, context(100)) == {
        "rewritten_hours": 1,
        "removed_files": 0,
        "rows": 3,
        "files": 1,
    }
    assert function.module.handle({"open_hours": True}, context(100))["rewritten_hours"] == 0
    assert values(samples(capsys.readouterr().out.splitlines()), metric_names.REWRITTEN, stack="test") == [1, 0]
    assert function.rows() == [0, 1, 2]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_that_is_missing_is_named(variables: dict[str, str], name: str) -> None:
    with pytest.raises(InvalidEnvironment, match=name):
        Environment.read({key: value for key, value in variables.items() if key != name})
