"""What LocalStack does otherwise than AWS and a courier depends on, as repaired in sandbox/localstack/plugins."""

from __future__ import annotations

import io
import json
import textwrap
import time
import zipfile
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Endpoint
from sandbox.iam.parties import assumed_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.iam.refusals import Refusal
    from sandbox.localstack.server import LocalStack

    Refusals = Callable[[], list[Refusal]]

REGION = "eu-west-2"
ACCOUNT = "000000000000"
# Writes down each invocation, and does what the key says that rang it.
BELL = textwrap.dedent(
    """
    import os, time
    import boto3

    def handle(event, context):
        records = event.get("Records", ())
        keys = [record["s3"]["object"]["key"] for record in records] or ["clock"]
        s3, bucket = boto3.client("s3"), os.environ["BUCKET"]
        s3.put_object(Bucket=bucket, Key=f"rung/{keys[0]}/{context.aws_request_id}/{time.time()}")
        if "waits" in keys[0]:
            while not s3.list_objects_v2(Bucket=bucket, Prefix="rung/bundles/second/")["KeyCount"]:
                time.sleep(0.2)
            s3.put_object(Bucket=bucket, Key="rung/beside/it")
        if "fail" in keys[0]:
            raise ValueError("no good")
    """
)


def code_of(call: Callable[..., Any], **arguments: Any) -> tuple[int, str]:
    """Make a call that must be refused; return its status and code."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response: Any = raised.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def role(aws: Endpoint, *actions: str, service: str = "lambda.amazonaws.com") -> str:
    """Make a role that may do some actions anywhere; return its ARN."""
    name = f"emulator-{token_hex(4)}"
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"} if service == "account" else {"Service": service}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    arn = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    aws.iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=document(allowed))
    return arn


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def aws(localstack: LocalStack) -> Endpoint:
    return Endpoint(localstack.endpoint, REGION)


@pytest.fixture(scope="module")
def bucket(aws: Endpoint) -> str:
    name = f"emulator-{token_hex(4)}"
    aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def test_a_delete_that_names_an_etag_deletes_that_object_and_no_other(aws: Endpoint, bucket: str) -> None:
    s3 = aws.s3
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old")["ETag"]
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new")["ETag"]
    assert code_of(s3.delete_object, Bucket=bucket, Key="k", IfMatch=old) == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"
    assert s3.delete_object(Bucket=bucket, Key="k", IfMatch=new)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert code_of(s3.delete_object, Bucket=bucket, Key="k", IfMatch=new) == (404, "NoSuchKey")
    # Without the condition it is as ever: what is gone can be deleted again.
    s3.delete_object(Bucket=bucket, Key="k")


def test_a_listing_begins_behind_a_key_that_is_encoded_in_the_answer(aws: Endpoint, bucket: str) -> None:
    keys = [f"begin/year=2026/hour={hour:02}/a b" for hour in range(4)]
    for key in keys:
        aws.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    found = aws.s3.list_objects_v2(Bucket=bucket, Prefix="begin/", StartAfter=keys[1])
    assert [item.get("Key") for item in found.get("Contents", [])] == keys[2:]
    assert found.get("StartAfter") == keys[1]


def test_an_etag_is_taken_with_quotes_and_without_and_a_star_is_any(aws: Endpoint, bucket: str) -> None:
    s3 = aws.s3
    quoted = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    for named in (quoted, quoted.strip('"'), "*"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x")
        s3.delete_object(Bucket=bucket, Key="k", IfMatch=named)
    assert code_of(s3.delete_object, Bucket=bucket, Key="k", IfMatch="*") == (404, "NoSuchKey")


def test_where_versions_are_kept_the_condition_is_on_the_current_one(aws: Endpoint, bucket: str) -> None:
    name = f"{bucket}-versions"
    s3 = aws.s3
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=name, Key="k", Body=b"old")["ETag"]
    new = s3.put_object(Bucket=name, Key="k", Body=b"new")["ETag"]
    assert code_of(s3.delete_object, Bucket=name, Key="k", IfMatch=old) == (412, "PreconditionFailed")
    assert s3.delete_object(Bucket=name, Key="k", IfMatch=new)["DeleteMarker"] is True
    assert code_of(s3.delete_object, Bucket=name, Key="k", IfMatch=new) == (404, "NoSuchKey")


def test_who_may_not_read_an_object_may_not_delete_it_by_its_etag(
    aws: Endpoint, bucket: str, refusals: Refusals
) -> None:
    etag = aws.s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    arn = role(aws, "s3:DeleteObject", service="account")
    s3 = Endpoint(aws.url, REGION, assumed_role(aws, arn, session="deleter")).s3
    assert code_of(s3.delete_object, Bucket=bucket, Key="k", IfMatch=etag) == (403, "AccessDenied")
    assert [refusal.action for refusal in refusals()] == ["s3:GetObject"]
    s3.delete_object(Bucket=bucket, Key="k")


def test_a_copy_on_condition_copies_what_has_that_etag_alone(aws: Endpoint, bucket: str) -> None:
    s3 = aws.s3
    old = s3.put_object(Bucket=bucket, Key="from", Body=b"old")["ETag"]
    new = s3.put_object(Bucket=bucket, Key="from", Body=b"new", Metadata={"kept": "yes"})["ETag"]
    copy: dict[str, Any] = {"Bucket": bucket, "Key": "to", "CopySource": {"Bucket": bucket, "Key": "from"}}
    assert code_of(s3.copy_object, **copy, CopySourceIfMatch=old) == (412, "PreconditionFailed")
    s3.copy_object(**copy, CopySourceIfMatch=new)
    copied = s3.get_object(Bucket=bucket, Key="to")
    assert (copied["Body"].read(), copied["Metadata"]) == (b"new", {"kept": "yes"})


def test_a_secret_has_a_current_and_a_previous_version_each_as_old_as_it_is(aws: Endpoint) -> None:
    secrets = aws.secrets
    name = f"emulator-{token_hex(4)}"
    secrets.create_secret(Name=name)
    assert code_of(secrets.get_secret_value, SecretId=name) == (400, "ResourceNotFoundException")
    secrets.put_secret_value(SecretId=name, SecretString="first")
    previous_stage = {"SecretId": name, "VersionStage": "AWSPREVIOUS"}
    assert code_of(secrets.get_secret_value, **previous_stage) == (400, "ResourceNotFoundException")
    first = secrets.get_secret_value(SecretId=name)
    time.sleep(1.1)  # Secrets Manager keeps whole seconds in some places
    secrets.put_secret_value(SecretId=name, SecretString="second")
    current, previous = secrets.get_secret_value(SecretId=name), secrets.get_secret_value(**previous_stage)
    assert (current["SecretString"], previous["SecretString"]) == ("second", "first")
    assert current["VersionId"] != previous["VersionId"] == first["VersionId"]
    assert current["CreatedDate"] > previous["CreatedDate"]


@dataclass
class Bell:
    """A bucket that rings the alias of a function."""

    aws: Endpoint
    bucket: str
    function: str
    alias: str

    def put(self, key: str) -> None:
        self.aws.s3.put_object(Bucket=self.bucket, Key=key)

    def rung(self, key: str) -> list[str]:
        """The invocations for a key, each by its request's id and its time."""
        listed = self.aws.s3.list_objects_v2(Bucket=self.bucket, Prefix=f"rung/{key}/").get("Contents", [])
        return sorted(item.get("Key", "").removeprefix(f"rung/{key}/") for item in listed)

    def failed(self, key: str) -> bool:
        """Whether the first invocation for a key has ended."""
        request = self.rung(key)[0].partition("/")[0]
        group = f"/aws/lambda/{self.function}"
        pages = self.aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return any(
            event.get("message", "").startswith(f"REPORT RequestId: {request}")
            for page in pages
            for event in page["events"]
        )

    def announce(self) -> None:
        """Let the bucket ring for what is put under a prefix."""
        rules: Any = [{"Name": "prefix", "Value": "bundles/"}]
        configuration: Any = {
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": rules}},
            "LambdaFunctionArn": self.alias,
        }
        self.aws.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
        )

    def permit(self, principal: str, source: str) -> None:
        self.aws.functions.add_permission(
            StatementId=principal.partition(".")[0],
            FunctionName=self.function,
            Qualifier="live",
            Action="lambda:InvokeFunction",
            Principal=principal,
            SourceArn=source,
            SourceAccount=ACCOUNT,
        )


