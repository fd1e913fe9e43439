"""What `baler status` says of a lake."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from baler.cli.exit_codes import ExitCode
from baler.lake import metric_names
from baler.lake.order import written_time

if TYPE_CHECKING:
    from conftest import Stack
    from typer.testing import Result

TABLE = "sources"
OTHERS = (
    *("BALER_INGEST_QUEUE_URL", "BALER_DEAD_LETTER_QUEUE_URL", "BALER_ARCHIVE"),
    *("BALER_EVENTS_STREAM", "BALER_EVENTS_TRANSFORM_QUEUE_URL", "BALER_EVENTS_COMPACTION_QUEUE_URL"),
)


class Lake:
    """The lake of a stack `prod` as far as its status goes."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.dynamodb: Any = boto3.client("dynamodb")
        self.dynamodb.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "source", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "source", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.dead = stack.sqs.create_queue(QueueName="curation-dead-letters")["QueueUrl"]
        policy = {
            "deadLetterTargetArn": "arn:aws:sqs:eu-west-2:123456789012:curation-dead-letters",
            "maxReceiveCount": 3,
        }
        created = stack.sqs.create_queue(QueueName="curation", Attributes={"RedrivePolicy": json.dumps(policy)})
        self.queue = created["QueueUrl"]

    def source(self, name: str, *, failures: int = 0, reason: str = "", fetched: bool = True) -> None:
        """Put the state that ingestion keeps of a source, fetched a minute ago."""
        moment = {"S": written_time(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1))}
        times = {"last_event": moment, **({"last_success": moment} if fetched else {})}
        item = {
            "source": {"S": name},
            "failures": {"N": str(failures)},
            "last_reason": {"S": reason},
            "lease": {"S": ""},
            "lease_until": {"N": "0"},
            **times,
        }
        self.dynamodb.put_item(TableName=TABLE, Item=item)

    def measure(self, name: str, value: float) -> None:
        listed = [{"Name": metric_names.STACK, "Value": "prod"}]
        data = {"MetricName": name, "Dimensions": listed, "Value": value, "Timestamp": datetime.now(UTC)}
        self.stack.cloudwatch.put_metric_data(Namespace=metric_names.NAMESPACE, MetricData=[data])

    def run(self, *arguments: str, **environment: str) -> Result:
        variables = {"BALER_LAKE_CURATION_QUEUE_URL": self.queue, "BALER_LAKE_SOURCES_TABLE": TABLE, **environment}
        return self.stack.run(*arguments, **variables)

    def alone(self, *arguments: str, **environment: str) -> Result:
        return self.run(*arguments, **dict.fromkeys(OTHERS, ""), **environment)

    def document(self) -> dict[str, Any]:
        return json.loads(self.alone("--json").stdout)


@pytest.fixture
def lake(stack: Stack) -> Lake:
    return Lake(stack)


def test_a_lake_that_is_well_is_healthy(lake: Lake) -> None:
    lake.source("jsonplaceholder")
    lake.dynamodb.put_item(TableName=TABLE, Item={"source": {"S": "#paging-key"}, "key": {"B": b"x" * 32}})
    lake.measure(metric_names.RECORDS_NEW, 110)
    lake.measure(metric_names.REQUESTS, 40)
    lake.measure(metric_names.CURATION_LATENCY, 4_000)
    result = lake.alone()

    assert result.exit_code == ExitCode.OK
    shown = [line.rstrip() for line in result.stdout.splitlines()]
    assert shown[0].startswith("prod: healthy")
    assert any(line.startswith("Sources       jsonplaceholder fetched well 6") for line in shown)
    assert "To curate     0 raw objects waiting, 0 in flight" in shown
    assert "Dead letters  0" in shown
    assert any(line.startswith("Last hour     110 records new, 0 replaced") for line in shown)
    assert any(line.startswith("API           40 requests, 0 failed") for line in shown)


def test_a_lake_that_was_never_fetched_says_so(lake: Lake) -> None:
    assert "none was fetched yet" in lake.alone().stdout
    assert lake.document()["lake"]["sources"] == []


@pytest.mark.parametrize(
    ("failures", "reasons"), [(2, []), (3, ["posts failed 3 times in a row, the last time: html"])]
)
def test_a_source_is_told_from_the_third_failure_in_a_row_on(lake: Lake, failures: int, reasons: list[str]) -> None:
    lake.source("posts", failures=failures, reason="html")
    lake.source("users")
    assert lake.document()["reasons"] == reasons
    assert "posts fetched well 6" in lake.alone().stdout
    assert f", {failures} failed since: html" in lake.alone().stdout


def test_dead_letters_of_curation_are_told(lake: Lake) -> None:
    lake.stack.sqs.send_message(QueueUrl=lake.dead, MessageBody="dead")
    result = lake.alone("--json")
    assert result.exit_code == ExitCode.NEEDS_ATTENTION
    assert json.loads(result.stdout)["reasons"] == ["1 dead letter of curation: see `baler dead-letters list`"]


def test_an_api_that_fails_is_told(lake: Lake) -> None:
    lake.measure(metric_names.REQUESTS, 100)
    lake.measure(metric_names.API_ERRORS, 5)
    assert lake.document()["reasons"] == []
    lake.measure(metric_names.API_ERRORS, 1)
    assert lake.document()["reasons"] == ["the API answered 6 of the last hour's 100 requests with 5xx"]


def test_what_may_not_be_asked_hides_nothing_else(lake: Lake) -> None:
    lake.stack.refuse("Scan")
    result = lake.alone()
    assert result.exit_code == ExitCode.UNKNOWN
    assert "not allowed: your role may not Scan" in result.stdout
    assert "0 raw objects waiting" in result.stdout


def test_beside_the_files_each_is_shown_with_its_own_alarms(lake: Lake) -> None:
    lake.stack.archive(10)
    lake.stack.alarm("lake-stuck", "ALARM")
    found = json.loads(lake.run("--json").stdout)
    assert [alarm["name"] for alarm in found["alarms"]] == ["files-queue-age"]
    assert [alarm["name"] for alarm in found["lake"]["alarms"]] == ["lake-stuck"]


def test_a_lake_of_which_a_part_is_missing_is_a_wrong_command_line(lake: Lake) -> None:
    lake.stack.say(region="eu-west-2")
    result = lake.alone(BALER_LAKE_SOURCES_TABLE="")
    assert result.exit_code == ExitCode.USAGE
    assert "--sources-table" in result.stderr


def test_a_table_of_something_else_is_told_and_hides_nothing(lake: Lake) -> None:
    lake.dynamodb.put_item(TableName=TABLE, Item={"source": {"S": "jsonplaceholder"}})
    result = lake.alone()
    assert "holds something else than states of sources" in " ".join(result.stdout.split())
    assert "0 raw objects waiting" in result.stdout


def test_a_queue_without_dead_letters_is_told_and_hides_nothing(lake: Lake) -> None:
    result = lake.alone(BALER_LAKE_CURATION_QUEUE_URL=lake.dead)
    assert "curation-dead-letters has no queue of dead letters" in " ".join(result.stdout.split())
    assert "0 raw objects waiting" in result.stdout
