"""The executor and the DynamoDB provider in sandbox/localstack/plugins, against a real LocalStack."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import textwrap
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from localstack_client.session import Session

from sandbox.engine.endpoint import ROOT
from sandbox.localstack.endpoint import external_endpoint
from sandbox.localstack.ports import free_port
from sandbox.localstack.server import LocalStack, running_localstack
from sandbox.localstack.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

PROBE = textwrap.dedent(
    """
    import datetime, logging, os, signal, subprocess, sys, tempfile, time
    import boto3
    from botocore.config import Config

    served = 0
    s3 = boto3.client("s3", config=Config(read_timeout=8, retries={"total_max_attempts": 1}))

    def handle(event, context):
        global served
        served += 1
        logging.warning("asked to %s", event["do"])
        return globals()[event["do"]](context)

    def count(context):
        return {"served": served, "process": os.getpid(), "parent": os.getppid()}

    def environment(context):
        return dict(os.environ)

    def describe(context):
        return {
            "name": context.function_name,
            "version": context.function_version,
            "arn": context.invoked_function_arn,
            "memory": context.memory_limit_in_mb,
            "request": context.aws_request_id,
            "log_group": context.log_group_name,
            "remaining": context.get_remaining_time_in_millis(),
            "directory": os.path.realpath(os.getcwd()) == os.path.realpath(os.environ["LAMBDA_TASK_ROOT"]),
        }

    def fail(context):
        raise ValueError("no good")

    def unserialisable(context):
        return object()

    def leave(context):
        os._exit(3)

    def shoot(context):
        os.kill(os.getpid(), signal.SIGKILL)

    def buckets(context):
        return len(boto3.client("s3").list_buckets()["Buckets"])

    def ask_on_a_kept_connection(context):
        try:
            s3.list_buckets()
        except Exception as error:
            return type(error).__name__

    def clock(context):
        return {
            "now": time.time(),
            "date": datetime.datetime.now(datetime.timezone.utc).timestamp(),
            "remaining": context.get_remaining_time_in_millis(),
        }

    def speak(context):
        print("to standard output")
        print("to standard error", file=sys.stderr)
    """
)
# A server that has yet to load its provider of functions is slow, and what is asked twice exists already.
PATIENT = Config(read_timeout=300, retries={"total_max_attempts": 1})
# Imports nothing that takes a moment: a fresh process of it answers soon on a slow machine.
HASTY = textwrap.dedent(
    """
    import subprocess, time

    served = 0

    def handle(event, context):
        global served
        served += 1
        if event["do"] == "hang":
            subprocess.Popen(["sleep", "600"])
            print("before the end", flush=True)
            time.sleep(600)
        return {"served": served}
    """
)
NEEDS_YAML = "import yaml\n\ndef handle(event, context):\n    return yaml.__version__\n"


def session_of(localstack: LocalStack) -> Session:
    return Session(
        aws_access_key_id=ROOT.access_key_id,
        aws_secret_access_key=ROOT.secret_access_key,
        localstack_host=urlsplit(localstack.endpoint).netloc,
    )


def package(**modules: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in modules.items():
            archive.writestr(f"{name}.py", source)
    return buffer.getvalue()


def probe_role(session: Session) -> str:
    """Return the role of every probe, made where there is none yet."""
    iam: IAMClient = cast("Any", session).client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    write = {"Effect": "Allow", "Action": ["logs:CreateLog*", "logs:PutLogEvents"], "Resource": "*"}
    see = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="probe", AssumeRolePolicyDocument=document(trust))
        iam.put_role_policy(RoleName="probe", PolicyName="probe", PolicyDocument=document(write, see))
    return iam.get_role(RoleName="probe")["Role"]["Arn"]


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class Invocation(NamedTuple):
    error: str | None
    payload: Any
    request: str


class Function:
    """A function of the probe package, on one LocalStack."""

    def __init__(self, session: Session, *, timeout: int = 30, source: str = PROBE) -> None:
        self.client: LambdaClient = session.client("lambda", config=PATIENT)
        self.logs: CloudWatchLogsClient = session.client("logs")
        self.name = f"probe-{uuid4().hex[:8]}"
        self.client.create_function(
            FunctionName=self.name,
            Runtime="python3.11",
            Role=probe_role(session),
            Handler="probe.handle",
            Code={"ZipFile": package(probe=source)},
            Timeout=timeout,
            MemorySize=256,
            Environment={"Variables": {"GREETING": "hello"}},
        )

    def __call__(self, do: str) -> Invocation:
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps({"do": do}))
        payload = json.loads(answer["Payload"].read())
        return Invocation(answer.get("FunctionError"), payload, answer["ResponseMetadata"]["RequestId"])

    def log_lines_until(self, wanted: str) -> list[str]:
        lines: list[str] = []

        def logged() -> bool:
            try:
                pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{self.name}")
                lines[:] = [event.get("message", "").rstrip("\n") for page in pages for event in page["events"]]
            except self.logs.exceptions.ResourceNotFoundException:
                return False
            return any(wanted in line for line in lines)

        wait_until(logged, lambda: f"{wanted!r} is not in the log:\n" + "\n".join(lines))
        return lines


def wait_until(condition: Callable[[], bool], explanation: Callable[[], str], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, explanation()
        time.sleep(0.1)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def session(localstack: LocalStack) -> Session:
    return session_of(localstack)


@pytest.fixture
def function(session: Session) -> Iterator[Function]:
    made = Function(session)
    yield made
    made.client.delete_function(FunctionName=made.name)


@pytest.fixture
def hasty_function(session: Session) -> Iterator[Function]:
    # What the test waits for.
    made = Function(session, timeout=5, source=HASTY)
    yield made
    made.client.delete_function(FunctionName=made.name)


def test_one_process_serves_the_invocations_of_an_environment(function: Function) -> None:
    first, second = function("count"), function("count")

    assert (first.error, second.error) == (None, None)
    assert (first.payload["served"], second.payload["served"]) == (1, 2)
    assert first.payload["process"] == second.payload["process"]


def test_the_context_tells_what_aws_tells(function: Function) -> None:
    payload = function("describe").payload

    assert 0 < payload.pop("remaining") <= 30_000
    assert payload.pop("request")
    assert payload == {
        "name": function.name,
        "version": "$LATEST",
        "arn": f"arn:aws:lambda:us-east-1:000000000000:function:{function.name}",
        "memory": "256",
        "log_group": f"/aws/lambda/{function.name}",
        "directory": True,
    }


def test_the_environment_is_the_functions_own(function: Function) -> None:
    environment = function("environment").payload

    assert environment["GREETING"] == "hello"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert environment["AWS_REGION"] == "us-east-1"
    leaked = [name for name in environment if "LOCALSTACK" in name or name in {"GATEWAY_LISTEN", "EDGE_PORT", "TEMP"}]
    assert leaked == []


def test_the_aws_sdk_reaches_localstack_without_being_told(function: Function) -> None:
    answer = function("buckets")

    assert answer.error is None, answer.payload
    assert answer.payload >= 0


def test_an_exception_is_an_error_and_keeps_the_process(function: Function) -> None:
    before = function("count").payload["process"]
    failed = function("fail")

    assert failed.error == "Unhandled"
    assert failed.payload["errorType"] == "ValueError"
    assert failed.payload["errorMessage"] == "no good"
    assert 'raise ValueError("no good")' in failed.payload["stackTrace"][-1]
    assert function("count").payload["process"] == before


def test_a_result_that_is_not_json_is_a_marshal_error(function: Function) -> None:
    failed = function("unserialisable")

    assert failed.error == "Unhandled"
    assert failed.payload["errorType"] == "Runtime.MarshalError"


def test_a_timeout_kills_and_the_next_invocation_works(hasty_function: Function) -> None:
    timed_out = hasty_function("hang")

    assert timed_out.error == "Unhandled"
    assert timed_out.payload["errorType"] == "Sandbox.Timedout"
    assert timed_out.payload["errorMessage"].endswith("Task timed out after 5.00 seconds")
    assert hasty_function("count").payload["served"] == 1
    lines = hasty_function.log_lines_until("Status: timeout")
    assert "before the end" in lines


@pytest.mark.parametrize(("way", "reason"), [("leave", "exit status 3"), ("shoot", "signal: killed")])
def test_a_crash_is_an_error_and_the_next_invocation_works(function: Function, way: str, reason: str) -> None:
    crashed = function(way)

    assert crashed.error == "Unhandled"
    assert crashed.payload["errorType"] == "Runtime.ExitError"
    assert crashed.payload["errorMessage"].endswith(f"Runtime exited with error: {reason}")
    assert function("count").payload["served"] == 1


def test_a_dependency_that_the_package_lacks_is_missing_here_too(session: Session) -> None:
    function = Function(session, source=NEEDS_YAML)

    for _ in range(2):
        failed = function("anything")
        assert failed.error == "Unhandled"
        assert failed.payload["errorType"] == "Runtime.ImportModuleError"
        assert failed.payload["errorMessage"] == "Unable to import module 'probe': No module named 'yaml'"
    function.log_lines_until("Error Type: Runtime.ImportModuleError")
    function.client.delete_function(FunctionName=function.name)


def test_output_reaches_cloudwatch_between_lambdas_own_lines(function: Function) -> None:
    function("speak")
    lines = function.log_lines_until("REPORT RequestId")

    start = next(index for index, line in enumerate(lines) if line.startswith("START RequestId: "))
    assert lines[start].endswith("Version: $LATEST")
    assert lines[start + 1].startswith("[WARNING]\t")
    assert lines[start + 1].endswith("\tasked to speak")
    assert lines[start + 2 : start + 4] == ["to standard output", "to standard error"]
    assert lines[start + 4].startswith("END RequestId: ")
    report = dict(field.split(": ", 1) for field in lines[start + 5].split("\t"))
    assert report["Memory Size"] == "256 MB"
    assert int(report["Max Memory Used"].removesuffix(" MB")) in range(5, 256)
    assert "Init Duration" in report


@pytest.fixture
def wire(localstack: LocalStack) -> Iterator[Wire]:
    of_localstack = Wire(localstack.endpoint)
    yield of_localstack
    of_localstack.clear()


def test_connections_die_in_silence_while_a_function_is_frozen(function: Function, wire: Wire) -> None:
    assert function("ask_on_a_kept_connection").payload is None
    wire.put({"name": "dead", "functions": {"connections_die": 1}})

    assert function("ask_on_a_kept_connection").payload == "ReadTimeoutError"
    # Functions of other tests' stacks may run meanwhile.
    assert wire.counts().faults["lambda"]["connections-died"] >= 1
    # The one that it makes in place of the dead one is as good as any.
    wire.clear()
    assert function("ask_on_a_kept_connection").payload is None


def test_a_functions_clock_is_wrong_by_the_same_all_the_time(function: Function, wire: Wire) -> None:
    wire.put({"name": "wrong", "functions": {"clock_seconds": 10**6}})

    first, second = function("clock").payload, function("clock").payload

    off = first["now"] - time.time()
    assert 100 < abs(off) <= 10**6
    assert second["now"] - time.time() == pytest.approx(off, abs=90)
    assert first["date"] == pytest.approx(first["now"], abs=5)
    assert 0 < first["remaining"] <= 30_000
    wire.clear()
    assert function("clock").payload["now"] == pytest.approx(time.time(), abs=90)


own_server = pytest.mark.skipif(external_endpoint() is not None, reason="its processes are not ours to look at")


@own_server
@pytest.mark.parametrize("server_is_killed", [False, True])
def test_no_process_of_a_function_outlives_the_server(tmp_path: Path, *, server_is_killed: bool) -> None:
    with running_localstack(tmp_path / "localstack.log", port=free_port()) as own:
        processes = Function(session_of(own))("count").payload
        assert is_running(processes["process"])
        if server_is_killed:
            os.kill(processes["parent"], signal.SIGKILL)
            wait_until(lambda: not is_running(processes["process"]), lambda: "it still runs")

    assert not is_running(processes["process"])


@own_server
@pytest.mark.skipif(sys.platform != "linux", reason="it asks the kernel")
def test_a_process_stands_still_between_invocations(function: Function) -> None:
    process = function("count").payload["process"]

    wait_until(lambda: state_of(process) == "T", lambda: f"its state is {state_of(process)}")
    assert function("count").payload["process"] == process


def state_of(process: int) -> str:
    """Return the kernel's letter for what a process does."""
    return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


