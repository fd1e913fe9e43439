"""The policies of the deployed program, asked by real requests: who may do what, and that a lost statement is told.

What each layer of policies answers by itself is in tests/policy; here all of them judge together, as on AWS.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from harness.function_session import credentials_of_function
from harness.pipeline import wait_until

from sandbox.engine.endpoint import Credentials, Endpoint
from sandbox.iam.parties import assumed_role, credentials_of, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

    from sandbox.iam.refusals import Refusal

    Refusals = Callable[[], list[Refusal]]

ELSEWHERE = "203.0.113.7"
KEY = "bundles/2026/01/02/03/no-such-bundle.tar.gz"


@pytest.fixture
def bundle(shared_pipeline: Pipeline) -> str:
    """The key of a bundle that is in the archive and in the mailbox, where nothing else is."""
    shared_pipeline.forget()
    shared_pipeline.land("permitted")
    shared_pipeline.wait_for_files("permitted")
    return next(iter(shared_pipeline.mailed()))


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    """Make a call that must be refused; return AWS's words."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error: Any = raised.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] in {400, 403}, error
    # A HEAD request's answer has no body to say more in.
    assert error["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}, error
    return error["Error"]["Message"]


def coming_from(endpoint: Endpoint, **headers: str) -> Endpoint:
    """Let clients say that they come from elsewhere, or otherwise than they do."""

    def add(request: Any, **_: Any) -> None:
        for name, value in headers.items():
            request.headers[name.replace("_", "-")] = value

    endpoint.s3.meta.events.register("before-sign.s3", add)
    return endpoint


@pytest.mark.requirement("PULL-REQ-06", "PULL-NFR-06")
def test_the_consumer_lists_gets_and_deletes_in_the_mailbox_and_is_refused_elsewhere(
    shared_pipeline: Pipeline, bundle: str, refusals: Refusals
) -> None:
    stack, s3 = shared_pipeline.deployed, endpoint_of(shared_pipeline.deployed, "consumer").s3
    mailbox = stack.distribution_bucket
    assert bundle in [item.get("Key") for item in s3.list_objects_v2(Bucket=mailbox).get("Contents", [])]
    body = s3.get_object(Bucket=mailbox, Key=bundle)["Body"].read()
    refusals()
    for bucket in (stack.landing_bucket, stack.archive_bucket):
        refused(s3.list_objects_v2, Bucket=bucket)
        refused(s3.get_object, Bucket=bucket, Key=bundle)
        refused(s3.put_object, Bucket=bucket, Key=bundle, Body=b"")
        refused(s3.delete_object, Bucket=bucket, Key=bundle)
    refused(s3.put_object, Bucket=mailbox, Key=bundle, Body=b"")
    assert {refusal.action for refusal in refusals()} == {
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    s3.delete_object(Bucket=mailbox, Key=bundle)
    assert shared_pipeline.mailed() == {}
    operator = shared_pipeline.aws.s3
    operator.put_object(Bucket=mailbox, Key=bundle, Body=body)


@pytest.mark.requirement("PULL-REQ-01", "PULL-NFR-06", "PUSH-INT-03")
def test_the_external_party_puts_and_can_do_nothing_else(
    shared_pipeline: Pipeline, bundle: str, refusals: Refusals
) -> None:
    stack, party = shared_pipeline.deployed, endpoint_of(shared_pipeline.deployed, "external-party")
    shared_pipeline.forget()
    shared_pipeline.land("theirs")
    refusals()
    landing = stack.landing_bucket
    assert "s3:GetObject" in refused(party.s3.get_object, Bucket=landing, Key="theirs")
    refused(party.s3.list_objects_v2, Bucket=landing)
    refused(party.s3.list_object_versions, Bucket=landing)
    refused(party.s3.delete_object, Bucket=landing, Key="theirs")
    refused(party.s3.put_object_tagging, Bucket=landing, Key="theirs", Tagging={"TagSet": []})
    refused(party.s3.put_object, Bucket=landing, Key="theirs", Body=b"", StorageClass="GLACIER")
    for bucket in (stack.archive_bucket, stack.distribution_bucket):
        refused(party.s3.put_object, Bucket=bucket, Key=bundle, Body=b"")
        refused(party.s3.get_object, Bucket=bucket, Key=bundle)
    refused(party.s3.list_buckets)
    refused(party.sqs.send_message, QueueUrl=stack.ingest_queue_url, MessageBody="{}")
    refused(party.dynamodb.scan, TableName=stack.claim_table)
    refused(party.logs.describe_log_groups)
    assert all("external-party" in refusal.principal for refusal in refusals())
    shared_pipeline.wait_for_files("theirs")


@pytest.mark.requirement("PULL-NFR-06", "PUSH-SEC-05", "PUSH-E2E-04")
def test_the_external_party_is_refused_from_another_address_and_without_tls(
    shared_pipeline: Pipeline, refusals: Refusals
) -> None:
    stack = shared_pipeline.deployed
    for headers, statement in (
        ({"X_Forwarded_For": ELSEWHERE}, "DenyOtherNetworks"),
        ({"X_Forwarded_Proto": "http"}, "DenyInsecureTransport"),
    ):
        s3 = coming_from(endpoint_of(stack, "external-party"), **headers).s3
        told = refused(s3.put_object, Bucket=stack.landing_bucket, Key="elsewhere", Body=b"")
        assert "with an explicit deny in a resource-based policy" in told
        assert any(statement in refusal.reason for refusal in refusals())


@pytest.mark.requirement("PULL-NFR-06", "PULL-NFR-10", "PUSH-INTEG-02", "PUSH-SEC-04", "PUSH-E2E-04")
def test_the_function_reads_what_landed_and_deletes_nothing(
    shared_pipeline: Pipeline, bundle: str, refusals: Refusals
) -> None:
    stack = shared_pipeline.deployed
    s3 = Endpoint(stack.endpoint, stack.region, credentials_of_function(shared_pipeline)).s3
    assert s3.get_object(Bucket=stack.landing_bucket, Key="permitted")["Body"].read()
    for bucket, key in (
        (stack.landing_bucket, "permitted"),
        (stack.archive_bucket, bundle),
        (stack.distribution_bucket, bundle),
    ):
        refused(s3.delete_object, Bucket=bucket, Key=key)
        refused(s3.list_objects_v2, Bucket=bucket)
    refused(s3.put_object, Bucket=stack.landing_bucket, Key="permitted", Body=b"")
    refused(s3.put_object, Bucket=stack.archive_bucket, Key=bundle, Body=b"")  # without If-None-Match
    refused(s3.get_object, Bucket=stack.distribution_bucket, Key=bundle)
    assert refusals()


@pytest.mark.requirement("PULL-NFR-10")
def test_nobody_deletes_from_the_archive_not_even_root_or_an_operator(
    shared_pipeline: Pipeline, bundle: str, refusals: Refusals
) -> None:
    stack = shared_pipeline.deployed
    for aws in (Endpoint(stack.endpoint, stack.region), shared_pipeline.aws):
        told = refused(aws.s3.delete_object, Bucket=stack.archive_bucket, Key=bundle)
        assert told.endswith("with an explicit deny in a resource-based policy")
    assert {refusal.reason for refusal in refusals()} == {"statement DenyDelete of a resource-based policy denies it"}


def test_the_account_s_root_is_judged_as_everybody_is(shared_pipeline: Pipeline, refusals: Refusals) -> None:
    stack = shared_pipeline.deployed
    root = Endpoint(stack.endpoint, stack.region)
    refused(root.s3.put_object, Bucket=stack.landing_bucket, Key="from-root", Body=b"")
    refused(root.s3.get_object, Bucket=stack.landing_bucket, Key="permitted")
    told = refused(root.sts.assume_role, RoleArn=stack.consumer_role_arn, RoleSessionName="root")
    assert told == "Roles may not be assumed by root accounts."
    assert {refusal.principal for refusal in refusals()} == {"arn:aws:iam::000000000000:root"}


def test_a_denial_reads_as_aws_writes_it(shared_pipeline: Pipeline, refusals: Refusals) -> None:
    stack = shared_pipeline.deployed
    consumer = endpoint_of(stack, "consumer")
    role = stack.consumer_role_arn.rpartition("/")[2]
    queue = stack.ingest_queue_url.rpartition("/")[2]
    function = Endpoint(stack.endpoint, stack.region, credentials_of_function(shared_pipeline))
    assert refused(function.s3.list_objects_v2, Bucket=stack.landing_bucket).endswith(
        f'is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::{stack.landing_bucket}" '
        "because no identity-based policy allows the s3:ListBucket action"
    )
    assert refused(consumer.sqs.purge_queue, QueueUrl=stack.ingest_queue_url) == (
        f"User: arn:aws:sts::000000000000:assumed-role/{role}/consumer is not authorized to perform: sqs:PurgeQueue on "
        f"resource: arn:aws:sqs:{stack.region}:000000000000:{queue} with an explicit deny in an identity-based policy"
    )
    assert len(refusals()) == 2


def test_a_key_that_is_not_there_is_403_to_whoever_may_not_list_and_404_to_whoever_may(
    shared_pipeline: Pipeline, refusals: Refusals
) -> None:
    stack = shared_pipeline.deployed
    function = Endpoint(stack.endpoint, stack.region, credentials_of_function(shared_pipeline))
    assert "s3:ListBucket" in refused(function.s3.get_object, Bucket=stack.landing_bucket, Key="not-there")
    refused(function.s3.head_object, Bucket=stack.landing_bucket, Key="not-there")
    refusals()
    s3 = endpoint_of(stack, "consumer").s3
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=stack.distribution_bucket, Key=KEY)
    assert refusals() == []


def test_a_key_that_nobody_has_and_no_key_at_all_open_nothing(shared_pipeline: Pipeline, refusals: Refusals) -> None:
    stack = shared_pipeline.deployed
    stranger = Endpoint(stack.endpoint, stack.region, Credentials("nobody-has-this-key", "none"))
    with pytest.raises(ClientError, match="does not exist in our records"):
        stranger.s3.list_objects_v2(Bucket=stack.distribution_bucket)
    unsigned = Config(signature_version=UNSIGNED, s3={"addressing_style": "path"})
    anybody = boto3.client("s3", region_name=stack.region, endpoint_url=stack.endpoint, config=unsigned)
    refused(anybody.list_objects_v2, Bucket=stack.distribution_bucket)
    assert [refusal.principal for refusal in refusals()] == ["anonymous"]


@pytest.mark.requirement("PULL-REQ-01")
def test_a_role_is_assumed_by_whom_it_trusts_alone_and_with_the_external_id(
    shared_pipeline: Pipeline, refusals: Refusals
) -> None:
    stack = shared_pipeline.deployed
    root = Endpoint(stack.endpoint, stack.region)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "agreed"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = root.iam.create_role(RoleName="with-external-id", AssumeRolePolicyDocument=document)["Role"]
    try:
        refused(assumed_role, root=root, role_arn=role["Arn"], session="without")
        refused(assumed_role, root=root, role_arn=role["Arn"], session="wrong", external_id="guessed")
        assumed_role(root, role["Arn"], session="right", external_id="agreed")
    finally:
        root.iam.delete_role(RoleName="with-external-id")
    function = root.functions.get_function_configuration(FunctionName=stack.aggregator_function)
    refused(assumed_role, root=root, role_arn=function["Role"], session="not-lambda")
    assert {refusal.action for refusal in refusals()} == {"sts:AssumeRole"}
    assert credentials_of(stack, "external-party").session_token


# --- a statement that is lost is told by name


@pytest.fixture(scope="module")
def weakened_pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    """A deployment of its own, whose statements are dropped one after another."""
    return deploy_pipeline()


@contextmanager
def role_without(pipeline: Pipeline, role_arn: str, action: str) -> Generator[None]:
    """Take an action from the one policy of a role."""
    iam, role = pipeline.aws.iam, role_arn.rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole: Any = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    weakened = json.loads(json.dumps(whole))
    for statement in weakened["Statement"]:
        if statement["Effect"] == "Allow" and action in statement["Action"]:
            statement["Action"].remove(action)
    assert weakened != whole
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(weakened))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))


