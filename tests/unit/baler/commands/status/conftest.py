from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner

from baler.cli.main import app
from baler.files import metric_names
from baler.files.bundle.fence import META_FENCE, body_of_fence
from baler.files.bundle.ids import bundle_key, new_bundle_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.testing import Result

REGION = "eu-west-2"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:baler-prod-alarms-1a2b3c4"


@dataclass
class Stack:
    """A stack `prod` as far as its status goes, on moto: two queues, an archive, alarms and metrics."""

    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.sqs = boto3.client("sqs")
        self.s3 = boto3.client("s3")
        self.cloudwatch: Any = cast("Any", boto3).client("cloudwatch")
        self.ingest = self.sqs.create_queue(QueueName="ingest")["QueueUrl"]
        self.dead = self.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
        self.s3.create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.alarm("files-queue-age")

    def alarm(self, name: str, state: str = "OK", *, stack: str = "prod") -> None:
        name = f"baler-{stack}-{name}"
        self.cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription=f"What {name} means. Runbook: docs/runbooks/backlog.md",
            AlarmActions=[TOPIC.replace("prod", stack)],
            MetricName="any",
            Namespace="any",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")

    def measure(self, name: str, value: float, *, stack: str = "prod", at: datetime | None = None) -> None:
        """Put a value of one of Baler's own metrics, now unless another time is given."""
        self._put_dimensions(metric_names.NAMESPACE, name, {metric_names.STACK: stack}, value, at)

    def measure_fault(self, name: str, reason: str) -> None:
        """Put what the monitor finds wrong with the path of files."""
        self._put_dimensions(metric_names.NAMESPACE, name, {metric_names.STACK: "prod", metric_names.REASON: reason}, 1)

    def measure_breaker(self, cause: str, seconds: float) -> None:
        """Put what a courier publishes while the breaker is open."""
        self.measure("BreakerOpen", 1)
        self.measure("BreakerOpenSeconds", seconds)
        dimensions = {metric_names.STACK: "prod", metric_names.REASON: cause}
        self._put_dimensions(metric_names.NAMESPACE, "BreakerOpenSeconds", dimensions, seconds)

    def measure_queue(self, seconds: float, queue: str = "ingest") -> None:
        """Put the age of the oldest message, as SQS does."""
        self._put("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue, seconds)

    def _put(self, namespace: str, name: str, dimension: str, of: str, value: float) -> None:
        self._put_dimensions(namespace, name, {dimension: of}, value)

    def _put_dimensions(
        self, namespace: str, name: str, dimensions: dict[str, str], value: float, at: datetime | None = None
    ) -> None:
        listed = [{"Name": dimension, "Value": of} for dimension, of in dimensions.items()]
        data = {"MetricName": name, "Dimensions": listed, "Value": value, "Timestamp": at or datetime.now(UTC)}
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[data])

    def archive(self, seconds_ago: float, body: bytes = b"a bundle", files: str = "100") -> str:
        """Put a bundle that was made some time ago, and return its id."""
        bundle_id = new_bundle_id(datetime.now(UTC).timestamp() - seconds_ago, bytes(8))
        metadata = {META_FENCE: "1"} if body == body_of_fence() else {"file-count": files}
        self.s3.put_object(Bucket="archive", Key=bundle_key(bundle_id), Body=body, Metadata=metadata)
        return bundle_id

    def say(self, **outputs: str | int) -> None:
        """Put what the deployment says of the stack."""
        boto3.client("ssm").put_parameter(Name="/baler/prod", Type="String", Value=json.dumps(outputs))

    def refuse(self, operation: str, code: str = "AccessDenied") -> None:
        """Let AWS refuse one operation."""
        call = cast("Any", BaseClient)._make_api_call

        def refusing(client: BaseClient, name: str, parameters: dict[str, Any]) -> Any:
            if name == operation:
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, name)
            return call(client, name, parameters)

        self.monkeypatch.setattr(BaseClient, "_make_api_call", refusing)

    def refuse_all(self, code: str) -> None:
        """Let AWS refuse every operation."""

        def refusing(_client: BaseClient, name: str, _parameters: dict[str, Any]) -> Any:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, name)

        self.monkeypatch.setattr(BaseClient, "_make_api_call", refusing)

    def run(self, *arguments: str, **environment: str) -> Result:
        variables = {
            "BALER_STACK": "prod",
            "BALER_INGEST_QUEUE_URL": self.ingest,
            "BALER_DEAD_LETTER_QUEUE_URL": self.dead,
            "BALER_ARCHIVE": "archive",
            "COLUMNS": "300",
            **environment,
        }
        return CliRunner().invoke(app, ["status", *arguments], env=variables)


@pytest.fixture
def stack(aws_settings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:  # noqa: ARG001 - where boto3 finds moto
    with mock_aws():
        yield Stack(monkeypatch)
