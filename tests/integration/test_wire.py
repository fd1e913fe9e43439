"""What goes over the wire, byte by byte: S3's framing, and the faults that a profile asks for (plugins/baler_wire)."""

from __future__ import annotations

import json
import select
import socket
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Credentials, Endpoint
from sandbox.errors import SandboxError
from sandbox.iam.parties import assumed_role
from sandbox.localstack.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.pipeline import Pipeline
    from mypy_boto3_dynamodb import DynamoDBClient

    from sandbox.iam.refusals import Refusal
    from sandbox.localstack.server import LocalStack

    Refusals = Callable[[], list[Refusal]]

REGION = "eu-west-2"
ACCOUNT = "000000000000"
BODY = b"0123456789" * 20
# A test of silence waits so long for nothing; one that waits for something has all the time of a busy machine.
SILENCE_SECONDS = 0.5
PATIENCE_SECONDS = 60.0


class RawConnection:
    """A client that sees every byte."""

    def __init__(self, endpoint: str, access_key: str = "test") -> None:
        self._host, self._key = urlsplit(endpoint).netloc, access_key
        address = urlsplit(endpoint)
        self.socket = socket.create_connection((str(address.hostname), int(address.port or 80)))

    def close(self) -> None:
        self.socket.close()

    def send(self, method: str, target: str, body: bytes = b"", *, service: str = "s3", **headers: str) -> None:
        scope = f"{self._key}/20260101/{REGION}/{service}/aws4_request"
        lines = {
            "Host": self._host,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            "Content-Length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if name != "Content-Length" or body)
        self.socket.sendall(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body)

    def received(self, until: bytes | None = None) -> bytes:
        """Return what comes until a text or, without one, until the server ends the connection."""
        self.socket.settimeout(PATIENCE_SECONDS)
        data = b""
        while until is None or until not in data:
            piece = self.socket.recv(65536)
            if not piece:
                break
            data += piece
        return data

    def is_silent(self, seconds: float = SILENCE_SECONDS) -> bool:
        """Tell whether nothing comes, not even an end."""
        return not select.select([self.socket], [], [], seconds)[0]


@pytest.fixture(scope="module")
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, REGION)


@pytest.fixture(scope="module")
def bucket(aws: Endpoint) -> Iterator[str]:
    name = f"wire-{token_hex(4)}"
    aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    aws.s3.put_object(Bucket=name, Key="there", Body=BODY)
    yield name
    for item in aws.s3.list_objects_v2(Bucket=name).get("Contents", []):
        aws.s3.delete_object(Bucket=name, Key=str(item.get("Key")))
    aws.s3.delete_bucket(Bucket=name)


@pytest.fixture
def wire(localstack: LocalStack) -> Iterator[Wire]:
    wire = Wire(localstack.endpoint)
    yield wire
    wire.clear()


@pytest.fixture
def connect(localstack: LocalStack) -> Iterator[Callable[..., RawConnection]]:
    opened: list[RawConnection] = []

    def connect(access_key: str = "test") -> RawConnection:
        opened.append(RawConnection(localstack.endpoint, access_key))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def headers_of(data: bytes) -> dict[str, str]:
    lines = data.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def status_of(data: bytes) -> int:
    return int(data.split(b" ", 2)[1])


def test_an_error_of_s3_comes_in_chunks_without_a_length_and_with_numbers_of_its_own(
    bucket: str, connect: Callable[..., RawConnection]
) -> None:
    connection = connect()
    numbers: set[str] = set()
    for _ in range(2):
        connection.send("GET", f"/{bucket}/missing")
        data = connection.received(until=b"\r\n0\r\n\r\n")
        headers, body = headers_of(data), data.partition(b"\r\n\r\n")[2].decode()
        assert status_of(data) == 404
        assert headers["transfer-encoding"] == "chunked"
        assert "content-length" not in headers
        assert int(body.partition("\r\n")[0], 16) == len(body.split("\r\n")[1])
        assert f"<RequestId>{headers['x-amz-request-id']}</RequestId><HostId>{headers['x-amz-id-2']}</HostId>" in body
        numbers |= {headers["x-amz-request-id"], headers["x-amz-id-2"]}
    assert len(numbers) == 4