def without(document: str, sid: str) -> str:
    """Return a policy without one statement."""
    policy = json.loads(document)
    kept = [statement for statement in policy["Statement"] if statement.get("Sid") != sid]
    assert len(kept) == len(policy["Statement"]) - 1, policy
    return json.dumps({**policy, "Statement": kept})


def wait_for_refusal(refusals: Refusals, principal: str, action: str) -> Refusal:
    """Wait until something was refused to somebody."""
    seen: list[Refusal] = []

    def found() -> list[Refusal]:
        seen.extend(refusals())
        return [refusal for refusal in seen if principal in refusal.principal and refusal.action == action]

    return wait_until(f"a refusal of {action}", found, bool)[0]


@pytest.mark.requirement("PULL-NFR-06")
def test_an_aggregator_that_may_not_read_versions_is_told_by_name(
    weakened_pipeline: Pipeline, refusals: Refusals
) -> None:
    stack = weakened_pipeline.deployed
    functions = weakened_pipeline.aws.functions
    role = functions.get_function_configuration(FunctionName=stack.aggregator_function)["Role"]
    with role_without(weakened_pipeline, role, "s3:GetObjectVersion"):
        weakened_pipeline.land("unread")
        told = wait_for_refusal(refusals, role.rpartition("/")[2], "s3:GetObjectVersion")
    assert told.resource == f"arn:aws:s3:::{stack.landing_bucket}/unread"
    assert told.reason == "no identity-based policy allows it"