@own_server
def test_a_process_killed_between_invocations_is_replaced(function: Function) -> None:
    killed = function("count").payload["process"]
    os.kill(killed, signal.SIGKILL)

    # The kernel may take a moment to end it, and an invocation in that moment is the one that sees it crash.
    wait_until(lambda: function("count").error is None, lambda: "there is no fresh process")

    assert function("count").payload["process"] != killed


@pytest.fixture
def table(session: Session) -> Iterator[tuple[DynamoDBClient, str]]:
    client = cast("DynamoDBClient", session.client("dynamodb"))
    name = f"claims-{uuid4().hex[:8]}"
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield client, name
    client.delete_table(TableName=name)


def test_a_second_conditional_put_is_refused(table: tuple[DynamoDBClient, str]) -> None:
    client, name = table
    put: Any = {"TableName": name, "Item": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    client.put_item(**put)

    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(**put)


def test_a_transaction_writes_all_or_nothing(table: tuple[DynamoDBClient, str]) -> None:
    client, name = table

    def put(key: str) -> Any:
        return {"TableName": name, "Item": {"pk": {"S": key}}, "ConditionExpression": "attribute_not_exists(pk)"}

    client.transact_write_items(TransactItems=[{"Put": put("a")}, {"Put": put("b")}])
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        client.transact_write_items(TransactItems=[{"Put": put("c")}, {"Put": put("a")}])

    assert {item["pk"].get("S") for item in client.scan(TableName=name)["Items"]} == {"a", "b"}


def test_ttl_and_point_in_time_recovery_are_kept(table: tuple[DynamoDBClient, str]) -> None:
    client, name = table
    client.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"})
    client.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )

    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert (ttl.get("TimeToLiveStatus"), ttl.get("AttributeName")) == ("ENABLED", "expires_at")
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED"


def test_items_whose_time_is_over_go_or_stay_as_the_profile_says(table: tuple[DynamoDBClient, str], wire: Wire) -> None:
    client, name = table
    client.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "over"})
    for number in range(20):
        client.put_item(TableName=name, Item={"pk": {"S": f"over-{number}"}, "over": {"N": str(int(time.time()) - 1)}})
    client.put_item(TableName=name, Item={"pk": {"S": "not yet"}, "over": {"N": str(int(time.time()) + 86_400)}})
    client.put_item(TableName=name, Item={"pk": {"S": "never"}})

    def left() -> set[str]:
        return {item["pk"].get("S", "") for item in client.scan(TableName=name, ConsistentRead=True)["Items"]}

    wire.put({"name": "half", "items": {"expire": 0.5}})
    wait_until(lambda: len(left()) < 22, lambda: f"all are there: {left()}")
    # Each meets one end or the other, by its name, however often anybody looks.
    assert {"not yet", "never"} < left()
    wire.put({"name": "all", "items": {"expire": 1}})
    wait_until(lambda: left() == {"not yet", "never"}, lambda: f"there are {left()}")