def test_an_object_and_what_other_services_say_have_a_length(
    bucket: str, connect: Callable[..., RawConnection]
) -> None:
    connection = connect()
    connection.send("GET", f"/{bucket}/there")
    data = connection.received(until=BODY)
    assert headers_of(data)["content-length"] == str(len(BODY))
    connection.send("HEAD", f"/{bucket}/missing")
    # No body follows, so the next answer is read as such.
    assert headers_of(connection.received(until=b"\r\n\r\n"))["transfer-encoding"] == "chunked"
    item = json.dumps({"TableName": "nobodys", "Key": {"id": {"S": "a"}}}).encode()
    connection.send("POST", "/", item, service="dynamodb", X_Amz_Target="DynamoDB_20120810.GetItem")
    data = connection.received(until=b"}")
    assert (status_of(data), "content-length" in headers_of(data)) == (400, True)


def test_a_missing_key_is_403_for_whoever_may_not_list(
    aws: Endpoint, bucket: str, connect: Callable[..., RawConnection], refusals: Refusals
) -> None:
    key = _reader(aws, bucket).access_key_id
    for target, status in ((f"/{bucket}/there", 200), (f"/{bucket}/missing", 403)):
        connection = connect(key)
        connection.send("GET", target)
        assert status_of(connection.received(until=b"\r\n\r\n")) == status
    assert [refusal.action for refusal in refusals()] == ["s3:ListBucket"]


@pytest.mark.parametrize(
    ("kind", "code"), [("throttled", b"<Code>SlowDown</Code>"), ("failed", b"<Code>InternalError</Code>")]
)
def test_s3_refuses_in_chunks_and_ends_the_connection(
    wire: Wire, bucket: str, connect: Callable[..., RawConnection], kind: str, code: bytes
) -> None:
    wire.put({"faults": [{"kind": kind, "operation": "GetObject", "about": bucket}]})
    connection = connect()
    connection.send("GET", f"/{bucket}/there")
    data = connection.received()
    assert status_of(data) == {"throttled": 503, "failed": 500}[kind]
    assert headers_of(data)["connection"] == "close"
    assert headers_of(data)["transfer-encoding"] == "chunked"
    assert code in data
    assert wire.counts().faults == {"s3": {kind: 1}}


def test_a_copy_that_fails_says_so_in_an_answer_of_200(
    wire: Wire, bucket: str, connect: Callable[..., RawConnection]
) -> None:
    wire.put({"faults": [{"kind": "failed", "operation": "CopyObject", "when": "before", "about": bucket}]})
    connection = connect()
    connection.send("PUT", f"/{bucket}/copied", x_amz_copy_source=f"/{bucket}/there")
    data = connection.received()
    assert status_of(data) == 200
    assert b"<Code>InternalError</Code>" in data