@pytest.mark.requirement("PULL-REQ-01")
def test_a_queue_that_does_not_let_s3_send_is_told_by_name(weakened_pipeline: Pipeline, refusals: Refusals) -> None:
    stack, sqs = weakened_pipeline.deployed, weakened_pipeline.aws.sqs
    url = stack.ingest_queue_url
    whole = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    for_s3 = next(each["Sid"] for each in json.loads(whole)["Statement"] if "Service" in each.get("Principal", {}))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": without(whole, for_s3)})
    try:
        weakened_pipeline.land("unheard")
        told = wait_for_refusal(refusals, "s3.amazonaws.com", "sqs:SendMessage")
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": whole})
    assert told.resource.endswith(url.rpartition("/")[2])
    assert told.reason == "no resource-based policy allows it"


@pytest.mark.requirement("PULL-REQ-06")
def test_a_consumer_that_may_not_delete_is_told_by_name(weakened_pipeline: Pipeline, refusals: Refusals) -> None:
    stack = weakened_pipeline.deployed
    weakened_pipeline.aws.s3.put_object(Bucket=stack.distribution_bucket, Key=KEY, Body=b"")
    s3 = endpoint_of(stack, "consumer").s3
    with role_without(weakened_pipeline, stack.consumer_role_arn, "s3:DeleteObject"):
        refused(s3.delete_object, Bucket=stack.distribution_bucket, Key=KEY)
        wait_for_refusal(refusals, stack.consumer_role_arn.rpartition("/")[2], "s3:DeleteObject")
    s3.delete_object(Bucket=stack.distribution_bucket, Key=KEY)


def test_alarms_that_may_not_encrypt_for_their_topic_are_told_by_name(
    weakened_pipeline: Pipeline, refusals: Refusals
) -> None:
    stack, aws = weakened_pipeline.deployed, weakened_pipeline.aws
    alarms = aws.cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    alarm = next(each["AlarmName"] for each in alarms if stack.alarm_topic_arn in each["AlarmActions"])
    key = aws.sns.get_topic_attributes(TopicArn=stack.alarm_topic_arn)["Attributes"]["KmsMasterKeyId"]
    whole = aws.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    refusals()

    def ring() -> None:
        for state in ("OK", "ALARM"):
            aws.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="a test")

    ring()
    assert refusals() == []
    aws.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=without(whole, "EncryptAlarms"))
    try:
        ring()
        told = wait_for_refusal(refusals, "cloudwatch.amazonaws.com", "kms:GenerateDataKey")
    finally:
        aws.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=whole)
    assert told.resource == key
