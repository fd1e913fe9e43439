"""A stream, its mapping and its function on LocalStack, as the engine makes them and IAM lets them."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from harness.measured import measured
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Endpoint
from sandbox.engine.resources.registry import creation_of

if TYPE_CHECKING:
    from sandbox.engine.resources.creation import Created
    from sandbox.localstack.server import LocalStack

REGION = "eu-west-2"
# Writes down what it gets, fails on poison, and reports what is to be reported.
FUNCTION = textwrap.dedent(
    """
    import base64, json, os
    import boto3

    S3 = boto3.client("s3")

    def handle(event, context):
        records = [record["kinesis"] for record in event["Records"]]
        texts = [base64.b64decode(record["data"]).decode() for record in records]
        if "poison" in texts:
            raise ValueError("no good")
        bad = [index for index, text in enumerate(texts) if text == "report"]
        done = texts[: bad[0]] if bad else texts
        shard, number = event["Records"][0]["eventID"].split(":")
        S3.put_object(Bucket=os.environ["BUCKET"], Key=f"{number}-{context.aws_request_id}", Body=json.dumps(done))
        return {"batchItemFailures": [{"itemIdentifier": records[index]["sequenceNumber"]} for index in bad]}
    """
)


@dataclass
class Reader:
    """A stream and the function that reads it."""

    aws: Endpoint
    name: str
    stream: Created
    queue: Created
    key: str

    def put(self, *texts: str, key: str = "") -> None:
        """Put records, again where the shard refuses them."""
        records = [{"Data": text.encode(), "PartitionKey": key or text.partition("/")[0]} for text in texts]
        while records:
            answer = self.aws.kinesis.put_records(StreamName=self.name, Records=records)
            refused = [index for index, each in enumerate(answer["Records"]) if "ErrorCode" in each]
            records = [records[index] for index in refused]

    def got(self) -> list[str]:
        """What the function was given and did, in the order of sequence numbers."""
        listed = self.aws.s3.list_objects_v2(Bucket=self.name).get("Contents", [])
        keys = [item.get("Key", "") for item in listed]
        bodies = [self.aws.s3.get_object(Bucket=self.name, Key=key)["Body"].read() for key in keys if key[0] == "4"]
        return [text for body in bodies for text in json.loads(body)]

    def discarded(self) -> list[dict[str, Any]]:
        """What the bucket was told of as a destination."""
        listed = self.aws.s3.list_objects_v2(Bucket=self.name, Prefix="aws/lambda/").get("Contents", [])
        bodies = [self.aws.s3.get_object(Bucket=self.name, Key=item.get("Key", ""))["Body"].read() for item in listed]
        return [json.loads(body) for body in bodies]

    def map(self, destination: str, **settings: Any) -> None:
        """Let the function read the stream."""
        inputs = {
            "eventSourceArn": self.stream.outputs["arn"],
            "functionName": self.name,
            "startingPosition": "TRIM_HORIZON",
            "batchSize": 100.0,
            "maximumBatchingWindowInSeconds": 1.0,
            "parallelizationFactor": 1.0,
            "destinationConfig": {"onFailure": {"destinationArn": destination}},
            **settings,
        }
        creation_of("aws:lambda/eventSourceMapping:EventSourceMapping", "mapping", inputs)(self.aws)


def allowed(reader: str, queue: str, key: str) -> dict[str, Any]:
    reads = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"]
    grants = {
        f"arn:aws:kinesis:{REGION}:000000000000:stream/{reader}": [f"kinesis:{action}" for action in reads],
        f"arn:aws:s3:::{reader}/*": ["s3:PutObject"],
        queue: ["sqs:SendMessage"],
        key: ["kms:Decrypt"],
        "arn:aws:logs:*:*:*": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    }
    statements = [{"Effect": "Allow", "Action": actions, "Resource": arn} for arn, actions in grants.items()]
    return {"Version": "2012-10-17", "Statement": statements}


@pytest.fixture
def reader(localstack: LocalStack) -> Reader:
    aws, name = Endpoint(localstack.endpoint, REGION), f"reader-{token_hex(4)}"

    def create(token: str, inputs: dict[str, Any]) -> Created:
        return creation_of(token, name, inputs)(aws)

    key = create("aws:kms/key:Key", {}).outputs["arn"]
    create("aws:s3/bucket:Bucket", {"bucket": name})
    queue = create("aws:sqs/queue:Queue", {"name": name})
    stream = create(
        "aws:kinesis/stream:Stream",
        {"name": name, "shardCount": 2.0, "encryptionType": "KMS", "kmsKeyId": key},
    )
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = json.dumps(allowed(name, queue.outputs["arn"], key))
    aws.iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=policy)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("reader.py", FUNCTION)
    aws.functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="reader.handle",
        Code={"ZipFile": package.getvalue()},
        Environment={"Variables": {"BUCKET": name}},
        Timeout=30,
    )
    return Reader(aws, name, stream, queue, key)


def test_every_record_arrives_once_and_in_its_keys_order_though_the_stream_is_resharded_twice(reader: Reader) -> None:
    keys = [f"key{index}" for index in range(8)]
    reader.put(*(f"{key}/{index:03}" for index in range(20) for key in keys))
    reader.map(reader.queue.outputs["arn"])
    reader.aws.kinesis.update_shard_count(StreamName=reader.name, TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    reader.put(*(f"{key}/{index:03}" for index in range(20, 40) for key in keys))
    reader.aws.kinesis.update_shard_count(StreamName=reader.name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    reader.put(*(f"{key}/{index:03}" for index in range(40, 60) for key in keys))
    got = wait_until("all records", reader.got, lambda got: len(got) >= 480)
    assert len(got) == len(set(got)) == 480
    for key in keys:
        assert [text for text in got if text.startswith(key + "/")] == [f"{key}/{index:03}" for index in range(60)]
    wait_until(
        "the age of a batch",
        lambda: measured(reader.aws, "AWS/Lambda", "IteratorAge", "SampleCount", FunctionName=reader.name),
        bool,
    )


def test_a_poisoned_record_is_isolated_and_a_bucket_gets_all_of_it(reader: Reader) -> None:
    reader.put("a", "b", "poison", "c", "d", key="one")
    reader.map(f"arn:aws:s3:::{reader.name}", maximumRetryAttempts=1.0, bisectBatchOnFunctionError=True)
    assert wait_until("the others", reader.got, lambda got: len(got) >= 4) == ["a", "b", "c", "d"]
    (record,) = wait_until("the record of the failure", reader.discarded, bool)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["KinesisBatchInfo"]["batchSize"] == 1
    (event,) = json.loads(record["payload"])["Records"]
    assert event["kinesis"]["data"] == "cG9pc29u"
    assert event["eventSourceARN"] == reader.stream.outputs["arn"]
    mappings = reader.aws.functions.list_event_source_mappings(FunctionName=reader.name)["EventSourceMappings"]
    mapping = {"EventSourceMappingUUID": mappings[0].get("UUID", "")}
    # It is counted when the destination has it.
    dropped = wait_until("a count", lambda: measured(reader.aws, "AWS/Lambda", "DroppedEventCount", **mapping), bool)
    assert dropped == 1


def test_a_report_cuts_the_batch_and_a_queue_gets_where_the_rest_is(reader: Reader) -> None:
    reader.put("a", "b", "report", "c", key="one")
    reader.map(
        reader.queue.outputs["arn"],
        maximumRetryAttempts=1.0,
        bisectBatchOnFunctionError=True,
        functionResponseTypes=["ReportBatchItemFailures"],
    )

    def messages() -> list[dict[str, Any]]:
        found = reader.aws.sqs.receive_message(QueueUrl=reader.queue.id).get("Messages", [])
        return [json.loads(message.get("Body", "")) for message in found]

    (record,) = wait_until("the message", messages, bool)
    assert record["KinesisBatchInfo"]["batchSize"] == 2
    assert record["responseContext"]["functionError"] is None
    assert "payload" not in record
    assert reader.got() == ["a", "b"]


def test_a_stream_takes_over_http_what_it_takes_and_no_more(reader: Reader) -> None:
    mebibyte = 2**20
    answer = reader.aws.kinesis.put_record(StreamName=reader.name, PartitionKey="k", Data=b"x" * (mebibyte - 1))
    assert len(answer["SequenceNumber"]) == 56
    with pytest.raises(ClientError, match="1048576"):
        reader.aws.kinesis.put_record(StreamName=reader.name, PartitionKey="k", Data=b"x" * mebibyte)
    # In one request, so that no machine is too slow to exceed what a shard takes in a second.
    records = [{"Data": b"x" * 200_000, "PartitionKey": "k"}] * 8
    refused = reader.aws.kinesis.put_records(StreamName=reader.name, Records=records).get("FailedRecordCount", 0)
    assert refused > 0
    shard = answer["ShardId"]
    place = reader.aws.kinesis.get_shard_iterator(
        StreamName=reader.name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found = reader.aws.kinesis.get_records(ShardIterator=place)["Records"]
    assert len(found) == 1 + len(records) - refused
    assert found[0]["Data"] == b"x" * (mebibyte - 1)