@pytest.mark.parametrize("when", ["before", "midway", "after"])
def test_a_connection_is_reset(wire: Wire, bucket: str, connect: Callable[..., RawConnection], when: str) -> None:
    wire.put({"faults": [{"kind": "reset", "operation": "GetObject", "when": when, "about": bucket}]})
    connection = connect()
    connection.send("GET", f"/{bucket}/there")
    if when == "midway":
        data = connection.received()
        assert headers_of(data)["content-length"] == str(len(BODY))
        assert data.partition(b"\r\n\r\n")[2] == BODY[: len(BODY) // 2]
    else:
        with pytest.raises(ConnectionResetError):
            connection.received()


@pytest.mark.parametrize("when", ["before", "midway", "after"])
def test_a_connection_stays_and_nothing_comes(
    wire: Wire, bucket: str, connect: Callable[..., RawConnection], when: str
) -> None:
    connection = connect()
    connection.send("GET", f"/{bucket}/there")
    connection.received(until=BODY)
    # It was kept, and is dead at the second request; its neighbour lives.
    wire.put({"faults": [{"kind": "silent", "operation": "GetObject", "when": when, "about": bucket, "count": 1}]})
    connection.send("GET", f"/{bucket}/there")
    wait_until("the request to arrive", lambda: wire.counts().by_kind, lambda kinds: kinds == {"silent": 1})
    if when == "midway":
        half = BODY[: len(BODY) // 2]
        assert connection.received(until=half).endswith(b"\r\n\r\n" + half)
    assert connection.is_silent()
    neighbour = connect()
    neighbour.send("GET", f"/{bucket}/there")
    assert BODY in neighbour.received(until=BODY)


def test_an_answer_may_say_that_its_connection_ends(
    wire: Wire, bucket: str, connect: Callable[..., RawConnection]
) -> None:
    wire.put({"faults": [{"kind": "closed", "operation": "GetObject", "about": bucket}]})
    connection = connect()
    connection.send("GET", f"/{bucket}/there")
    data = connection.received()
    assert headers_of(data)["connection"] == "close"
    assert data.endswith(BODY)


@pytest.mark.parametrize("when", ["before", "after"])
def test_nobody_can_tell_from_an_outcome_that_is_unknown_whether_it_is_done(
    aws: Endpoint, wire: Wire, bucket: str, connect: Callable[..., RawConnection], when: str
) -> None:
    for kind in ("failed", "reset", "silent"):
        key = f"unknown-{kind}-{when}"
        wire.put({"faults": [{"kind": kind, "when": when, "about": key}]})
        connection = connect()
        connection.send("PUT", f"/{bucket}/{key}", BODY)
        if kind == "failed":
            assert status_of(connection.received()) == 500
        elif kind == "reset":
            with pytest.raises(ConnectionResetError):
                connection.received()
        else:
            wait_until("the request to arrive", lambda: wire.counts().by_kind, lambda kinds: kinds == {"silent": 1})
            assert connection.is_silent()
        wire.clear()
        if when == "after":
            wait_until(key, lambda key=key: _is_there(aws, bucket, key), bool)
        else:
            assert not _is_there(aws, bucket, key)


def test_a_client_that_gave_up_does_not_take_its_request_back(
    aws: Endpoint, wire: Wire, bucket: str, connect: Callable[..., RawConnection]
) -> None:
    key = f"late-{token_hex(4)}"
    wire.put({"faults": [{"kind": "slow", "seconds": 1, "about": key}]})
    connection = connect()
    connection.send("PUT", f"/{bucket}/{key}", BODY)
    wait_until("the request to arrive", lambda: wire.counts().by_kind, lambda kinds: kinds == {"slow": 1})
    connection.close()
    wire.clear()
    wait_until(f"{key}", lambda: _is_there(aws, bucket, key), bool)
    assert aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == BODY


def test_a_conditional_write_that_meets_another_is_409_and_one_that_comes_later_412(
    aws: Endpoint, wire: Wire, bucket: str, connect: Callable[..., RawConnection]
) -> None:
    raced, later = f"raced-{token_hex(4)}", f"later-{token_hex(4)}"
    wire.put({"faults": [{"kind": "slow", "seconds": 3600, "about": raced, "count": 1}]})
    # It is in progress for as long as anybody cares.
    connect().send("PUT", f"/{bucket}/{raced}", BODY, if_none_match="*")
    wait_until("the first write to arrive", lambda: wire.counts().by_kind, lambda kinds: kinds == {"slow": 1})
    assert _put_once(aws, bucket, raced) == (409, "ConditionalRequestConflict")
    assert _put_once(aws, bucket, later) == (200, "")
    assert _put_once(aws, bucket, later) == (412, "PreconditionFailed")


def test_what_waits_or_is_silent_keeps_nobody_else_waiting(
    aws: Endpoint, wire: Wire, bucket: str, connect: Callable[..., RawConnection]
) -> None:
    wire.put(
        {
            "faults": [
                {"kind": "silent", "when": "before", "about": bucket, "rate": 0.5},
                {"kind": "slow", "seconds": 3600, "about": bucket},
            ]
        }
    )
    waiting = [connect() for _ in range(50)]
    for connection in waiting:
        connection.send("GET", f"/{bucket}/there")
    wait_until("all requests to arrive", lambda: sum(wire.counts().by_kind.values()), lambda met: met == 50)
    assert aws.dynamodb.list_tables()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert all(connection.is_silent(0) for connection in waiting)


def test_a_throttle_is_of_the_table_that_it_names_and_passes(aws: Endpoint, wire: Wire) -> None:
    names = [f"wire-{token_hex(4)}" for _ in range(2)]
    once = _table_client(aws, tries=1)
    for name in names:
        once.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
    try:
        wire.put({"faults": [{"kind": "throttled", "operation": "PutItem", "about": names[0], "count": 3}]})
        once.put_item(TableName=names[1], Item={"id": {"S": "a"}})
        with pytest.raises(ClientError) as raised:
            once.put_item(TableName=names[0], Item={"id": {"S": "a"}})
        assert raised.value.response.get("Error", {}).get("Code") == "ThrottlingException"
        assert not once.scan(TableName=names[0])["Items"]
        # botocore knows it as a throttle, and tries again by itself.
        _table_client(aws, tries=5).put_item(TableName=names[0], Item={"id": {"S": "a"}})
        assert wire.counts().faults == {"dynamodb": {"throttled": 3}}
    finally:
        for name in names:
            once.delete_table(TableName=name)


def test_a_part_of_a_batch_is_refused_in_an_answer_that_says_200(aws: Endpoint, wire: Wire) -> None:
    name = f"wire-{token_hex(4)}"
    url = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
    try:
        wire.put({"faults": [{"kind": "partial", "operation": "SendMessageBatch", "about": name, "count": 1}]})
        entries: Any = [{"Id": str(number), "MessageBody": str(number)} for number in range(10)]
        answer = aws.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        refused = {failed.get("Id") for failed in answer.get("Failed", [])}
        assert 1 <= len(refused) <= 9
        # They are not in the queue, and can be sent again.
        left: Any = [entry for entry in entries if entry["Id"] in refused]
        assert not aws.sqs.send_message_batch(QueueUrl=url, Entries=left).get("Failed")
        names: Any = ["ApproximateNumberOfMessages"]
        attributes = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        assert attributes["ApproximateNumberOfMessages"] == "10"
    finally:
        aws.sqs.delete_queue(QueueUrl=url)


def test_whoever_a_profile_spares_meets_nothing_of_it(aws: Endpoint, wire: Wire, bucket: str) -> None:
    # About this bucket alone: the functions of other tests' stacks run meanwhile, and are not spared.
    wire.put({"spared": ["test"], "faults": [{"kind": "reset", "about": bucket}]})
    assert aws.s3.get_object(Bucket=bucket, Key="there")["Body"].read() == BODY
    assert not wire.counts().faults


def test_what_is_no_profile_is_refused_and_changes_nothing(wire: Wire) -> None:
    with pytest.raises(SandboxError, match="kind is one of"):
        wire.put({"faults": [{"kind": "eaten"}]})
    with pytest.raises(SandboxError, match="there is no profile worst; there are none, aws, bad-day"):
        wire.put({"name": "worst"})


def test_a_file_that_hangs_and_one_whose_claim_is_throttled_keep_no_neighbour_waiting(
    pipeline: Pipeline, wire: Wire
) -> None:
    good = [f"good-{number}" for number in range(20)]
    landing = pipeline.deployed.landing_bucket
    wire.put(
        {
            "spared": ["test"],
            "faults": [
                {"kind": "silent", "operation": "GetObject", "when": "midway", "about": f"{landing}/hangs"},
                # Its statement, with those beside it; then, by itself, its put.
                {"kind": "throttled", "service": "dynamodb", "about": f"{landing}/throttled"},
                # A connection that was kept is dead.
                {"kind": "silent", "operation": "GetObject", "when": "before", "about": f"{landing}/good", "count": 1},
            ],
        }
    )
    for key in ("hangs", "throttled", *good):
        pipeline.land(key)
    wait_until("the good files in the archive", pipeline.archived_keys, lambda found: len(found) >= len(good))
    assert pipeline.archived_keys() == sorted(good)
    met = wire.counts().faults
    assert met["s3"]["silent"] >= 2
    assert met["dynamodb"]["throttled"] >= 1
    wire.clear()
    pipeline.wait_for_files("hangs", "throttled", *good)


def _reader(aws: Endpoint, bucket: str) -> Credentials:
    """Return credentials of a role that may get objects, and not list them."""
    name = f"{bucket}-reader"
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    arn = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trusted))["Role"]["Arn"]
    aws.iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_policy(allowed))
    return assumed_role(aws, arn, session="reader")


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _table_client(aws: Endpoint, *, tries: int) -> DynamoDBClient:
    return boto3.client(
        "dynamodb",
        endpoint_url=aws.url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - LocalStack's
        config=Config(retries={"total_max_attempts": tries, "mode": "standard"}),
    )


def _is_there(aws: Endpoint, bucket: str, key: str) -> bool:
    return aws.s3.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"] == 1


def _put_once(aws: Endpoint, bucket: str, key: str) -> tuple[int, str]:
    try:
        aws.s3.put_object(Bucket=bucket, Key=key, Body=BODY, IfNoneMatch="*")
    except ClientError as error:
        response: Any = error.response
        return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]
    return 200, ""