def made_bell(aws: Endpoint) -> Bell:
    """Make a bucket and a function that lets nobody invoke it."""
    name = f"bell-{token_hex(4)}"
    aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("bell.py", BELL)
    version = aws.functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role(aws, "s3:PutObject", "s3:ListBucket", "logs:CreateLog*", "logs:PutLogEvents"),
        Handler="bell.handle",
        Code={"ZipFile": buffer.getvalue()},
        Environment={"Variables": {"BUCKET": name}},
        Timeout=240,
        Publish=True,
    )["Version"]
    alias = aws.functions.create_alias(Name="live", FunctionName=name, FunctionVersion=version)["AliasArn"]
    return Bell(aws, name, name, alias)


@pytest.fixture(scope="module")
def bell(aws: Endpoint) -> Bell:
    """A bell that is rung by its bucket and by the clock; what takes a minute has begun."""
    made = made_bell(aws)
    made.permit("s3.amazonaws.com", f"arn:aws:s3:::{made.bucket}")
    made.announce()
    rule = aws.events.put_rule(Name=made.function, ScheduleExpression="rate(1 minute)")["RuleArn"]
    made.permit("events.amazonaws.com", rule)
    assert (
        aws.events.put_targets(Rule=made.function, Targets=[{"Id": "bell", "Arn": made.alias}])["FailedEntries"] == []
    )
    named: Any = {"FunctionName": made.function, "Qualifier": "live"}
    for key, retries in (("bundles/fail-once", 0), ("bundles/fail-twice", 1)):
        aws.functions.put_function_event_invoke_config(
            **named, MaximumRetryAttempts=retries, MaximumEventAgeInSeconds=300
        )
        made.put(key)
        # What is to become of it is decided when it has failed, at once.
        wait_until("the first try", lambda key=key: made.rung(key), bool)
        wait_until("the end of it", lambda key=key: made.failed(key), bool)
    return made


def test_a_bucket_rings_no_function_that_does_not_let_it(aws: Endpoint, refusals: Refusals) -> None:
    assert code_of(made_bell(aws).announce) == (400, "InvalidArgument")
    assert {(refusal.principal, refusal.action) for refusal in refusals()} == {
        ("s3.amazonaws.com", "lambda:InvokeFunction")
    }


def test_a_bell_that_rings_while_a_function_is_at_work_is_answered_beside_it(bell: Bell) -> None:
    bell.put("elsewhere/quiet")
    bell.put("bundles/waits")
    wait_until("the first", lambda: bell.rung("bundles/waits"), bool)
    bell.put("bundles/second")
    # The first one ends once it has seen the second.
    wait_until("both at work", lambda: bell.rung("beside"), bool)
    assert bell.rung("elsewhere/quiet") == []


def test_an_event_that_fails_is_tried_as_often_as_the_alias_says(bell: Bell) -> None:
    wait_until("the second try", lambda: bell.rung("bundles/fail-twice"), lambda rung: len(rung) == 2)
    assert len(bell.rung("bundles/fail-once")) == 1


def test_a_rule_invokes_an_alias_each_minute(bell: Bell) -> None:
    wait_until("the minute", lambda: bell.rung("clock"), bool)
